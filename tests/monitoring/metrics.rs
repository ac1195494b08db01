//! No metric outside the scrapes, and the list of what needs a newer exporter than the oldest that is meant to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use redisforge::families::monitoring;
use regex::Regex;
use serde_json::Value;

use super::{
    SPEC, find, panels, rules_of,
    support::{examples, render, root, topology},
    yaml,
};

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
/// Metrics that no scrape of a healthy node has: the latency monitor must have seen something. A test has it see something.
pub const ON_DEMAND: &[&str] =
    &["redis_latency_spike_duration_seconds", "redis_latency_spike_last"];
/// Metrics of others.
const FOREIGN: &[&str] = &["up", "certmanager_certificate_expiration_timestamp_seconds"];

/// Metrics in an expression: names that are not labels, not functions and not words of the language.
pub fn metrics_in(expression: &str) -> Vec<String> {
    // Labels stand in braces or in the list of a grouping, which may hold a number.
    let labels = Regex::new(
        r#""[^"]*"|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\{[^}]*\}|\[[^\]]*\]"#,
    );
    let bare = labels.unwrap().replace_all(expression, " ").into_owned();
    let word = Regex::new(r"[0-9][a-zA-Z0-9_.]*|([a-zA-Z_:][a-zA-Z0-9_:]*)(\s*\()?").unwrap();
    let of_the_language = [
        "and",
        "or",
        "unless",
        "bool",
        "offset",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "inf",
        "nan",
    ];
    word.captures_iter(&bare)
        .filter(|found| found.get(2).is_none())
        .filter_map(|found| Some(found.get(1)?.as_str().to_string()))
        .filter(|name| !of_the_language.contains(&name.to_lowercase().as_str()))
        .collect()
}

#[test]
fn metrics_are_found_with_and_without_braces() {
    let expression = r#"sum by (job) (rate(a_total{x="b_total{"}[5m])) / on(job) group_left() c > bool 1 unless max(d offset 5m)"#;
    assert_eq!(metrics_in(expression), ["a_total", "c", "d"]);
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

/// Everything that is made of metrics, by its name: alerts, records, panels, annotations, variables, and the series of
/// rendered tests.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut topologies = 0;
    let examples = examples().into_iter().map(|file| fs::read_to_string(file).unwrap());
    for text in examples.chain([SPEC.into()]) {
        let artifacts = render(&text);
        let Some(rules) = find(&artifacts, "monitoring/rules.yaml") else { continue };
        topologies += 1;
        let mut add = |name: &str, expression: &str| {
            let metrics = metrics_in(expression);
            assert!(!metrics.is_empty(), "{name}: {expression}");
            uses.entry(name.into()).or_default().extend(metrics);
        };
        let word = |value: &Value| value.as_str().unwrap().to_string();
        for rule in rules_of(&yaml(rules)) {
            let name = if rule["alert"].is_string() { &rule["alert"] } else { &rule["record"] };
            add(&word(name), &word(&rule["expr"]));
        }
        let dashboard = monitoring::dashboard_for_import(&topology(&text)).unwrap();
        let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
        for panel in panels(&dashboard) {
            for target in panel["targets"].as_array().unwrap() {
                add(&word(&panel["title"]), &word(&target["expr"]));
            }
        }
        for annotation in dashboard["annotations"]["list"].as_array().unwrap() {
            add(&word(&annotation["name"]), &word(&annotation["target"]["expr"]));
        }
        for variable in dashboard["templating"]["list"].as_array().unwrap() {
            // label_values(METRIC, LABEL)
            let query = word(&variable["query"]["query"]);
            add(&word(&variable["name"]), query.rsplit_once(", ").unwrap().0);
        }
        let tests = yaml(find(&artifacts, "monitoring/rules.test.yaml").unwrap());
        for test in tests["tests"].as_array().unwrap() {
            for series in test["input_series"].as_array().unwrap() {
                add("rendered tests", &word(&series["series"]));
            }
        }
    }
    assert!(topologies >= 6);
    uses
}

#[test]
fn every_metric_is_in_a_scrape_and_what_needs_a_newer_exporter_is_listed() {
    let (oldest, newest) = scrapes();
    assert!(oldest.len() > 100 && newest.len() > 150);
    let uses = uses();
    let is_recorded =
        |metric: &String| metric.starts_with("redisforge:") && uses.contains_key(metric);
    let is_newer = |metric: &String| newest.contains(metric) && !oldest.contains(metric);
    let mut of_redis: BTreeSet<&str> = BTreeSet::new();
    let mut newer: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut blind = BTreeSet::new();
    for (name, metrics) in &uses {
        for metric in metrics {
            let is_known = newest.contains(metric)
                || is_recorded(metric)
                || ON_DEMAND.contains(&metric.as_str())
                || FOREIGN.contains(&metric.as_str());
            assert!(is_known, "{name}: {metric}");
            if is_newer(metric) && name != "rendered tests" {
                newer.entry(metric).or_default().insert(name);
            }
        }
        let own: Vec<&String> =
            metrics.iter().filter(|metric| metric.starts_with("redis_")).collect();
        of_redis.extend(own.iter().map(|metric| metric.as_str()));
        // With a divisor that is not there, a quotient is not there either.
        let needs = ["Use of maxclients"];
        let is_blind = own.iter().all(|metric| is_newer(metric)) || needs.contains(&name.as_str());
        if !own.is_empty() && is_blind {
            blind.insert(name.as_str());
        }
    }
    assert!(of_redis.len() > 60);
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
