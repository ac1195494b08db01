//! What a pod template is made of: resources, volumes, Secrets and the checksum of its configuration.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    checksum,
    families::config::File,
    topology::{Cpu, Persistence, Secret},
};

/// Seconds between two startup probes.
const STARTUP_PERIOD: u64 = 10;

/// Resources of a container. Memory is reserved in full, so that no neighbour can take what Redis counts on.
#[derive(Clone, Debug, Serialize)]
pub struct Resources<'a> {
    requests: BTreeMap<&'static str, &'a str>,
    limits: BTreeMap<&'static str, &'a str>,
}

impl<'a> Resources<'a> {
    pub fn new(cpu: &'a Cpu, memory: &'a str) -> Self {
        let amounts = |cpu: &'a Option<String>| {
            let cpu = cpu.as_deref().map(|cpu| ("cpu", cpu));
            cpu.into_iter().chain([("memory", memory)]).collect()
        };
        Self { requests: amounts(&cpu.request), limits: amounts(&cpu.limit) }
    }
}

/// The volume that each pod keeps.
#[derive(Clone, Debug, Serialize)]
pub struct Claim<'a> {
    size: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<&'a str>,
}

impl<'a> Claim<'a> {
    pub fn new(size: &'a str, storage_class: Option<&'a str>) -> Self {
        Self { size, storage_class }
    }

    /// None for a cache: what its volume would keep, a start can ask the Sentinels and the other nodes for.
    pub fn of(persistence: &'a Persistence) -> Option<Self> {
        let keeps = persistence.aof || persistence.rdb;
        keeps.then(|| Self::new(&persistence.size, persistence.storage_class.as_deref()))
    }
}

/// A Secret of a projected volume.
#[derive(Clone, Debug, Serialize)]
pub struct Projected<'a> {
    name: &'a str,
    items: Vec<&'a Secret>,
}

/// Each Secret once, with all its keys, in the order of first use.
pub fn projected<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Vec<Projected<'a>> {
    let mut projected: Vec<Projected<'a>> = Vec::new();
    for secret in secrets {
        let index =
            projected.iter().position(|known| known.name == secret.name).unwrap_or_else(|| {
                projected.push(Projected { name: &secret.name, items: Vec::new() });
                projected.len() - 1
            });
        let items = &mut projected[index].items;
        if !items.contains(&secret) {
            items.push(secret);
        }
    }
    projected
}

/// Startup probes that may fail.
pub fn startup_failures(seconds: u64) -> u64 {
    seconds.div_ceil(STARTUP_PERIOD)
}

/// SHA-256 over the list of all names and checksums that `sha256sum` would print.
pub fn checksum(files: &[File]) -> String {
    let line = |file: &File| format!("{}  {}\n", file.checksum, file.name);
    checksum::sha256(files.iter().map(line).collect::<String>().as_bytes())
}
