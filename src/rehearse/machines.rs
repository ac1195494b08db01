//! The machines and processes of a topology, and their files: exactly what is rendered, below a directory for each machine.

use std::{
    collections::BTreeSet,
    fs,
    net::Ipv4Addr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::ground::Ground;
use crate::{catalog::Artifact, source::Source, topology::Topology};

/// Places in which rendered files expect things, on hosts and in pods.
const PLACES: &[&str] = &[
    "/etc/redis",
    "/var/lib/redis",
    "/var/log/redis",
    "/run/redis-exporter",
    "/etc/redisforge",
    "/data",
];
/// Rendered files that name places; scripts name none.
const WITH_PLACES: &[&str] = &["redis.conf", "sentinel.conf", "settings", "users", "webhooks"];

/// The network of pods, 10.244.77.0, and of hosts whose address a namespace cannot have.
const PODS: u32 = 0x0af4_4d00;

/// A host or a pod.
#[derive(Clone, Debug)]
pub struct Machine {
    pub name: String,
    pub address: Ipv4Addr,
    pub namespace: String,
    /// What is below stands for its file system.
    pub root: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A data node of the master with this index.
    Data(usize),
    Sentinel,
}

/// What runs on a machine, before it does.
#[derive(Clone, Debug)]
pub struct Place {
    pub machine: usize,
    /// What people call it.
    pub title: String,
    pub kind: Kind,
    /// Name of its node in the member list.
    pub node: String,
    /// What it announces.
    pub host: String,
    pub port: u32,
    /// Its configuration and scripts.
    pub directory: PathBuf,
    pub volume: PathBuf,
    /// Its ConfigMap, or its directory, among the rendered files.
    rendered: String,
}

/// Every machine of a topology and what runs there, below a directory.
pub fn of(topology: &Topology, ground: Ground, scratch: &Path) -> (Vec<Machine>, Vec<Place>) {
    let mut machines: Vec<Machine> = Vec::new();
    let mut places = Vec::new();
    let mut machine = |name: &str, own: Option<Ipv4Addr>| {
        let known = machines.iter().position(|machine| machine.name == name);
        known.unwrap_or_else(|| {
            let index = machines.len();
            let next = Ipv4Addr::from(PODS + 1 + u32::try_from(index).unwrap_or(0));
            machines.push(Machine {
                name: name.into(),
                address: own.unwrap_or(next),
                namespace: format!("m{index}"),
                root: scratch.join("machines").join(name),
            });
            index
        })
    };
    for (index, master) in topology.masters.iter().enumerate() {
        for node in &master.nodes {
            let machine =
                machine(&node.name, own_address(topology, &node.name, &node.host, ground));
            places.push(place(
                topology,
                machine,
                Kind::Data(index),
                &node.name,
                &node.host,
                node.port,
            ));
        }
    }
    for node in &topology.sentinel.nodes {
        let machine = machine(&node.name, own_address(topology, &node.name, &node.host, ground));
        places.push(place(topology, machine, Kind::Sentinel, &node.name, &node.host, node.port));
    }
    for place in &mut places {
        let root = &machines[place.machine].root;
        place.directory = below(root, &place.directory);
        place.volume = below(root, &place.volume);
    }
    (machines, places)
}

/// The address that the spec gives a host, or that a machine announces without names.
fn own_address(
    topology: &Topology,
    name: &str,
    announced: &str,
    ground: Ground,
) -> Option<Ipv4Addr> {
    if ground == Ground::Loopback {
        return announced.parse().ok();
    }
    let host = topology.hosts.iter().find(|host| host.name == name)?;
    let address: Ipv4Addr = host.address.parse().ok()?;
    (!address.is_loopback()).then_some(address)
}

fn place(
    topology: &Topology,
    machine: usize,
    kind: Kind,
    node: &str,
    host: &str,
    port: u32,
) -> Place {
    let on_host = topology.on_hosts();
    let (name, object) = match kind {
        Kind::Data(index) => {
            let master = &topology.masters[index];
            (master.name.as_str(), format!("redis/{}", master.name))
        }
        Kind::Sentinel => ("sentinel", "sentinel".to_string()),
    };
    let title = match kind {
        Kind::Sentinel if on_host => format!("sentinel@{node}"),
        Kind::Data(_) if on_host && topology.masters.len() > 1 => format!("{name}@{node}"),
        _ => node.to_string(),
    };
    let (directory, volume, rendered) = if on_host {
        let directory = format!("/etc/redis/{name}");
        let rendered = format!("hosts/{node}{directory}/");
        (directory, format!("/var/lib/redis/{name}"), rendered)
    } else {
        let rendered = format!("kubernetes/{object}/configmap.yaml");
        ("/etc/redisforge/config".into(), "/data".into(), rendered)
    };
    Place {
        machine,
        title,
        kind,
        node: node.into(),
        host: host.into(),
        port,
        directory: directory.into(),
        volume: volume.into(),
        rendered,
    }
}

/// Writes what is rendered for a process where it will run.
pub fn write(
    artifacts: &[Artifact],
    topology: &Topology,
    machine: &Machine,
    place: &Place,
    ground: Ground,
) -> Result<()> {
    fs::create_dir_all(&place.volume).context("cannot make a volume")?;
    fs::create_dir_all(below(&machine.root, Path::new("/var/log/redis")))?;
    let places = all_places(topology);
    for (name, content) in files(artifacts, place) {
        let mut content = content;
        if WITH_PLACES.contains(&name.as_str()) {
            content = redirected(&content, &machine.root.display().to_string(), &places);
            content = named(&content, &place.node);
            if ground == Ground::Loopback
                && ["redis.conf", "sentinel.conf"].contains(&name.as_str())
            {
                content = bound(&content, &machine.address.to_string());
            }
        }
        put(&place.directory.join(&name), content.as_bytes(), 0o755)?;
    }
    if let Some(artifact) =
        artifacts.iter().find(|artifact| artifact.path == "kubernetes/members.yaml")
    {
        for (name, content) in data_of(&artifact.content) {
            let members = below(&machine.root, Path::new("/etc/redisforge/members"));
            put(&members.join(name), content.as_bytes(), 0o644)?;
        }
    }
    Ok(())
}

/// Names and contents of a process's own files.
fn files(artifacts: &[Artifact], place: &Place) -> Vec<(String, String)> {
    if let Some(map) = artifacts.iter().find(|artifact| artifact.path == place.rendered) {
        return data_of(&map.content);
    }
    artifacts
        .iter()
        .filter_map(|artifact| {
            let name = artifact.path.strip_prefix(&place.rendered)?;
            Some((name.to_string(), artifact.content.clone()))
        })
        .collect()
}

/// The entries of a rendered ConfigMap.
fn data_of(manifest: &str) -> Vec<(String, String)> {
    let (source, _) = Source::read("ConfigMap", manifest.into());
    match source.root.get("data").map(crate::source::Node::to_json) {
        Some(Value::Object(data)) => data
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?.to_string())))
            .collect(),
        _ => Vec::new(),
    }
}

