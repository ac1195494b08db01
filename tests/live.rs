//! Every fault is injected for real, and exactly the alerts fire that should.
//!
//! A set from an example runs as a rehearsal runs it, watched by the rendered exporters, by Prometheus with the rendered scrape
//! file and rules, and by Alertmanager. Four lists of faults run at the same time, each on a set in namespaces of its own,
//! which needs root. Seconds of the rules are scaled; see `tests/live/scaled.rs`.
//!
//! A rule that fires here is a rule that works with exporter 1.45. What cannot fire here is left to the tests of promtool: see
//! `LEFT_TO_PROMTOOL`, and of `RedisConfigDrift` and `RedisClientsNearMax` the halves that read `redis_max_clients`.

#[path = "live/alerts.rs"]
mod alerts;
#[path = "live/clients.rs"]
mod clients;
#[path = "live/copies.rs"]
mod copies;
#[path = "live/fault.rs"]
mod fault;
#[path = "live/inside.rs"]
mod inside;
#[path = "live/nodes.rs"]
mod nodes;
#[path = "live/scaled.rs"]
mod scaled;
#[path = "live/sentinels.rs"]
mod sentinels;
#[path = "live/set.rs"]
mod set;
mod support;
#[path = "live/traffic.rs"]
mod traffic;

use std::collections::BTreeSet;

use fault::Fault;
use regex::Regex;

/// The faults, each list on a set of its own, in an order in which what takes an hour to be forgotten does not add up.
const SETS: [(&str, &[Fault]); 4] = [
    ("nodes", nodes::FAULTS),
    ("sentinels", sentinels::FAULTS),
    ("traffic", traffic::FAULTS),
    ("copies", copies::FAULTS),
];
/// Which of them this process does; it is in namespaces then.
const SET: &str = "REDISFORGE_LIVE_SET";
/// Alerts of the example that no fault raises here.
const LEFT_TO_PROMTOOL: &[&str] = &[
    // A disk that only slows down.
    "RedisAofFsyncDelayed",
    // More than 100 MiB of it.
    "RedisFragmentationHigh",
    // A server that is made to load slowly answers nobody meanwhile.
    "RedisLoadingTooLong",
    // Save points have minutes of their own, which do not scale.
    "RedisRdbSaveStale",
    // Exporter 1.45 has no metric for it.
    "RedisSentinelConfigDrift",
];
/// Before each line of the table.
const ROW: &str = "| ";

#[test]
fn each_fault_fires_its_alerts_and_nothing_else_and_they_resolve_after_repair() {
    if let Ok(name) = std::env::var(SET) {
        return fault::run(SETS.iter().find(|(set, _)| *set == name).unwrap().1);
    }
    let sets = SETS.map(|(name, _)| (name, inside::start(name)));
    let mut table = Vec::new();
    let mut failed = Vec::new();
    for (name, (mut child, lines)) in sets {
        let lines = lines.join().unwrap();
        table.extend(lines.iter().filter(|line| line.starts_with(ROW)).cloned());
        if !child.wait().unwrap().success() {
            failed.push(name);
        }
    }
    println!(
        "| fault | alerts | held for | quiet after |\n|---|---|---|---|\n{}",
        table.join("\n")
    );
    assert!(failed.is_empty(), "what was wrong with {failed:?} is told above");
    assert_eq!(table.len(), SETS.iter().map(|(_, faults)| faults.len()).sum::<usize>());
    assert!(table.len() >= 24, "{}", table.len());
}

#[test]
fn every_rendered_alert_fires_for_a_fault_or_is_left_to_promtool() {
    let artifacts = support::render(&set::spec());
    let rules = artifacts.iter().find(|artifact| artifact.path == "monitoring/rules.yaml").unwrap();
    let alert = Regex::new("- alert: ([A-Za-z]+)").unwrap();
    let rendered: BTreeSet<&str> =
        alert.captures_iter(&rules.content).map(|found| found.extract::<1>().1[0]).collect();
    let fired = SETS.iter().flat_map(|(_, faults)| faults.iter()).flat_map(|fault| fault.fires);
    let known: BTreeSet<&str> = fired.chain(LEFT_TO_PROMTOOL).copied().collect();
    assert_eq!(known, rendered);
}
