//! No metric outside the scrapes, and the list of what needs a newer exporter than the oldest that is meant to do.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use redisforge::families::monitoring;
use regex::Regex;
use serde_json::Value;
use support::{examples, name_of, render, root, topology};

/// Metrics that 1.45 lacks: since when they are there, and which alerts, records and panels are made of them. With an older
/// exporter these lack a part of what they see; those in `BLIND` see nothing.
const NEWER: &[(&str, &str, &[&str])] = &[
    ("redis_commands_latencies_usec_bucket", "1.48", &["99th percentile of latency"]),
    (
        "redis_max_clients",
        "1.68",
        &["RedisClientsNearMax", "RedisConfigDrift", "Use of maxclients"],
    ),
    ("redis_sentinel_master_config_epoch", "1.80.2", &["redisforge:sentinel_config_epoch:max"]),
    (
        "redis_sentinel_master_last_ok_ping_reply_seconds",
        "1.80.2",
        &["Age of the master's last reply"],
    ),
    (
        "redis_sentinel_master_setting_ckquorum",
        "1.56",
        &["Quorum setting", "RedisSentinelConfigDrift"],
    ),
    (
        "redis_sentinel_master_setting_down_after_milliseconds",
        "1.56",
        &["RedisSentinelConfigDrift", "Timing settings"],
    ),
    (
        "redis_sentinel_master_setting_failover_timeout",
        "1.56",
        &["RedisSentinelConfigDrift", "Timing settings"],
    ),
    (
        "redis_sentinel_master_setting_parallel_syncs",
        "1.56",
        &["RedisSentinelConfigDrift", "Setting of parallel copies"],
    ),
];
/// What 1.45 has not a single metric for.
const BLIND: &[&str] = &[
    "99th percentile of latency",
    "Age of the master's last reply",
    "Quorum setting",
    "RedisSentinelConfigDrift",
    "Setting of parallel copies",
    "Timing settings",
    "Use of maxclients",
    "redisforge:sentinel_config_epoch:max",
];
/// The latency monitor must have seen something; a test of the exporter has it see something.
const ON_DEMAND: &[&str] = &["redis_latency_spike_duration_seconds", "redis_latency_spike_last"];
/// Labels that are called like metrics.
const LABELS: &[&str] = &["redis_version", "redis_mode", "redis_build_id"];

/// Names of metrics in a text, by their beginning.
fn metrics(text: &str) -> BTreeSet<String> {
    let name = Regex::new(r#"(?:^|[^a-z0-9_:."])(redis_[a-z0-9_]+)\b"#).unwrap();
    let found = name.captures_iter(text).map(|found| found[1].to_string());
    found.filter(|name| !LABELS.contains(&name.as_str())).collect()
}

fn names(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.split(['{', ' ']).next().unwrap().to_string()).collect()
}

/// The oldest exporter as a list of its names, which a test compares with the installed one; the newest as its pages.
fn scrapes() -> (BTreeSet<String>, BTreeSet<String>) {
    let newest = ["master", "replica", "sentinel"];
    let newest = newest.iter().flat_map(|page| names(&format!("tests/observed/{page}-1.88.txt")));
    (names("tests/monitoring/metrics-1.45.txt"), newest.collect())
}

/// Everything that is made of metrics, by its name: alerts, records, panels, annotations, and the series of rendered tests.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut topologies = 0;
    for file in examples() {
        let text = fs::read_to_string(&file).unwrap();
        let (topology, artifacts) = (topology(&text), render(&text));
        let find = |path: &str| artifacts.iter().find(|artifact| artifact.path == path);
        let Some(rules) = find("monitoring/rules.yaml") else { continue };
        topologies += 1;
        let mut add = |name: &Value, expression: &str| {
            let name = name.as_str().unwrap_or_else(|| panic!("{}: {expression}", name_of(&file)));
            uses.entry(name.into()).or_default().extend(metrics(expression));
        };
        let rules: Value = serde_yaml::from_str(&rules.content).unwrap();
        for rule in rules["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["rules"].as_array().unwrap())
        {
            let name = if rule["alert"].is_string() { &rule["alert"] } else { &rule["record"] };
            add(name, rule["expr"].as_str().unwrap());
        }
        let dashboard = monitoring::dashboard_for_import(&topology).unwrap();
        let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        let nested = panels.iter().filter_map(|panel| panel["panels"].as_array()).flatten();
        for panel in panels.iter().chain(nested) {
            for target in panel["targets"].as_array().into_iter().flatten() {
                add(&panel["title"], target["expr"].as_str().unwrap());
            }
        }
        for variable in dashboard["templating"]["list"].as_array().unwrap() {
            add(&variable["name"], variable["query"]["query"].as_str().unwrap());
        }
        for tests in artifacts.iter().filter(|file| file.path.ends_with("rules.test.yaml")) {
            for line in tests.content.lines().filter(|line| line.contains("series:")) {
                let series = line.split_once("series:").unwrap().1.trim_matches([' ', '\'', '"']);
                add(&"rendered tests".into(), series);
            }
        }
    }
    assert!(topologies >= 5);
    uses
}

