//! Every node with its name and the address that it announces.

use serde::Serialize;

use crate::{
    object_names,
    spec::{self, Announce, Role, Spec},
};

/// A node that may be master or replica.
#[derive(Clone, Debug, Serialize)]
pub struct DataNode {
    /// Name of its pod or host.
    pub name: String,
    /// Name or address that it announces.
    pub host: String,
    /// Port that it announces.
    pub port: u32,
    /// Whether it is master at the very first start.
    pub seed: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct SentinelNode {
    /// Name of its pod or host.
    pub name: String,
    /// Name or address that it announces.
    pub host: String,
    /// Port that it announces.
    pub port: u32,
}

pub(super) fn data(spec: &Spec, master: &spec::Master) -> Vec<DataNode> {
    let port = master.redis.announce_port.unwrap_or(master.redis.port);
    if spec.on_kubernetes() {
        let object = object_names::data(spec, master);
        return (0..=spec.replicas_of(master))
            .map(|ordinal| DataNode {
                name: format!("{object}-{ordinal}"),
                host: pod_host(spec, &object, ordinal),
                port,
                seed: ordinal == 0,
            })
            .collect();
    }
    let first = spec.hosts_of(master).next().map(|host| &host.name);
    let seed = master.initial_master.as_ref().or(first);
    spec.hosts_of(master)
        .map(|host| DataNode {
            name: host.name.clone(),
            host: announced(spec, host),
            port,
            seed: Some(&host.name) == seed,
        })
        .collect()
}

pub(super) fn sentinels(spec: &Spec) -> Vec<SentinelNode> {
    let port = spec.spec.sentinel.announce_port.unwrap_or(spec.spec.sentinel.port);
    if spec.on_kubernetes() {
        let object = object_names::sentinel(spec);
        return (0..spec.sentinel_instances())
            .map(|ordinal| SentinelNode {
                name: format!("{object}-{ordinal}"),
                host: pod_host(spec, &object, ordinal),
                port,
            })
            .collect();
    }
    spec.spec
        .platform
        .hosts_with(Role::Sentinel)
        .map(|host| SentinelNode { name: host.name.clone(), host: announced(spec, host), port })
        .collect()
}

/// A pod's name in DNS. Without a namespace only the short form is sure to be right, inside the namespace.
fn pod_host(spec: &Spec, object: &str, ordinal: u32) -> String {
    let short = format!("{object}-{ordinal}.{object}");
    match &spec.metadata.namespace {
        Some(namespace) => {
            format!("{short}.{namespace}.svc.{}", spec.spec.platform.kubernetes.cluster_domain)
        }
        None => short,
    }
}

fn announced(spec: &Spec, host: &spec::Host) -> String {
    match spec.announce() {
        Announce::Hostname => host.name.clone(),
        Announce::Address => host.address.clone(),
    }
}
