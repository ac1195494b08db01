//! The Kubernetes objects: one view for each, from what a workload's pods, Services and policies share.

mod labels;
mod network;
mod workload;

use std::collections::BTreeMap;

use tera::{Context, Value};

use self::{
    labels::Labels,
    workload::{Claim, Resources},
};
use super::{
    Plan,
    config::{self, File},
    monitoring,
};
use crate::topology::{Master, Topology};

const FOLDER: &str = "kubernetes/";
const KUSTOMIZATION: &str = "kubernetes/kustomization.yaml";
/// Which container `kubectl exec` and `kubectl logs` take of a pod.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";
/// Sentinel reads a file of some kilobytes at its start.
const SENTINEL_STARTUP_SECONDS: u64 = 60;

#[must_use]
pub fn has_network_policy(topology: &Topology) -> bool {
    topology.on_kubernetes() && topology.network.policy
}

#[must_use]
pub fn has_read_service(topology: &Topology) -> bool {
    topology.on_kubernetes() && topology.network.read_service
}

#[must_use]
pub fn has_certificate(topology: &Topology) -> bool {
    topology.on_kubernetes() && topology.tls.as_ref().is_some_and(|tls| tls.issuer.is_some())
}

/// All objects, in the order in which they are applied.
#[must_use]
pub fn kustomization(plan: &Plan<'_>) -> Context {
    let objects = plan.paths.iter().filter(|path| *path != KUSTOMIZATION);
    let resources: Vec<&str> = objects.filter_map(|path| path.strip_prefix(FOLDER)).collect();
    let mut context = plan.context();
    context.insert("resources", &resources);
    context
}

/// The list of members.
#[must_use]
pub fn members(plan: &Plan<'_>) -> Context {
    let mut context = plan.context();
    context.insert("labels", &Labels::of(plan.topology).on_object(plan.topology));
    context.insert("members", &plan.partial("members", &plan.context()));
    context
}

/// What the data pods of all masters share.
#[must_use]
pub fn redis_component(plan: &Plan<'_>) -> Context {
    component(plan, &Labels::of(plan.topology).component("redis"))
}

/// What the Sentinel pods share.
#[must_use]
pub fn sentinel_component(plan: &Plan<'_>) -> Context {
    component(plan, &of_sentinels(plan.topology))
}

fn component(plan: &Plan<'_>, selector: &Labels) -> Context {
    let topology = plan.topology;
    let mut context = plan.context();
    context.insert("labels", &selector.on_object(topology));
    context.insert("selector", selector);
    context.insert("peers", &Labels::of(topology));
    context.insert("clients", &network::clients(topology));
    context.insert("redis_ports", &network::redis_ports(topology));
    context.insert("alertmanager_ports", &network::alertmanager_ports(topology));
    context
}

/// What the objects of one master share.
#[must_use]
pub fn master(plan: &Plan<'_>, master: &Master) -> Context {
    workloads(plan)[&master.object].clone()
}

/// The files of a master's data nodes.
#[must_use]
pub fn master_files(plan: &Plan<'_>, master: &Master) -> Context {
    let mut context = self::master(plan, master);
    context.insert_value("files", blocks(config::data_files(plan, master)));
    context
}

/// The data pods of a master.
#[must_use]
pub fn master_pods(plan: &Plan<'_>, master: &Master) -> Context {
    let mut context = self::master(plan, master);
    let secrets =
        plan.topology.auth.iter().flat_map(|auth| auth.secrets.iter().chain(&auth.user_secrets));
    context.insert_value("master", plan.master(master));
    context.insert("resources", &Resources::new(&master.cpu, &master.memory));
    context.insert("startup_failures", &workload::startup_failures(master.startup_seconds));
    context.insert("secrets", &workload::projected(secrets));
    if let Some(claim) = Claim::of(&master.persistence) {
        context.insert("claim", &claim);
    }
    context.insert("pod_labels", &of_master(plan.topology, master).on_pod(&master.pod_labels));
    let checksum = workload::checksum(config::data_files(plan, master));
    context.insert("pod_annotations", &annotations(&master.pod_annotations, "redis", checksum));
    context
}

/// What the objects of the Sentinels share.
#[must_use]
pub fn sentinel(plan: &Plan<'_>) -> Context {
    workloads(plan)[&plan.topology.sentinel.object].clone()
}

/// The files of the Sentinels.
#[must_use]
pub fn sentinel_files(plan: &Plan<'_>) -> Context {
    let mut context = sentinel(plan);
    context.insert_value("files", blocks(config::sentinel_files(plan)));
    context
}