#[test]
fn every_metric_is_in_a_scrape_and_what_needs_a_newer_exporter_is_listed() {
    let (oldest, newest) = scrapes();
    assert!(oldest.len() > 100 && newest.len() > 150);
    let uses = uses();
    assert!(uses.values().flatten().collect::<BTreeSet<_>>().len() > 60);
    let mut newer: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut blind = BTreeSet::new();
    for (name, metrics) in &uses {
        for metric in metrics {
            let is_known = newest.contains(metric) || ON_DEMAND.contains(&metric.as_str());
            assert!(is_known, "{name}: {metric}");
            if !oldest.contains(metric) && newest.contains(metric) && name != "rendered tests" {
                newer.entry(metric).or_default().insert(name);
            }
        }
        let is_newer = |metric: &String| newest.contains(metric) && !oldest.contains(metric);
        // With a divisor that is not there, a quotient is not there either.
        let needs = ["Use of maxclients"];
        if !metrics.is_empty() && (metrics.iter().all(is_newer) || needs.contains(&name.as_str())) {
            blind.insert(name.as_str());
        }
    }
    let listed: BTreeMap<&str, BTreeSet<&str>> =
        NEWER.iter().map(|(metric, _, users)| (*metric, users.iter().copied().collect())).collect();
    assert_eq!(newer, listed);
    assert_eq!(blind, BLIND.iter().copied().collect());
}

#[test]
fn the_readme_has_the_same_list() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    for (metric, since, _) in NEWER {
        assert!(readme.contains(since), "{metric} since {since}");
    }
    for name in BLIND.iter().filter(|name| !name.contains(':')) {
        assert!(readme.contains(name), "{name}");
    }
}

#[test]
fn certificates_are_watched_by_cert_managers_own_metric_and_where_it_makes_them_only() {
    let alerts = |platform: &str, certificate: &str| {
        let spec = format!(
            "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: a}}\nspec:\n{platform}  \
             tls: {{mode: Required, certificate: {certificate}}}\n"
        );
        let artifacts = render(&spec);
        let rules = artifacts.iter().find(|file| file.path == "monitoring/rules.yaml").unwrap();
        let rules: Value = serde_yaml::from_str(&rules.content).unwrap();
        let groups = rules["groups"].as_array().unwrap().clone();
        let rules: Vec<Value> =
            groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect();
        let found = rules.into_iter().filter(|rule| rule["alert"] == "RedisTlsCertExpiring");
        found.map(|rule| rule["expr"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let managed = alerts("", "{type: CertManager, issuerRef: {kind: Issuer, name: ca}}");
    assert_eq!(managed.len(), 1);
    let metric = Regex::new(r"[a-z_]+(?:\{)").unwrap();
    let names: BTreeSet<&str> = metric.find_iter(&managed[0]).map(|found| found.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["certmanager_certificate_expiration_timestamp_seconds{"]));
    assert_eq!(alerts("", "{type: Secret, secretName: tls}"), Vec::<String>::new());
    let hosts = "  platform: {type: Hosts, hosts: [{name: a, address: 10.0.0.1}, {name: b, address: 10.0.0.2}, {name: c, address: 10.0.0.3}]}\n  \
                 auth: {password: {file: /etc/redis/secrets/password}}\n";
    let files =
        alerts(hosts, "{type: Files, ca: /etc/a/ca.crt, cert: /etc/a/a.crt, key: /etc/a/a.key}");
    assert_eq!(files, Vec::<String>::new());
}
