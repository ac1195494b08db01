//! Numbers in the rules that follow from several settings.

use serde::Serialize;
use tera::Value;

use crate::topology::{Master, Topology};

#[derive(Clone, Debug, Serialize)]
pub struct Limits {
    pub hold: Hold,
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

/// How long a state lasts before its alert fires, as Prometheus writes it: two scrapes at least, or a single one would do,
/// such as that of an old master that comes back.
#[derive(Clone, Debug, Serialize)]
pub struct Hold {
    pub half_minute: String,
    pub minute: String,
    pub two_minutes: String,
}

const HALF_MINUTE: u64 = 30;
const HALF_HOUR: u64 = 1800;
/// Seconds after which Redis drops a replica that is silent, unless it is told another number.
const REPL_TIMEOUT: u64 = 60;

impl Hold {
    fn new(topology: &Topology) -> Self {
        let hold = |usual: u64, text: &str| {
            let seconds = held(topology, usual);
            if seconds == usual { text.into() } else { format!("{seconds}s") }
        };
        Self {
            half_minute: hold(HALF_MINUTE, "30s"),
            minute: hold(60, "1m"),
            two_minutes: hold(120, "2m"),
        }
    }
}

fn held(topology: &Topology, usual: u64) -> u64 {
    usual.max(2 * interval_seconds(topology))
}

fn interval_seconds(topology: &Topology) -> u64 {
    super::interval_seconds(topology).into()
}

/// Whether so many restarts as an alert is about can be seen in half an hour of scrapes.
#[must_use]
pub fn sees_restarts(topology: &Topology) -> bool {
    topology.monitoring.as_ref().is_some_and(|monitoring| {
        let seen = u64::from(monitoring.thresholds.restarts_per_half_hour) + 1;
        seen * interval_seconds(topology) < HALF_HOUR
    })
}

/// Whether the lag of a silent replica is seen for long enough before Redis drops the replica, and its lag with it.
#[must_use]
pub fn sees_lag(topology: &Topology, master: &Master) -> bool {
    let hold = held(topology, HALF_MINUTE) + interval_seconds(topology);
    u64::from(master.min_replicas_max_lag) + hold < repl_timeout_seconds(master)
}

#[must_use]
pub fn repl_timeout_seconds(master: &Master) -> u64 {
    let mut directives = master.directives.iter();
    let told = directives.find(|directive| directive.name == "repl-timeout");
    let seconds = told.and_then(|directive| directive.words.first()?.parse().ok());
    seconds.unwrap_or(REPL_TIMEOUT)
}

impl Limits {
    #[must_use]
    pub fn new(topology: &Topology, master: &Master) -> Self {
        Self {
            hold: Hold::new(topology),
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
    milliseconds.div_ceil(1000) + 2 * interval_seconds(topology)
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