/// The Sentinel pods.
#[must_use]
pub fn sentinel_pods(plan: &Plan<'_>) -> Context {
    let topology = plan.topology;
    let set = &topology.sentinel;
    let mut context = sentinel(plan);
    let secrets =
        topology.auth.iter().flat_map(|auth| &auth.secrets).chain(&topology.notifications.secrets);
    context.insert("resources", &Resources::new(&set.cpu, &set.memory));
    context.insert("startup_failures", &workload::startup_failures(SENTINEL_STARTUP_SECONDS));
    context.insert("secrets", &workload::projected(secrets));
    context.insert("claim", &Claim::new(&set.size, set.storage_class.as_deref()));
    context.insert("pod_labels", &of_sentinels(topology).on_pod(&BTreeMap::new()));
    let checksum = workload::checksum(config::sentinel_files(plan));
    context.insert("pod_annotations", &annotations(&BTreeMap::new(), "sentinel", checksum));
    context
}

fn blocks(files: &[File]) -> Value {
    files.iter().map(Value::from).collect::<Vec<_>>().into()
}

fn of_master(topology: &Topology, master: &Master) -> Labels {
    Labels::of(topology).component("redis").master(&master.name)
}

fn of_sentinels(topology: &Topology) -> Labels {
    Labels::of(topology).component("sentinel")
}

/// What the objects of each `StatefulSet` share, by its name.
fn workloads<'p>(plan: &'p Plan<'_>) -> &'p BTreeMap<String, Context> {
    let of_master = |master: &Master| {
        let services = [master.object.clone(), format!("{}-read", master.object)];
        let hosts: Vec<&str> = master.nodes.iter().map(|node| node.host.as_str()).collect();
        workload(plan, &of_master(plan.topology, master), &services, master.port, &hosts)
    };
    let of_sentinels = || {
        let sentinel = &plan.topology.sentinel;
        let services = [sentinel.object.clone(), format!("{}-client", sentinel.object)];
        let hosts: Vec<&str> = sentinel.nodes.iter().map(|node| node.host.as_str()).collect();
        workload(plan, &of_sentinels(plan.topology), &services, sentinel.port, &hosts)
    };
    plan.workloads.get_or_init(|| {
        let masters = plan.topology.masters.iter();
        let sentinels = (plan.topology.sentinel.object.clone(), of_sentinels());
        masters
            .map(|master| (master.object.clone(), of_master(master)))
            .chain([sentinels])
            .collect()
    })
}

/// What a `StatefulSet` shares with its companions. The first of its Services is the headless one, whose name it has.
fn workload(
    plan: &Plan<'_>,
    selector: &Labels,
    services: &[String; 2],
    port: u32,
    hosts: &[&str],
) -> Context {
    let topology = plan.topology;
    let object = &services[0];
    let placement = &topology.placement;
    let mut context = plan.context();
    context.insert("object", object);
    context.insert("port", &port);
    context.insert("replicas", &hosts.len());
    context.insert("labels", &selector.on_object(topology));
    context.insert("selector", selector);
    context.insert("dns_names", &network::dns_names(topology, services, hosts));
    context.insert("spreads_over_zones", &(placement.zones_required || placement.zones_preferred));
    context.insert("zones_needed", &placement.zones.len().min(hosts.len()).max(1));
    if let Some(tls) = &topology.tls {
        context
            .insert("tls_secret", &tls.secret.clone().unwrap_or_else(|| format!("{object}-tls")));
    }
    insert_exporter(&mut context, topology);
    context
}

/// What the exporter beside each server mounts and shows.
fn insert_exporter(context: &mut Context, topology: &Topology) {
    let (auth, tls) = (topology.auth.as_ref(), topology.tls.as_ref());
    let monitoring = topology.monitoring.as_ref();
    let logs_in = monitoring.is_some() && auth.is_some();
    let encrypts = monitoring.is_some() && tls.is_some();
    context.insert("exporter_logs_in", &logs_in);
    context.insert("exporter_encrypts", &encrypts);
    context.insert("exporter_mounts", &(logs_in || encrypts));
    context.insert("exporter_shows_certificate", &tls.is_some_and(|tls| tls.auth_clients == "yes"));
    if let Some(monitoring) = monitoring {
        let resources = Resources::new(&monitoring.exporter_cpu, &monitoring.exporter_memory);
        context.insert("exporter_resources", &resources);
        context.insert("exporter_patience", &monitoring::exporter_patience(topology));
    }
}

/// Annotations of pods, which roll when a file of theirs changes.
fn annotations(
    written: &BTreeMap<String, String>,
    container: &str,
    checksum: String,
) -> BTreeMap<String, String> {
    let mut annotations = written.clone();
    // Whoever asks a pod means this one; without it kubectl says each time which one it took.
    annotations.entry(DEFAULT_CONTAINER.into()).or_insert_with(|| container.into());
    annotations.insert("redisforge.dev/config-checksum".into(), checksum);
    annotations
}
