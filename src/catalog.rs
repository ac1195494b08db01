//! The catalog of generated files: the only place that knows a file's name.

use tera::Context;

use crate::{
    families::{Plan, Scripts, config, hosts, kubernetes, monitoring, operations},
    templates::Templates,
    topology::{Host, Master, Topology},
};

const TEXT: u32 = 0o644;
const PROGRAM: u32 = 0o755;

/// One file, not yet on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Below the directory of the topology, with `/`.
    pub path: String,
    pub content: String,
    pub mode: u32,
}

/// A line of the catalog: a file's name, when it exists, and the view that its template shows.
pub struct Entry {
    /// The template's name. HOST and MASTER stand for each of them.
    pub path: &'static str,
    /// The template, where it is not `path`: a file that lies in several places.
    pub source: Option<&'static str>,
    pub when: fn(&Topology) -> bool,
    pub each: Each,
    pub mode: u32,
}

/// How often a file exists, and the view of each.
pub enum Each {
    Once(fn(&Plan<'_>) -> Context),
    Master(fn(&Plan<'_>, &Master) -> Context),
    Host(fn(&Plan<'_>, &Host) -> Context),
    SentinelHost(fn(&Plan<'_>, &Host) -> Context),
    HostMaster(fn(&Plan<'_>, &Host, &Master) -> Context),
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

const fn once(path: &'static str, when: fn(&Topology) -> bool, view: fn(&Plan<'_>) -> Context) -> Entry {
    Entry { path, source: None, when, each: Each::Once(view), mode: TEXT }
}

/// A script, the same for every topology.
const fn script(path: &'static str) -> Entry {
    Entry { path, source: None, when: always, each: Each::Once(|plan| plan.context()), mode: PROGRAM }
}

fn always(_: &Topology) -> bool {
    true
}

const fn each_master(
    path: &'static str,
    when: fn(&Topology) -> bool,
    view: fn(&Plan<'_>, &Master) -> Context,
) -> Entry {
    Entry { path, source: None, when, each: Each::Master(view), mode: TEXT }
}

const fn each_host(path: &'static str, when: fn(&Topology) -> bool, view: fn(&Plan<'_>, &Host) -> Context) -> Entry {
    Entry { path, source: None, when, each: Each::Host(view), mode: TEXT }
}

const fn each_sentinel_host(path: &'static str, view: fn(&Plan<'_>, &Host) -> Context) -> Entry {
    Entry { path, source: None, when: Topology::on_hosts, each: Each::SentinelHost(view), mode: TEXT }
}

const fn each_host_master(path: &'static str, view: fn(&Plan<'_>, &Host, &Master) -> Context) -> Entry {
    Entry { path, source: None, when: Topology::on_hosts, each: Each::HostMaster(view), mode: TEXT }
}

const fn program(entry: Entry) -> Entry {
    Entry { mode: PROGRAM, ..entry }
}

/// A script in the directory of each data node on a host.
const fn data_script(path: &'static str, source: &'static str) -> Entry {
    Entry { source: Some(source), ..program(each_host_master(path, |plan, _, _| plan.context())) }
}

/// A script in the directory of each Sentinel on a host.
const fn sentinel_script(path: &'static str, source: &'static str) -> Entry {
    Entry { source: Some(source), ..program(each_sentinel_host(path, |plan, _| plan.context())) }
}

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
    once("kubernetes/redis/serviceaccount.yaml", Topology::on_kubernetes, kubernetes::redis_component),
    once("kubernetes/sentinel/serviceaccount.yaml", Topology::on_kubernetes, kubernetes::sentinel_component),
    once("kubernetes/redis/networkpolicy.yaml", kubernetes::has_network_policy, kubernetes::redis_component),
    once("kubernetes/sentinel/networkpolicy.yaml", kubernetes::has_network_policy, kubernetes::sentinel_component),
    each_master("kubernetes/redis/MASTER/configmap.yaml", Topology::on_kubernetes, kubernetes::master_files),
    once("kubernetes/sentinel/configmap.yaml", Topology::on_kubernetes, kubernetes::sentinel_files),
    each_master("kubernetes/redis/MASTER/service.yaml", Topology::on_kubernetes, kubernetes::master),
    each_master("kubernetes/redis/MASTER/service-read.yaml", kubernetes::has_read_service, kubernetes::master),
    once("kubernetes/sentinel/service.yaml", Topology::on_kubernetes, kubernetes::sentinel),
    once("kubernetes/sentinel/service-client.yaml", Topology::on_kubernetes, kubernetes::sentinel),
    each_master("kubernetes/redis/MASTER/certificate.yaml", kubernetes::has_certificate, kubernetes::master),
    once("kubernetes/sentinel/certificate.yaml", kubernetes::has_certificate, kubernetes::sentinel),
    each_master("kubernetes/redis/MASTER/poddisruptionbudget.yaml", Topology::on_kubernetes, kubernetes::master),
    once("kubernetes/sentinel/poddisruptionbudget.yaml", Topology::on_kubernetes, kubernetes::sentinel),
    once("kubernetes/sentinel/statefulset.yaml", Topology::on_kubernetes, kubernetes::sentinel_pods),
    each_master("kubernetes/redis/MASTER/statefulset.yaml", Topology::on_kubernetes, kubernetes::master_pods),
    once("kubernetes/monitoring/prometheusrule.yaml", monitoring::has_rule_object, monitoring::prometheus_rule),
    once("kubernetes/monitoring/podmonitor.yaml", monitoring::has_pod_monitor, monitoring::monitor),
    once("kubernetes/monitoring/servicemonitor.yaml", monitoring::has_service_monitor, monitoring::monitor),
    once("kubernetes/monitoring/dashboard.yaml", monitoring::has_dashboard_object, monitoring::dashboard_object),
    once("kubernetes/kustomization.yaml", Topology::on_kubernetes, kubernetes::kustomization),
    each_host_master("hosts/HOST/etc/redis/MASTER/redis.conf", |plan, host, master| config::data(plan, master, Some(host))),
    each_host_master("hosts/HOST/etc/redis/MASTER/settings", |plan, host, master| config::data(plan, master, Some(host))),
    each_host_master("hosts/HOST/etc/redis/MASTER/users", |plan, host, master| config::data(plan, master, Some(host))),
    each_host_master("hosts/HOST/etc/redis/MASTER/members", |plan, host, master| config::data(plan, master, Some(host))),
    data_script("hosts/HOST/etc/redis/MASTER/node.sh", "scripts/node.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/ask.sh", "scripts/ask.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/secrets.sh", "scripts/secrets.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/volume.sh", "scripts/volume.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/waiting.sh", "scripts/waiting.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/decide-redis.sh", "scripts/decide-redis.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/start-redis.sh", "scripts/start-redis.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/watch-redis.sh", "scripts/watch-redis.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/stop-redis.sh", "scripts/stop-redis.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/alive.sh", "scripts/alive.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/ready.sh", "scripts/ready.sh"),
    data_script("hosts/HOST/etc/redis/MASTER/exporter-passwords.sh", "scripts/exporter-passwords.sh"),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/sentinel.conf", |plan, host| config::sentinel(plan, Some(host))),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/settings", |plan, host| config::sentinel(plan, Some(host))),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/users", |plan, host| config::sentinel(plan, Some(host))),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/webhooks", |plan, host| config::sentinel(plan, Some(host))),
    each_sentinel_host("hosts/HOST/etc/redis/sentinel/members", |plan, host| config::sentinel(plan, Some(host))),
    sentinel_script("hosts/HOST/etc/redis/sentinel/node.sh", "scripts/node.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/ask.sh", "scripts/ask.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/secrets.sh", "scripts/secrets.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/volume.sh", "scripts/volume.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/waiting.sh", "scripts/waiting.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/decide-sentinel.sh", "scripts/decide-sentinel.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/start-sentinel.sh", "scripts/start-sentinel.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/watch-sentinel.sh", "scripts/watch-sentinel.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/alive.sh", "scripts/alive.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/ready.sh", "scripts/ready.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/post.sh", "scripts/post.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/notify.sh", "scripts/notify.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/reconfig.sh", "scripts/reconfig.sh"),
    sentinel_script("hosts/HOST/etc/redis/sentinel/exporter-passwords.sh", "scripts/exporter-passwords.sh"),
    program(each_host("hosts/HOST/etc/redis/exporter/start-exporter.sh", has_exporter, hosts::exporter)),
    each_host_master("hosts/HOST/etc/systemd/system/redis-MASTER.service", hosts::data_unit),
    each_sentinel_host("hosts/HOST/etc/systemd/system/redis-sentinel.service", hosts::sentinel_unit),
    each_host("hosts/HOST/etc/systemd/system/redis-exporter.service", has_exporter, hosts::exporter),
    each_host("hosts/HOST/etc/sysctl.d/30-redis.conf", Topology::on_hosts, hosts::kernel),
    each_host("hosts/HOST/etc/tmpfiles.d/redis.conf", Topology::on_hosts, hosts::host),
    each_host("hosts/HOST/etc/logrotate.d/redis", |topology| topology.logging.file, hosts::host),
    program(each_host("hosts/HOST/install.sh", Topology::on_hosts, hosts::installer)),
    each_host("hosts/HOST/checks.sh", Topology::on_hosts, hosts::installer),
    once("monitoring/rules.yaml", Topology::is_monitored, monitoring::rules),
    once("monitoring/scrape.yaml", monitoring::has_scrape_file, monitoring::scrape),
    once("monitoring/dashboard.json", monitoring::has_dashboard_file, monitoring::dashboard),
    once("operations/runbook.md", Topology::is_monitored, operations::runbook),
];

/// Every file of a topology. Total: what could fail was refused before.
#[must_use]
pub fn plan(topology: &Topology, templates: &Templates) -> Vec<Artifact> {
    let scripts = Scripts { data: DATA_SCRIPTS, sentinel: SENTINEL_SCRIPTS };
    let plan = Plan::new(topology, templates, paths(topology), scripts);
    let mut artifacts: Vec<Artifact> =
        ENTRIES.iter().filter(|entry| (entry.when)(topology)).flat_map(|entry| entry.artifacts(&plan)).collect();
    artifacts.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    artifacts
}

/// The Kubernetes objects of a topology, in the order to apply them.
#[must_use]
pub fn objects(topology: &Topology, templates: &Templates) -> Vec<Artifact> {
    let order = paths(topology);
    let position = |artifact: &Artifact| order.iter().position(|path| *path == artifact.path);
    let is_object = |artifact: &Artifact| {
        artifact.path.starts_with("kubernetes/") && !artifact.path.ends_with("kustomization.yaml")
    };
    let mut objects: Vec<Artifact> = plan(topology, templates).into_iter().filter(is_object).collect();
    objects.sort_by_key(position);
    objects
}

/// Paths of all files of a topology, in the order of the catalog.
fn paths(topology: &Topology) -> Vec<String> {
    ENTRIES.iter().filter(|entry| (entry.when)(topology)).flat_map(|entry| entry.paths(topology)).collect()
}

impl Entry {
    fn paths(&self, topology: &Topology) -> Vec<String> {
        let host_path = |host: &Host| self.path.replace("HOST", &host.name);
        let sentinels = topology.hosts.iter().filter(|host| host.has_sentinel);
        match self.each {
            Each::Once(_) => vec![self.path.into()],
            Each::Master(_) => {
                topology.masters.iter().map(|master| self.path.replace("MASTER", &master.name)).collect()
            }
            Each::Host(_) => topology.hosts.iter().map(host_path).collect(),
            Each::SentinelHost(_) => sentinels.map(host_path).collect(),
            Each::HostMaster(_) => pairs(topology)
                .map(|(host, master)| host_path(host).replace("MASTER", &master.name))
                .collect(),
        }
    }

    fn artifacts(&self, plan: &Plan<'_>) -> Vec<Artifact> {
        let topology = plan.topology;
        let sentinels = topology.hosts.iter().filter(|host| host.has_sentinel);
        let contexts: Vec<Context> = match self.each {
            Each::Once(view) => vec![view(plan)],
            Each::Master(view) => topology.masters.iter().map(|master| view(plan, master)).collect(),
            Each::Host(view) => topology.hosts.iter().map(|host| view(plan, host)).collect(),
            Each::SentinelHost(view) => sentinels.map(|host| view(plan, host)).collect(),
            Each::HostMaster(view) => pairs(topology).map(|(host, master)| view(plan, host, master)).collect(),
        };
        let template = self.source.unwrap_or(self.path);
        self.paths(topology)
            .into_iter()
            .zip(contexts)
            .map(|(path, context)| Artifact {
                path,
                content: plan.templates.render(template, &context),
                mode: self.mode,
            })
            .collect()
    }
}

/// Every host with each master that has a node there.
fn pairs(topology: &Topology) -> impl Iterator<Item = (&Host, &Master)> {
    topology.hosts.iter().flat_map(|host| {
        let here = |master: &&Master| host.masters.contains(&master.name);
        topology.masters.iter().filter(here).map(move |master| (host, master))
    })
}
