//! Numbers in the rules that follow from several settings.

use serde::Serialize;
use tera::Value;

use crate::topology::{Master, Topology};

#[derive(Clone, Debug, Serialize)]
pub struct Limits {
    /// Seconds after which a failover has ended, or has failed.
    pub failover_seconds: u64,
    /// Data nodes of the master.
    pub nodes: usize,
    /// Masters that every Sentinel watches.
    pub masters: usize,
    /// Longest time that the save points let pass with a change; 0 without any.
    pub save_seconds: u64,
    /// What `redis_aof_enabled` should be.
    pub aof_enabled: u32,
}

impl Limits {
    #[must_use]
    pub fn new(topology: &Topology, master: &Master) -> Self {
        Self {
            failover_seconds: failover_seconds(topology, master),
            nodes: master.nodes.len(),
            masters: topology.masters.len(),
            save_seconds: save_seconds(master).unwrap_or(0),
            aof_enabled: master.persistence.aof.into(),
        }
    }
}

/// Down-after, one failover with its timeout, and two scrapes to see the result.
fn failover_seconds(topology: &Topology, master: &Master) -> u64 {
    let watch = &master.watch;
    let milliseconds =
        u64::from(watch.down_after_milliseconds) + u64::from(watch.failover_timeout_milliseconds);
    let interval = topology.monitoring.as_ref().map_or(0, |monitoring| monitoring.interval_seconds);
    milliseconds.div_ceil(1000) + 2 * u64::from(interval)
}

/// Each save point is a pair of seconds and changes; with a single change the longest one asks for a save.
#[must_use]
pub fn save_seconds(master: &Master) -> Option<u64> {
    let saves = master.directives.iter().filter(|directive| directive.name == "save");
    let words = saves.flat_map(|directive| {
        directive.words.iter().flat_map(|words| words.split_whitespace()).step_by(2)
    });
    words.filter_map(|seconds| seconds.parse().ok()).max()
}

/// Label matchers of the deployment's Certificates. The namespace is in another label where Prometheus put that of
/// cert-manager's own pod first.
#[must_use]
pub fn certificates(topology: &Topology) -> Vec<Value> {
    let objects =
        topology.masters.iter().map(|master| &master.object).chain([&topology.sentinel.object]);
    let names: Vec<String> = objects.map(|object| format!("{object}-tls")).collect();
    let names = format!(r#"name=~"{}""#, names.join("|"));
    let Some(namespace) = &topology.namespace else {
        return vec![Value::safe_string(&names)];
    };
    let inside = |label: &str| Value::safe_string(&format!(r#"{names},{label}="{namespace}""#));
    ["namespace", "exported_namespace"].map(inside).into()
}
