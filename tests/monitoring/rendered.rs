//! The tests that are rendered with the rules pass, and notice when an alert says something else.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use rayon::prelude::*;
use redisforge::{alerts, catalog::Artifact, families::monitoring};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SPEC, alert_names, find, monitored, render, yaml};

/// Specs that stretch what a topology can be.
const HOSTILE: &[(&str, &str)] = &[
    ("few nodes, tiny timings, every limit low", TINY),
    ("many nodes, huge timings, every limit high", HUGE),
    ("two masters of different sizes, and alerts that are off", BARE),
];

const TINY: &str = r#"
apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: tiny}
spec:
  redis: {replicasPerMaster: 1, memory: 64Mi, config: {maxclients: 33, latency-monitor-threshold: 1}}
  sentinel: {quorum: 1, downAfterMilliseconds: 1, failoverTimeoutMilliseconds: 10000}
  allow:
    - {rule: quorum-not-majority, reason: "a test"}
    - {rule: down-after-too-small, reason: "a test"}
  notifications: {webhooks: [{name: chat, url: {secretRef: {name: chat, key: url}}}]}
  monitoring:
    scrape: {intervalSeconds: 1}
    alerts:
      thresholds:
        memoryUsedPercent: 99
        memoryFullPercent: 1
        containerMemoryPercent: 1
        fragmentationRatio: 1
        fragmentationMebibytes: 0
        clientsUsedPercent: 1
        connectionsPerSecond: 0
        slowCommandsPerMinute: 0
        latencySpikeMilliseconds: 0
        backlogLagPercent: 1
        backlogSeconds: 1
        fullSyncMinutes: 0
        loadingMinutes: 0
        restartsPerHalfHour: 0
        versionSkewMinutes: 1
        failoversPerHour: 1
        queuedScripts: 0
"#;

const HUGE: &str = r#"
apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: huge, namespace: prod}
spec:
  redis: {replicasPerMaster: 3, memory: 100Gi, persistence: {type: AOFAndRDB, size: 500Gi}, config: {maxclients: 100000, latency-monitor-threshold: 100}}
  masters:
    - {name: a, redis: {config: {save: ["86400 1", "60 10000"]}}}
    - {name: b, redis: {config: {maxmemory-policy: volatile-ttl}}, sentinel: {downAfterMilliseconds: 100000}}
    - {name: c, redis: {minReplicas: {toWrite: 2, maxLagSeconds: 30}, persistence: {type: None, cacheOnly: true}}}
  sentinel: {instances: 5, quorum: 3, downAfterMilliseconds: 60000, failoverTimeoutMilliseconds: 7200000}
  tls: {mode: Required, certificate: {type: CertManager, issuerRef: {kind: Issuer, name: ca}}}
  notifications: {alertmanagers: ["http://alertmanager:9093"]}
  monitoring:
    scrape: {intervalSeconds: 120}
    alerts:
      thresholds:
        memoryUsedPercent: 98
        memoryFullPercent: 99
        evictedKeysPerSecond: 1000000
        containerMemoryPercent: 99
        fragmentationRatio: 7.25
        fragmentationMebibytes: 100000
        clientsUsedPercent: 99
        connectionsPerSecond: 100000
        authFailuresPerMinute: 1000
        slowCommandsPerMinute: 5000
        latencySpikeMilliseconds: 60000
        backlogLagPercent: 99
        backlogSeconds: 86400
        fullSyncMinutes: 200
        loadingMinutes: 300
        delayedFsyncsPerMinute: 60
        restartsPerHalfHour: 12
        versionSkewMinutes: 250
        failoversPerHour: 20
        queuedScripts: 255
        certificateDays: 365
"#;

const BARE: &str = r"
apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: bare}
spec:
  masters: [{name: one}, {name: two, redis: {replicasPerMaster: 1}}]
  monitoring:
    alerts:
      disable: [RedisInstanceDown, RedisSentinelDown, RedisSentinelSeesMasterDown, RedisMemoryFull, RedisFailoverHappened]
";

pub struct Run {
    directory: TempDir,
    pub rules: Value,
    pub test: Value,
}

impl Run {
    pub fn new(artifacts: &[Artifact]) -> Self {
        let parsed = |name: &str| yaml(find(artifacts, &format!("monitoring/{name}")).unwrap());
        let (rules, test) = (parsed("rules.yaml"), parsed("rules.test.yaml"));
        Self { directory: TempDir::new().unwrap(), rules, test }
    }

    fn tests(&self) -> &[Value] {
        self.test["tests"].as_array().unwrap()
    }

    /// Whether promtool is content, and what it says.
    pub fn judge(&self, rules: &Value, test: &Value) -> (bool, String) {
        let directory = self.directory.path();
        let scratch = TempDir::new_in(directory).unwrap();
        write(scratch.path(), "rules.yaml", &rules.to_string());
        write(scratch.path(), "rules.test.yaml", &test.to_string());
        judge(scratch.path())
    }

    /// The test that is about an alert.
    pub fn about(&self, alert: &str) -> &Value {
        self.named(&format!("{alert}: "))
    }

    /// The test whose name begins so.
    pub fn named(&self, name: &str) -> &Value {
        let is_named = |test: &&Value| test["name"].as_str().unwrap().starts_with(name);
        self.tests().iter().find(is_named).unwrap_or_else(|| panic!("{name} is a test"))
    }

