//! `spec.sentinel`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{config::Config, masters::MasterSentinel, redis::Cpu};

/// Sentinels on Kubernetes: the smallest set that survives a loss.
pub(super) const DEFAULT_INSTANCES: u32 = 3;

/// The Sentinels, which watch all masters.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Sentinel {
    /// Port of the Sentinels; the TLS port when `tls.mode` is `Required`. Default: 26379.
    pub port: u32,
    /// Port that Sentinels announce instead of `port`, where NAT translates it.
    pub announce_port: Option<u32>,
    /// Number of Sentinels, odd and at least 3. Default: 3; on hosts it follows from the hosts.
    pub instances: Option<u32>,
    /// Sentinels that must agree before a failover starts. Default, and the only right value: instances / 2 + 1.
    pub quorum: Option<u32>,
    /// Milliseconds without a valid reply after which a Sentinel takes a master for down. Default: 10000.
    pub down_after_milliseconds: u32,
    /// Milliseconds that bound the steps of a failover; a failed one is tried again after twice this. Default: 60000.
    pub failover_timeout_milliseconds: u32,
    /// Replicas that are pointed at a new master at the same time. Default: 1.
    pub parallel_syncs: u32,
    /// Memory of one Sentinel: request and limit on Kubernetes. Default: `128Mi`.
    pub memory: String,
    /// CPU of one Sentinel. Default: request `100m`, no limit.
    pub cpu: Cpu,
    /// Volume that keeps epochs and the current master through a blackout.
    pub persistence: SentinelPersistence,
    /// Any further sentinel.conf directive, checked against the table of engine and version.
    pub config: Config,
}

impl Default for Sentinel {
    fn default() -> Self {
        let MasterSentinel {
            down_after_milliseconds,
            failover_timeout_milliseconds,
            parallel_syncs,
        } = MasterSentinel::default();
        Self {
            port: 26379,
            announce_port: None,
            instances: None,
            quorum: None,
            down_after_milliseconds,
            failover_timeout_milliseconds,
            parallel_syncs,
            memory: "128Mi".into(),
            cpu: Cpu { request: Some("100m".into()), limit: None },
            persistence: SentinelPersistence::default(),
            config: Config::default(),
        }
    }
}

/// The volume of one Sentinel.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SentinelPersistence {
    /// Size of the volume. Default: `1Gi`.
    pub size: String,
    /// StorageClass of the volume. Default: that of the cluster.
    pub storage_class_name: Option<String>,
}

impl Default for SentinelPersistence {
    fn default() -> Self {
        Self { size: "1Gi".into(), storage_class_name: None }
    }
}
