//! What will run: every node with its name, address and role, every number derived, nothing left to decide.

mod acl;
mod auth;
mod directives;
mod master;
mod monitoring;
mod nodes;
mod platform;
mod secrets;
mod sentinel;
mod tls;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::{
    acl::AclUser,
    auth::{Auth, Notifications, Webhook},
    directives::Directive,
    master::{Cpu, Master, Persistence, Watch},
    monitoring::Monitoring,
    nodes::{DataNode, SentinelNode},
    platform::{Engine, Host, Kubernetes, Logging, Network, Placement},
    secrets::Secret,
    sentinel::SentinelSet,
    tls::{Issuer, Tls},
};
use crate::{rules::Validated, spec::Spec};

/// Where the parts of a pod's configuration are mounted.
const MOUNT: &str = "/etc/redisforge";

/// What will run.
#[derive(Clone, Debug, Serialize)]
pub struct Topology {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// The cluster, on Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<Kubernetes>,
    /// The machines, on hosts.
    pub hosts: Vec<Host>,
    pub engine: Engine,
    pub masters: Vec<Master>,
    pub sentinel: SentinelSet,
    pub placement: Placement,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    pub network: Network,
    pub notifications: Notifications,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<Monitoring>,
    pub logging: Logging,
    pub patience: Patience,
}

/// How long start scripts look for better evidence.
#[derive(Clone, Debug, Serialize)]
pub struct Patience {
    /// Before a data node follows what it knew last.
    pub decision_seconds: u32,
    /// Before a data node gives up waiting for a better copy than its own.
    pub wait_seconds: u32,
    /// Before a Sentinel that remembers nothing starts without the masters that it cannot find.
    pub sentinel_seconds: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { decision_seconds: 5, wait_seconds: 60, sentinel_seconds: 30 }
    }
}

impl Topology {
    #[must_use]
    pub fn on_kubernetes(&self) -> bool {
        self.kubernetes.is_some()
    }

    #[must_use]
    pub fn on_hosts(&self) -> bool {
        self.kubernetes.is_none()
    }

    /// Whether somebody collects metrics.
    #[must_use]
    pub fn is_monitored(&self) -> bool {
        self.monitoring.is_some()
    }

    /// Everything that the deployment expects to exist: Secrets with their keys, or files.
    #[must_use]
    pub fn expectations(&self) -> Vec<String> {
        auth::expectations(self)
    }
}

impl From<Validated> for Topology {
    fn from(validated: Validated) -> Self {
        let spec: Spec = validated.into_inner();
        Self {
            name: spec.metadata.name.clone(),
            namespace: spec.metadata.namespace.clone(),
            labels: spec.metadata.labels.clone(),
            annotations: spec.metadata.annotations.clone(),
            kubernetes: platform::kubernetes(&spec),
            hosts: platform::hosts(&spec),
            engine: platform::engine(&spec),
            masters: spec
                .spec
                .masters
                .iter()
                .map(|master| Master::from_spec(&spec, master))
                .collect(),
            sentinel: SentinelSet::from_spec(&spec),
            placement: platform::placement(&spec),
            auth: Auth::from_spec(&spec),
            tls: Tls::from_spec(&spec),
            network: platform::network(&spec),
            notifications: Notifications::from_spec(&spec),
            monitoring: Monitoring::from_spec(&spec),
            logging: platform::logging(&spec),
            patience: Patience::default(),
        }
    }
}
