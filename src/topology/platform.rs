//! Where it runs: cluster, machines, programs, placement, network, log.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::spec::{Announce, EngineType, LoggingType, Peer, Role, Spec, Spread, Toleration};

#[derive(Clone, Debug, Serialize)]
pub struct Kubernetes {
    pub version: String,
    pub cluster_domain: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Engine {
    /// `Redis` or `Valkey`.
    pub name: &'static str,
    pub version: String,
    pub image: String,
    pub image_pull_secrets: Vec<String>,
    /// Name of the server program.
    pub server: String,
    /// Name of the client program.
    pub cli: String,
}

/// A machine, and what runs on it.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    pub name: String,
    pub address: String,
    pub bind: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Names of the masters that have a node here.
    pub masters: Vec<String>,
    pub has_sentinel: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Placement {
    pub nodes_required: bool,
    pub nodes_preferred: bool,
    pub zones_required: bool,
    pub zones_preferred: bool,
    pub zones: Vec<String>,
    pub node_selector: BTreeMap<String, String>,
    pub tolerations: Vec<Toleration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class_name: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Network {
    /// Whether nodes are known by name.
    pub announce_hostnames: bool,
    pub policy: bool,
    pub allow_from: Vec<Peer>,
    pub read_service: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Logging {
    pub file: bool,
    /// Facility, with syslog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syslog: Option<&'static str>,
}

pub(super) fn kubernetes(spec: &Spec) -> Option<Kubernetes> {
    let kubernetes = &spec.spec.platform.kubernetes;
    spec.on_kubernetes().then(|| Kubernetes {
        version: kubernetes.version.clone(),
        cluster_domain: kubernetes.cluster_domain.clone(),
    })
}

pub(super) fn engine(spec: &Spec) -> Engine {
    let (name, server, cli) = match spec.spec.engine.r#type {
        EngineType::Redis => ("Redis", "redis-server", "redis-cli"),
        EngineType::Valkey => ("Valkey", "valkey-server", "valkey-cli"),
    };
    Engine {
        name,
        version: spec.spec.engine.version().into(),
        image: spec.image(),
        image_pull_secrets: spec
            .spec
            .engine
            .image_pull_secrets
            .iter()
            .map(|secret| secret.name.clone())
            .collect(),
        server: server.into(),
        cli: cli.into(),
    }
}

pub(super) fn hosts(spec: &Spec) -> Vec<Host> {
    spec.spec
        .platform
        .hosts
        .iter()
        .map(|host| Host {
            name: host.name.clone(),
            address: host.address.clone(),
            bind: host.bind(),
            zone: host.zone.clone(),
            masters: spec
                .spec
                .masters
                .iter()
                .filter(|master| spec.hosts_of(master).any(|other| other.name == host.name))
                .map(|master| master.name.clone())
                .collect(),
            has_sentinel: host.roles.contains(&Role::Sentinel),
        })
        .collect()
}

pub(super) fn placement(spec: &Spec) -> Placement {
    let placement = &spec.spec.placement;
    Placement {
        nodes_required: placement.nodes() == Spread::Required,
        nodes_preferred: placement.nodes() == Spread::Preferred,
        zones_required: placement.zones.spread() == Spread::Required,
        zones_preferred: placement.zones.spread() == Spread::Preferred,
        zones: placement.zones.names.clone(),
        node_selector: placement.node_selector.clone(),
        tolerations: placement.tolerations.clone(),
        priority_class_name: placement.priority_class_name.clone(),
    }
}

pub(super) fn network(spec: &Spec) -> Network {
    let network = &spec.spec.network;
    Network {
        announce_hostnames: spec.announce() == Announce::Hostname,
        policy: network.policy.enabled,
        allow_from: network.policy.allow_from.clone(),
        read_service: network.read_service,
    }
}

pub(super) fn logging(spec: &Spec) -> Logging {
    let logging = &spec.spec.logging;
    Logging {
        file: logging.r#type == LoggingType::File && spec.on_hosts(),
        syslog: (logging.r#type == LoggingType::Syslog && spec.on_hosts())
            .then(|| logging.facility.name()),
    }
}
