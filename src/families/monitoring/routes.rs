//! What an Alertmanager does with the alerts: who is told, and which of them say nothing new beside another.

use serde::Serialize;

use super::rules::Alarm;
use crate::alerts::Severity;

/// While an alert fires, others need not be told.
#[derive(Serialize)]
pub struct Inhibition {
    /// The alert that fires.
    source: &'static str,
    /// The others: names, or those that are meant to be told all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    targets: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_but: Option<String>,
    /// Labels that both have alike.
    equal: &'static [&'static str],
}

/// Whom an alert silences.
enum Targets {
    These(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

use Targets::{AllBut, These};

const MASTER: &[&str] = &["topology", "master"];

/// Every source waits no longer than its targets, so it is there first.
const INHIBITIONS: &[(&str, Targets, &[&str])] = &[
    ("RedisMetricsAbsent", AllBut(&["RedisMetricsAbsent", "RedisExporterDown"]), MASTER),
    (
        "RedisSentinelMetricsAbsent",
        These(&[
            "RedisSentinelDown",
            "RedisSentinelMajorityDown",
            "RedisSentinelQuorumUnreachable",
            "RedisSentinelPeersBelowMajority",
        ]),
        &["topology"],
    ),
    (
        "RedisAllInstancesDown",
        These(&[
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisNoMaster",
            "RedisSentinelSeesMasterDown",
            "RedisFailoverStuck",
            "RedisNoPromotableReplica",
            "RedisSentinelNoFailoverCandidate",
        ]),
        MASTER,
    ),
    (
        "RedisSentinelMajorityDown",
        These(&[
            "RedisSentinelDown",
            "RedisSentinelQuorumUnreachable",
            "RedisSentinelPeersBelowMajority",
        ]),
        &["topology"],
    ),
    ("RedisInstanceDown", These(&["RedisInstancesMissing"]), MASTER),
    ("RedisMemoryFull", These(&["RedisMemoryHigh"]), &["topology", "instance"]),
];

/// Those of a topology: of alerts that it has, against alerts that it has.
pub fn inhibitions(alarms: &[Alarm]) -> Vec<Inhibition> {
    INHIBITIONS
        .iter()
        .filter(|(source, ..)| has(alarms, source))
        .filter_map(|(source, targets, equal)| {
            let (targets, all_but) = match targets {
                These(names) => (Some(names_of(alarms, names)?), None),
                AllBut(names) => (None, Some(names_of(alarms, names)?)),
            };
            Some(Inhibition { source, targets, all_but, equal })
        })
        .collect()
}

/// A regular expression for those alerts that a topology has; none for none.
fn names_of(alarms: &[Alarm], names: &[&str]) -> Option<String> {
    let names: Vec<&str> = names.iter().copied().filter(|name| has(alarms, name)).collect();
    (!names.is_empty()).then(|| names.join("|"))
}

fn has(alarms: &[Alarm], name: &str) -> bool {
    alarms.iter().any(|alarm| alarm.name == name)
}

/// How an alert of a severity is told.
#[derive(Serialize)]
pub struct Route {
    severity: &'static str,
    repeat: &'static str,
}

pub fn routes() -> Vec<Route> {
    let route = |severity: Severity, repeat| Route { severity: severity.name(), repeat };
    vec![
        route(Severity::Critical, "1h"),
        route(Severity::Warning, "12h"),
        route(Severity::Info, "7d"),
    ]
}
