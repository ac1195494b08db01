//! What Prometheus scrapes: the exporters, and which node each of their pages is about.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;

use crate::topology::Topology;

const EXPORTER_PORT: u32 = 9121;

/// Pods that a monitor finds, and what they announce.
#[derive(Serialize)]
pub struct Workload<'a> {
    /// Name of their `StatefulSet` and of the Service that names them.
    object: &'a str,
    port: u32,
}

/// One page of one exporter.
#[derive(Serialize)]
pub struct Target<'a> {
    address: String,
    labels: BTreeMap<&'static str, Cow<'a, str>>,
}

/// Labels of an object that belongs to the whole deployment: the user's, those that the operator looks for, and ours.
pub fn labels(topology: &Topology, wanted: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut labels = topology.labels.clone();
    labels.extend(wanted.clone());
    labels.extend(selector(topology).map(|(key, value)| (key.into(), value.into())));
    labels.insert("app.kubernetes.io/managed-by".into(), "redisforge".into());
    labels
}

/// Labels that all pods and Services of a deployment have.
pub fn selector(topology: &Topology) -> [(&str, &str); 2] {
    [("app.kubernetes.io/name", "redis"), ("app.kubernetes.io/instance", &topology.name)]
}

pub fn workloads(topology: &Topology) -> Vec<Workload<'_>> {
    let masters = topology
        .masters
        .iter()
        .map(|master| Workload { object: &master.object, port: master.announce_port });
    let sentinel = &topology.sentinel;
    masters.chain([Workload { object: &sentinel.object, port: sentinel.announce_port }]).collect()
}

/// What stands after the name of a pod that this deployment announces: nothing where only its namespace knows it.
pub fn domain(topology: &Topology) -> String {
    match (&topology.namespace, &topology.kubernetes) {
        (Some(namespace), Some(kubernetes)) => {
            format!(".{namespace}.svc.{}", kubernetes.cluster_domain)
        }
        _ => String::new(),
    }
}

/// Where an exporter shows its metrics: one beside each node those of its node, one on a host those it is asked for.
pub fn path(topology: &Topology) -> &'static str {
    if topology.on_hosts() { "/scrape" } else { "/metrics" }
}

pub fn targets(topology: &Topology) -> Vec<Target<'_>> {
    let data = topology.masters.iter().flat_map(|master| {
        let nodes = master.nodes.iter();
        nodes.map(|node| target(topology, Some(&master.name), &node.name, &node.host, node.port))
    });
    let sentinels = topology.sentinel.nodes.iter();
    data.chain(sentinels.map(|node| target(topology, None, &node.name, &node.host, node.port)))
        .collect()
}

fn target<'a>(
    topology: &'a Topology,
    master: Option<&'a str>,
    name: &str,
    host: &str,
    port: u32,
) -> Target<'a> {
    let component = if master.is_some() { "redis" } else { "sentinel" };
    let mut labels = BTreeMap::from([
        ("topology", topology.name.as_str().into()),
        ("component", component.into()),
        // As Sentinel's metrics write the master's address, also where it is an IPv6 one.
        ("instance", format!("{host}:{port}").into()),
    ]);
    labels.extend(master.map(|master| ("master", master.into())));
    let machine = topology.hosts.iter().find(|machine| machine.name == name);
    if machine.is_some() {
        let scheme = if topology.tls.is_some() { "rediss" } else { "redis" };
        labels.insert("__param_target", format!("{scheme}://{}", authority(host, port)).into());
    }
    Target {
        address: authority(machine.map_or(host, |machine| &machine.address), EXPORTER_PORT),
        labels,
    }
}

fn authority(host: &str, port: u32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