    /// The shortest test in which an alert could fire and does not.
    pub fn without(&self, alert: &str) -> &Value {
        let longest = self.hold(alert);
        let fits = |test: &&Value| {
            let look = last_look(test);
            seconds(&look["eval_time"]) >= longest && !look.to_string().contains(&quoted(alert))
        };
        let tests = self.tests().iter().filter(fits);
        tests.min_by_key(|test| seconds(&last_look(test)["eval_time"])).unwrap()
    }

    fn hold(&self, alert: &str) -> u32 {
        super::rules_of(&self.rules)
            .filter(|rule| rule["alert"] == alert && rule["for"].is_string())
            .map(|rule| seconds(&rule["for"]))
            .max()
            .unwrap_or(0)
    }
}

pub fn quoted(alert: &str) -> String {
    format!(r#"alertname=\"{alert}\""#)
}

fn last_look(test: &Value) -> &Value {
    test["promql_expr_test"].as_array().unwrap().last().unwrap()
}

pub fn seconds(duration: &Value) -> u32 {
    let text = duration.as_str().unwrap();
    let (number, unit) = text.split_at(text.len() - 1);
    number.parse::<u32>().unwrap()
        * match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => panic!("{text}"),
        }
}

fn write(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).unwrap();
}

fn judge(directory: &Path) -> (bool, String) {
    let output = Command::new("promtool")
        .args(["test", "rules", "rules.test.yaml"])
        .current_dir(directory)
        .env("TMPDIR", directory)
        .output()
        .expect("promtool is installed");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// As a user runs them: the files as they are rendered.
#[test]
fn the_rendered_tests_pass() {
    let mut all: Vec<(String, Vec<Artifact>)> = monitored().into_iter().collect();
    all.extend(HOSTILE.iter().map(|(name, spec)| ((*name).into(), render(spec))));
    all.par_iter().for_each(|(name, artifacts)| {
        let directory = TempDir::new().unwrap();
        for file in ["rules.yaml", "rules.test.yaml"] {
            write(directory.path(), file, find(artifacts, &format!("monitoring/{file}")).unwrap());
        }
        let (is_good, said) = judge(directory.path());
        assert!(is_good, "{name}: {said}");
    });
}

#[test]
fn every_alert_has_a_rendered_test_in_which_it_fires() {
    for (name, artifacts) in monitored() {
        let run = Run::new(&artifacts);
        let fired: BTreeSet<String> = run
            .tests()
            .iter()
            .filter_map(|test| {
                let (alert, _) = test["name"].as_str().unwrap().split_once(": ")?;
                assert!(last_look(test).to_string().contains(&quoted(alert)), "{name}: {alert}");
                Some(alert.to_string())
            })
            .collect();
        assert_eq!(fired, alert_names(&artifacts), "{name}");
    }
}

#[test]
fn alerts_that_no_test_can_wait_for_are_rendered_without_one() {
    let spec = HUGE
        .replace("failoverTimeoutMilliseconds: 7200000", "failoverTimeoutMilliseconds: 2147483647")
        .replace("downAfterMilliseconds: 100000", "downAfterMilliseconds: 1000000000")
        .replace("downAfterMilliseconds: 60000", "downAfterMilliseconds: 1000000000")
        .replace("Milliseconds: 60000\n", "Milliseconds: 4294967295\n")
        .replace("certificateDays: 365", "certificateDays: 4294967295");
    let artifacts = render(&spec);
    let run = Run::new(&artifacts);
    let names =
        |test: &Value| test["name"].as_str().unwrap().split(": ").next().unwrap().to_string();
    let tested: BTreeSet<String> = run.tests().iter().map(names).collect();
    let alerts = alert_names(&artifacts);
    let untested: Vec<&String> = alerts.difference(&tested).collect();
    let computed = ["RedisFailoverStuck", "RedisMasterNotWhatSentinelSays", "RedisNoMaster"];
    assert_eq!(untested, computed);
}

/// A second master for one scrape, and everything else that one scrape may show wrong.
#[test]
fn no_alert_fires_for_what_a_single_scrape_shows() {
    for (interval, usual, least) in [(40, "30s", "80s"), (60, "1m", "120s"), (120, "2m", "240s")] {
        let spec = SPEC
            .replace("{type: Static}", &format!("{{type: Static, intervalSeconds: {interval}}}"));
        let run = Run::new(&render(&spec));
        let name = "the old master returns and is master for one scrape";
        let test = run.named(name);
        let held = super::rules_of(&run.rules).filter(|rule| rule["for"] == least).count();
        assert!(held > 0, "an alert waits {least} instead of {usual}");
        assert!(super::rules_of(&run.rules).all(|rule| rule["for"] != usual), "{usual}");
        let alert = "RedisWritesRefusedMinReplicas";
        let judged = |pause: &str| {
            let mut rules = run.rules.clone();
            let groups = rules["groups"].as_array_mut().unwrap().iter_mut();
            for rule in groups.flat_map(|group| group["rules"].as_array_mut().unwrap()) {
                if rule["alert"] == alert {
                    rule["for"] = pause.into();
                }
            }
            let mut file = run.test.clone();
            file["tests"] = json!([test]);
            run.judge(&rules, &file)
        };
        let (is_good, said) = judged(&format!("{}s", 2 * interval));
        assert!(is_good, "{interval}: {said}");
        let (is_good, said) = judged(&format!("{}s", interval / 2));
        assert!(!is_good && said.contains(alert), "{interval}: {said}");
    }
}

#[test]
fn every_alert_of_the_table_has_one_situation() {
    let table: Vec<&str> = alerts::names().collect();
    let situations: Vec<&str> =
        monitoring::situations().filter_map(|situation| situation.alert).collect();
    assert_eq!(situations, table);
}
