//! A line of the catalog, and the files that it stands for.

use tera::Context;

use super::Artifact;
use crate::{
    families::Plan,
    templates,
    topology::{Host, Master, Topology},
};

const TEXT: u32 = 0o644;
const PROGRAM: u32 = 0o755;

/// A line of the catalog: a file's name, when it exists, and the view that its template shows.
pub struct Entry {
    /// The template's name. HOST and MASTER stand for each of them.
    pub path: &'static str,
    /// Templates of other lines that lie in the folder `path` too; none where `path` is a file.
    pub copies: &'static [&'static str],
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

const fn entry(path: &'static str, when: fn(&Topology) -> bool, each: Each) -> Entry {
    Entry { path, copies: &[], when, each, mode: TEXT }
}

pub(super) const fn once(
    path: &'static str,
    when: fn(&Topology) -> bool,
    view: fn(&Plan<'_>) -> Context,
) -> Entry {
    entry(path, when, Each::Once(view))
}

fn topology_alone(plan: &Plan<'_>) -> Context {
    plan.context()
}

/// A script, the same for every topology.
pub(super) const fn script(path: &'static str) -> Entry {
    program(once(path, |_| true, topology_alone))
}

pub(super) const fn each_master(
    path: &'static str,
    when: fn(&Topology) -> bool,
    view: fn(&Plan<'_>, &Master) -> Context,
) -> Entry {
    entry(path, when, Each::Master(view))
}

pub(super) const fn each_host(
    path: &'static str,
    when: fn(&Topology) -> bool,
    view: fn(&Plan<'_>, &Host) -> Context,
) -> Entry {
    entry(path, when, Each::Host(view))
}

pub(super) const fn each_sentinel_host(
    path: &'static str,
    view: fn(&Plan<'_>, &Host) -> Context,
) -> Entry {
    entry(path, Topology::on_hosts, Each::SentinelHost(view))
}

pub(super) const fn each_host_master(
    path: &'static str,
    view: fn(&Plan<'_>, &Host, &Master) -> Context,
) -> Entry {
    entry(path, Topology::on_hosts, Each::HostMaster(view))
}

pub(super) const fn program(entry: Entry) -> Entry {
    Entry { mode: PROGRAM, ..entry }
}

/// Scripts in the folder that an entry names.
pub(super) const fn copies(entry: Entry, scripts: &'static [&'static str]) -> Entry {
    Entry { copies: scripts, ..program(entry) }
}

impl Entry {
    /// Paths of its files.
    pub(super) fn paths(&self, topology: &Topology) -> Vec<String> {
        self.places(topology)
            .iter()
            .flat_map(|place| self.files(place))
            .map(|(path, _)| path)
            .collect()
    }

    /// Its files.
    pub(super) fn artifacts(&self, plan: &Plan<'_>) -> Vec<Artifact> {
        let mut artifacts = Vec::new();
        for (place, context) in self.places(plan.topology).iter().zip(self.contexts(plan)) {
            for (path, template) in self.files(place) {
                let content = plan.templates.render(template, &context);
                let checksum = templates::checksum(template);
                artifacts.push(Artifact { path, content, mode: self.mode, checksum });
            }
        }
        artifacts
    }

    /// The path for each host and master that it exists for.
    fn places(&self, topology: &Topology) -> Vec<String> {
        let of_master = |master: &Master| self.path.replace("MASTER", &master.name);
        let of_host = |host: &Host| self.path.replace("HOST", &host.name);
        match self.each {
            Each::Once(_) => vec![self.path.into()],
            Each::Master(_) => topology.masters.iter().map(of_master).collect(),
            Each::Host(_) => topology.hosts.iter().map(of_host).collect(),
            Each::SentinelHost(_) => sentinel_hosts(topology).map(of_host).collect(),
            Each::HostMaster(_) => pairs(topology)
                .map(|(host, master)| of_host(host).replace("MASTER", &master.name))
                .collect(),
        }
    }

    /// What its templates show at each of these places.
    fn contexts(&self, plan: &Plan<'_>) -> Vec<Context> {
        let topology = plan.topology;
        match self.each {
            Each::Once(view) => vec![view(plan)],
            Each::Master(view) => {
                topology.masters.iter().map(|master| view(plan, master)).collect()
            }
            Each::Host(view) => topology.hosts.iter().map(|host| view(plan, host)).collect(),
            Each::SentinelHost(view) => {
                sentinel_hosts(topology).map(|host| view(plan, host)).collect()
            }
            Each::HostMaster(view) => {
                pairs(topology).map(|(host, master)| view(plan, host, master)).collect()
            }
        }
    }

    /// Path and template of each file at a place.
    fn files(&self, place: &str) -> Vec<(String, &'static str)> {
        if self.copies.is_empty() {
            return vec![(place.into(), self.path)];
        }
        let name = |script: &'static str| script.rsplit('/').next().unwrap_or(script);
        self.copies.iter().map(|script| (format!("{place}/{}", name(script)), *script)).collect()
    }
}

fn sentinel_hosts(topology: &Topology) -> impl Iterator<Item = &Host> {
    topology.hosts.iter().filter(|host| host.has_sentinel)
}

/// Every host with each master that has a node there.
fn pairs(topology: &Topology) -> impl Iterator<Item = (&Host, &Master)> {
    topology.hosts.iter().flat_map(|host| {
        let here = |master: &&Master| host.masters.contains(&master.name);
        topology.masters.iter().filter(here).map(move |master| (host, master))
    })
}