/// Below which directories files of this topology lie; the longest first.
fn all_places(topology: &Topology) -> Vec<String> {
    let mut places: BTreeSet<String> = PLACES.iter().map(ToString::to_string).collect();
    for file in super::secrets::files(topology) {
        if !places.iter().any(|place| file.starts_with(&format!("{place}/"))) {
            let parent = Path::new(&file).parent().unwrap_or(Path::new("/"));
            places.insert(parent.display().to_string());
        }
    }
    places.into_iter().rev().collect()
}

/// Puts the directory of a machine before each place that a text names.
fn redirected(text: &str, root: &str, places: &[String]) -> String {
    let mut result = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let begins = matches!(before, ' ' | '\'' | '"' | '\n');
        let is_place = |place: &String| {
            rest.strip_prefix(place.as_str()).is_some_and(|after| {
                after.is_empty() || after.starts_with(['/', '\'', '"', ' ', '\n'])
            })
        };
        if begins && places.iter().any(is_place) {
            result += root;
        }
        result.push(character);
        before = character;
        rest = &rest[character.len_utf8()..];
    }
    result
}

/// A pod knows its name by its host name.
fn named(text: &str, node: &str) -> String {
    text.replace("\nnode=''\n", &format!("\nnode='{node}'\n"))
}

/// All share the loopback address, so each listens at its own only.
fn bound(text: &str, address: &str) -> String {
    let others = text.lines().filter(|line| !line.starts_with("bind "));
    format!("bind {address}\n{}\n", others.collect::<Vec<_>>().join("\n"))
}

/// A place of a machine below its directory.
#[must_use]
pub fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Writes a file of a rehearsal, which nobody else may read.
pub fn put(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let write = || -> std::io::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file =
            fs::File::options().write(true).create(true).truncate(true).mode(mode).open(path)?;
        std::io::Write::write_all(&mut file, content)?;
        file.set_permissions(fs::Permissions::from_mode(mode))
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
