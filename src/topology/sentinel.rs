//! The Sentinels.

use serde::Serialize;

use super::{
    acl::{self, AclUser},
    directives::{self, Directive},
    master::Cpu,
    nodes::{self, SentinelNode},
};
use crate::{object_names, quantity, spec::Spec};

#[derive(Clone, Debug, Serialize)]
pub struct SentinelSet {
    /// Name of its objects, on Kubernetes.
    pub object: String,
    pub port: u32,
    pub announce_port: u32,
    pub instances: u32,
    pub quorum: u32,
    pub majority: u32,
    pub nodes: Vec<SentinelNode>,
    pub memory: String,
    pub memory_bytes: u64,
    pub cpu: Cpu,
    pub size: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Further directives of sentinel.conf, sorted.
    pub directives: Vec<Directive>,
    /// Sentinel's own users, with `acl: LeastPrivilege`.
    pub users: Vec<AclUser>,
}

impl SentinelSet {
    pub(super) fn from_spec(spec: &Spec) -> Self {
        let sentinel = &spec.spec.sentinel;
        let instances = spec.sentinel_instances();
        Self {
            object: object_names::sentinel(spec),
            port: sentinel.port,
            announce_port: sentinel.announce_port.unwrap_or(sentinel.port),
            instances,
            quorum: spec.quorum(),
            majority: instances / 2 + 1,
            nodes: nodes::sentinels(spec),
            memory: sentinel.memory.clone(),
            memory_bytes: quantity::bytes(&sentinel.memory).unwrap_or(0),
            cpu: Cpu::from(&sentinel.cpu),
            size: sentinel.persistence.size.clone(),
            storage_class: sentinel.persistence.storage_class_name.clone(),
            directives: directives::sentinel(spec),
            users: acl::sentinel_users(spec),
        }
    }
}
