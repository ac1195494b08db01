//! The catalog of generated files: the only place that knows a file's name.

use tera::Context;

use crate::{
    families::Plan,
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
];

/// Every file of a topology. Total: what could fail was refused before.
#[must_use]
pub fn plan(topology: &Topology, templates: &Templates) -> Vec<Artifact> {
    let plan = Plan::new(topology, templates, paths(topology));
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
