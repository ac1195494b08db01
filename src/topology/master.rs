//! A master with its data nodes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    directives::{self, Directive},
    nodes::{self, DataNode},
};
use crate::{
    object_names, quantity,
    spec::{self, PersistenceType, Spec},
};

/// A node that loads slower than this is broken.
const LOAD_BYTES_PER_SECOND: u64 = 20 << 20;
/// Seconds that a start may take beside loading.
const START_SECONDS: u64 = 60;
/// What Redis takes when `maxclients` is not written.
const DEFAULT_MAXCLIENTS: u64 = 10_000;

#[derive(Clone, Debug, Serialize)]
pub struct Master {
    pub name: String,
    /// Name of its objects, on Kubernetes.
    pub object: String,
    pub port: u32,
    /// Port that is announced.
    pub announce_port: u32,
    pub replicas: u32,
    pub nodes: Vec<DataNode>,
    pub memory: String,
    pub memory_bytes: u64,
    pub maxmemory_bytes: u64,
    pub maxmemory_policy: String,
    pub backlog_bytes: u64,
    pub maxclients: u64,
    pub cpu: Cpu,
    pub persistence: Persistence,
    pub min_replicas_to_write: u32,
    pub min_replicas_max_lag: u32,
    pub watch: Watch,
    /// Further directives of redis.conf, sorted.
    pub directives: Vec<Directive>,
    pub termination_grace_period_seconds: u32,
    /// Seconds that a start may take before the startup probe gives up.
    pub startup_seconds: u64,
    pub pod_labels: BTreeMap<String, String>,
    pub pod_annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Cpu {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Persistence {
    /// As the spec spells it.
    pub name: &'static str,
    pub aof: bool,
    pub rdb: bool,
    pub size: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    pub cache_only: bool,
}

/// How Sentinel watches a master.
#[derive(Clone, Debug, Serialize)]
pub struct Watch {
    pub down_after_milliseconds: u32,
    pub failover_timeout_milliseconds: u32,
    pub parallel_syncs: u32,
}

impl From<&spec::Cpu> for Cpu {
    fn from(cpu: &spec::Cpu) -> Self {
        Self { request: cpu.request.clone(), limit: cpu.limit.clone() }
    }
}

impl Master {
    pub(super) fn from_spec(spec: &Spec, master: &spec::Master) -> Self {
        let redis = &master.redis;
        let memory_bytes = quantity::bytes(&redis.memory).unwrap_or(0);
        let directives = directives::server(spec, master);
        let size = |name: &str| directives::size(&directives, name);
        Self {
            name: master.name.clone(),
            object: object_names::data(spec, master),
            port: redis.port,
            announce_port: redis.announce_port.unwrap_or(redis.port),
            replicas: spec.replicas_of(master),
            nodes: nodes::data(spec, master),
            memory: redis.memory.clone(),
            memory_bytes,
            maxmemory_bytes: size("maxmemory").unwrap_or(0),
            maxmemory_policy: directives::text(&directives, "maxmemory-policy"),
            backlog_bytes: size("repl-backlog-size").unwrap_or(0),
            maxclients: size("maxclients").unwrap_or(DEFAULT_MAXCLIENTS),
            cpu: Cpu::from(&redis.cpu),
            persistence: persistence(&redis.persistence),
            min_replicas_to_write: spec.min_replicas_of(master),
            min_replicas_max_lag: redis.min_replicas.max_lag_seconds,
            watch: Watch {
                down_after_milliseconds: master.sentinel.down_after_milliseconds,
                failover_timeout_milliseconds: master.sentinel.failover_timeout_milliseconds,
                parallel_syncs: master.sentinel.parallel_syncs,
            },
            directives,
            termination_grace_period_seconds: redis.termination_grace_period_seconds,
            startup_seconds: START_SECONDS + memory_bytes / LOAD_BYTES_PER_SECOND,
            pod_labels: redis.pod_labels.clone(),
            pod_annotations: redis.pod_annotations.clone(),
        }
    }
}

fn persistence(persistence: &spec::Persistence) -> Persistence {
    Persistence {
        name: match persistence.r#type {
            PersistenceType::Aof => "AOF",
            PersistenceType::Rdb => "RDB",
            PersistenceType::AofAndRdb => "AOFAndRDB",
            PersistenceType::None => "None",
        },
        aof: persistence.r#type.has_aof(),
        rdb: persistence.r#type.has_rdb(),
        size: persistence.size.clone(),
        storage_class: persistence.storage_class_name.clone(),
        cache_only: persistence.cache_only,
    }
}
