//! The catalog of generated files: the only place that knows a file's name.

mod entry;

use rayon::prelude::*;

pub use entry::{Each, Entry};
use entry::{
    copies, each_host, each_host_master, each_master, each_sentinel_host, once, program, script,
};

use crate::{
    families::{Plan, Scripts, config, hosts, kubernetes, monitoring, operations},
    templates::Templates,
    topology::Topology,
};

/// One file, not yet on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Below the directory of the topology, with `/`.
    pub path: String,
    pub content: String,
    pub mode: u32,
    /// SHA-256 of its content, if it is the same for every topology.
    pub checksum: Option<&'static str>,
}

/// Scripts of a data node, which lie beside its configuration.
pub const DATA_SCRIPTS: &[&str] = &[
    "scripts/node.sh",
    "scripts/ask.sh",
    "scripts/secrets.sh",
    "scripts/volume.sh",
    "scripts/waiting.sh",
    "scripts/decide-redis.sh",
    "scripts/start-redis.sh",
    "scripts/watch-redis.sh",
    "scripts/stop-redis.sh",
    "scripts/alive.sh",
    "scripts/ready.sh",
    "scripts/exporter-passwords.sh",
];
/// Scripts of a Sentinel.
pub const SENTINEL_SCRIPTS: &[&str] = &[
    "scripts/node.sh",
    "scripts/ask.sh",
    "scripts/secrets.sh",
    "scripts/volume.sh",
    "scripts/waiting.sh",
    "scripts/decide-sentinel.sh",
    "scripts/start-sentinel.sh",
    "scripts/watch-sentinel.sh",
    "scripts/alive.sh",
    "scripts/ready.sh",
    "scripts/post.sh",
    "scripts/notify.sh",
    "scripts/reconfig.sh",
    "scripts/exporter-passwords.sh",
];

/// Whether each host runs an exporter.
fn has_exporter(topology: &Topology) -> bool {
    topology.on_hosts() && topology.is_monitored()
}

