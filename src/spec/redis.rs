//! `spec.redis` and, merged over it, `spec.masters[].redis`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::Config;

/// Replicas of a master on Kubernetes: one may be in maintenance while another fails.
pub(super) const DEFAULT_REPLICAS: u32 = 2;

/// The data nodes of a master. All of them can become master, so all have the same settings.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Redis {
    /// Port of the data nodes; the TLS port when `tls.mode` is `Required`. Default: 6379.
    pub port: u32,
    /// Port that nodes announce instead of `port`, where NAT translates it.
    pub announce_port: Option<u32>,
    /// Replicas beside the master: 2 means 3 nodes. Default: 2; on hosts it follows from the hosts.
    pub replicas_per_master: Option<u32>,
    /// Memory of one node: request and limit on Kubernetes, what Redis may count on elsewhere. Default: `1Gi`.
    pub memory: String,
    /// CPU of one node. Default: request `250m`, no limit.
    pub cpu: Cpu,
    /// Part of `memory` that data may take, in percent; becomes `maxmemory` unless `config.maxmemory` is written. Default: 70.
    pub maxmemory_percent: u32,
    /// How data outlives a restart.
    pub persistence: Persistence,
    /// Replicas that must be connected before the master takes a write.
    pub min_replicas: MinReplicas,
    /// Any further redis.conf directive, checked against the table of engine and version.
    pub config: Config,
    /// Seconds that Kubernetes waits between asking a pod to stop and killing it. Default: 90.
    pub termination_grace_period_seconds: u32,
    /// Labels for data pods; they restart the pods when they change.
    pub pod_labels: BTreeMap<String, String>,
    /// Annotations for data pods; they restart the pods when they change.
    pub pod_annotations: BTreeMap<String, String>,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            port: 6379,
            announce_port: None,
            replicas_per_master: None,
            memory: "1Gi".into(),
            cpu: Cpu { request: Some("250m".into()), limit: None },
            maxmemory_percent: 70,
            persistence: Persistence::default(),
            min_replicas: MinReplicas::default(),
            config: Config::default(),
            termination_grace_period_seconds: 90,
            pod_labels: BTreeMap::new(),
            pod_annotations: BTreeMap::new(),
        }
    }
}

/// CPU as Kubernetes counts it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Cpu {
    /// CPU that is reserved, such as `500m` or `2`.
    pub request: Option<String>,
    /// CPU above which the process is throttled. Default: none, because throttling looks like an outage to Sentinel.
    pub limit: Option<String>,
}

/// How data outlives a restart.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Persistence {
    /// `AOF` (default), `RDB`, `AOFAndRDB` or `None`. `None` needs `cacheOnly: true` beside it.
    pub r#type: PersistenceType,
    /// Volume of one node. Default: `8Gi`.
    pub size: String,
    /// StorageClass of the volume. Default: that of the cluster.
    pub storage_class_name: Option<String>,
    /// `true` says that losing all data is acceptable; only with `type: None`.
    pub cache_only: bool,
}

impl Default for Persistence {
    fn default() -> Self {
        Self {
            r#type: PersistenceType::Aof,
            size: "8Gi".into(),
            storage_class_name: None,
            cache_only: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum PersistenceType {
    #[serde(rename = "AOF")]
    Aof,
    #[serde(rename = "RDB")]
    Rdb,
    #[serde(rename = "AOFAndRDB")]
    AofAndRdb,
    None,
}

impl PersistenceType {
    #[must_use]
    pub fn has_aof(self) -> bool {
        matches!(self, Self::Aof | Self::AofAndRdb)
    }

    #[must_use]
    pub fn has_rdb(self) -> bool {
        matches!(self, Self::Rdb | Self::AofAndRdb)
    }
}

/// Bounds the writes that a network partition can lose.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MinReplicas {
    /// Connected replicas without which the master refuses writes. Default: 1 with 2 or more replicas, else 0.
    pub to_write: Option<u32>,
    /// Seconds since a replica's last acknowledgement after which it no longer counts. Default: 10.
    pub max_lag_seconds: u32,
}

impl Default for MinReplicas {
    fn default() -> Self {
        Self { to_write: None, max_lag_seconds: 10 }
    }
}