/// Every file that can be generated, in the order in which Kubernetes objects are applied.
pub const ENTRIES: &[Entry] = &[
    script("scripts/alive.sh"),
    script("scripts/ask.sh"),
    script("scripts/decide-redis.sh"),
    script("scripts/decide-sentinel.sh"),
    script("scripts/exporter-passwords.sh"),
    script("scripts/node.sh"),
    script("scripts/notify.sh"),
    script("scripts/post.sh"),
    script("scripts/ready.sh"),
    script("scripts/reconfig.sh"),
    script("scripts/secrets.sh"),
    script("scripts/start-redis.sh"),
    script("scripts/start-sentinel.sh"),
    script("scripts/stop-redis.sh"),
    script("scripts/volume.sh"),
    script("scripts/waiting.sh"),
    script("scripts/watch-redis.sh"),
    script("scripts/watch-sentinel.sh"),
    once("kubernetes/members.yaml", Topology::on_kubernetes, kubernetes::members),
    once(
        "kubernetes/redis/serviceaccount.yaml",
        Topology::on_kubernetes,
        kubernetes::redis_component,
    ),
    once(
        "kubernetes/sentinel/serviceaccount.yaml",
        Topology::on_kubernetes,
        kubernetes::sentinel_component,
    ),
    once(
        "kubernetes/redis/networkpolicy.yaml",
        kubernetes::has_network_policy,
        kubernetes::redis_component,
    ),
    once(
        "kubernetes/sentinel/networkpolicy.yaml",
        kubernetes::has_network_policy,
        kubernetes::sentinel_component,
    ),
    each_master(
        "kubernetes/redis/MASTER/configmap.yaml",
        Topology::on_kubernetes,
        kubernetes::master_files,
    ),
    once("kubernetes/sentinel/configmap.yaml", Topology::on_kubernetes, kubernetes::sentinel_files),
    each_master(
        "kubernetes/redis/MASTER/service.yaml",
        Topology::on_kubernetes,
        kubernetes::master,
    ),
    each_master(
        "kubernetes/redis/MASTER/service-read.yaml",
        kubernetes::has_read_service,
        kubernetes::master,
    ),
    once("kubernetes/sentinel/service.yaml", Topology::on_kubernetes, kubernetes::sentinel),
    once("kubernetes/sentinel/service-client.yaml", Topology::on_kubernetes, kubernetes::sentinel),
    each_master(
        "kubernetes/redis/MASTER/certificate.yaml",
        kubernetes::has_certificate,
        kubernetes::master,
    ),
    once("kubernetes/sentinel/certificate.yaml", kubernetes::has_certificate, kubernetes::sentinel),
    each_master(
        "kubernetes/redis/MASTER/poddisruptionbudget.yaml",
        Topology::on_kubernetes,
        kubernetes::master,
    ),
    once(
        "kubernetes/sentinel/poddisruptionbudget.yaml",
        Topology::on_kubernetes,
        kubernetes::sentinel,
    ),
    once(
        "kubernetes/sentinel/statefulset.yaml",
        Topology::on_kubernetes,
        kubernetes::sentinel_pods,
    ),
    each_master(
        "kubernetes/redis/MASTER/statefulset.yaml",
        Topology::on_kubernetes,
        kubernetes::master_pods,
    ),
    once(
        "kubernetes/monitoring/prometheusrule.yaml",
        monitoring::has_rule_object,
        monitoring::prometheus_rule,
    ),
    once("kubernetes/monitoring/podmonitor.yaml", monitoring::has_pod_monitor, monitoring::monitor),
    once(
        "kubernetes/monitoring/servicemonitor.yaml",
        monitoring::has_service_monitor,
        monitoring::monitor,
    ),
    once(
        "kubernetes/monitoring/dashboard.yaml",
        monitoring::has_dashboard_object,
        monitoring::dashboard_object,
    ),
    once("kubernetes/kustomization.yaml", Topology::on_kubernetes, kubernetes::kustomization),
    each_host_master("hosts/HOST/etc/redis/MASTER/redis.conf", |plan, host, master| {
        config::data(plan, master, Some(host))
    }),
    each_host_master("hosts/HOST/etc/redis/MASTER/settings", |plan, host, master| {
        config::data(plan, master, Some(host))
    }),
    each_host_master("hosts/HOST/etc/redis/MASTER/users", |plan, host, master| {
        config::data(plan, master, Some(host))
    }),
    each_host_master("hosts/HOST/etc/redis/MASTER/members", |plan, host, master| {
        config::data(plan, master, Some(host))
    }),
    copies(
        each_host_master("hosts/HOST/etc/redis/MASTER", |plan, _, _| plan.context()),
        DATA_SCRIPTS,
    ),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/sentinel.conf", |plan, host| {
        config::sentinel(plan, Some(host))
    }),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/settings", |plan, host| {
        config::sentinel(plan, Some(host))
    }),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/users", |plan, host| {
        config::sentinel(plan, Some(host))
    }),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/webhooks", |plan, host| {
        config::sentinel(plan, Some(host))
    }),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/members", |plan, host| {
        config::sentinel(plan, Some(host))
    }),
    copies(
        each_sentinel_host("hosts/HOST/etc/redis/sentinel", |plan, _| plan.context()),
        SENTINEL_SCRIPTS,
    ),
    program(each_host(
        "hosts/HOST/etc/redis/exporter/start-exporter.sh",
        has_exporter,
        hosts::exporter,
    )),
    each_host_master("hosts/HOST/etc/systemd/system/redis-MASTER.service", hosts::data_unit),
    each_sentinel_host(
        "hosts/HOST/etc/systemd/system/redis-sentinel.service",
        hosts::sentinel_unit,
    ),
    each_host(
        "hosts/HOST/etc/systemd/system/redis-exporter.service",
        has_exporter,
        hosts::exporter,
    ),
    each_host("hosts/HOST/etc/sysctl.d/30-redis.conf", Topology::on_hosts, hosts::kernel),
    each_host("hosts/HOST/etc/tmpfiles.d/redis.conf", Topology::on_hosts, hosts::host),
    each_host("hosts/HOST/etc/logrotate.d/redis", |topology| topology.logging.file, hosts::host),
    program(each_host("hosts/HOST/install.sh", Topology::on_hosts, hosts::installer)),
    each_host("hosts/HOST/checks.sh", Topology::on_hosts, hosts::installer),
    once("monitoring/rules.yaml", Topology::is_monitored, monitoring::rules),
    once("monitoring/rules.test.yaml", Topology::is_monitored, monitoring::rule_tests),
    once("monitoring/alertmanager.yaml", Topology::is_monitored, monitoring::alertmanager),
    once("monitoring/scrape.yaml", monitoring::has_scrape_file, monitoring::scrape),
    once("monitoring/dashboard.json", monitoring::has_dashboard_file, monitoring::dashboard),
    once("operations/runbook.md", Topology::is_monitored, operations::runbook),
];

/// Every file of a topology. Total: what could fail was refused before.
#[must_use]
pub fn plan(topology: &Topology, templates: &Templates) -> Vec<Artifact> {
    let scripts = Scripts { data: DATA_SCRIPTS, sentinel: SENTINEL_SCRIPTS };
    let plan = Plan::new(topology, templates, paths(topology), scripts);
    let is_there = |entry: &&Entry| (entry.when)(topology);
    let mut artifacts: Vec<Artifact> = if one_of_many() {
        ENTRIES.iter().filter(is_there).flat_map(|entry| entry.artifacts(&plan)).collect()
    } else {
        ENTRIES.par_iter().filter(is_there).flat_map_iter(|entry| entry.artifacts(&plan)).collect()
    };
    artifacts.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    artifacts
}

/// Whether this runs beside other topologies, so that every core has work already and a part of one would wait behind them.
fn one_of_many() -> bool {
    rayon::current_thread_index().is_some()
}

/// The Kubernetes objects of a topology, in the order to apply them.
#[must_use]
pub fn objects(topology: &Topology, templates: &Templates) -> Vec<Artifact> {
    let order = paths(topology);
    let position = |artifact: &Artifact| order.iter().position(|path| *path == artifact.path);
    let is_object = |artifact: &Artifact| {
        artifact.path.starts_with("kubernetes/") && !artifact.path.ends_with("kustomization.yaml")
    };
    let mut objects: Vec<Artifact> =
        plan(topology, templates).into_iter().filter(is_object).collect();
    objects.sort_by_key(position);
    objects
}

/// Paths of all files of a topology, in the order of the catalog.
fn paths(topology: &Topology) -> Vec<String> {
    ENTRIES
        .iter()
        .filter(|entry| (entry.when)(topology))
        .flat_map(|entry| entry.paths(topology))
        .collect()
}
