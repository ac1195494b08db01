//! The rendered Alertmanager configuration, read by amtool and obeyed by a real Alertmanager.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisforge::{catalog::Artifact, templates};
use regex::Regex;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{find, monitored, rules_of, yaml};

/// Alerts that say nothing new beside another; of the same master where both have one.
const SILENCED: &[(&str, &[&str])] = &[
    (
        "RedisAllInstancesDown",
        &[
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisNoMaster",
            "RedisSentinelSeesMasterDown",
            "RedisFailoverStuck",
            "RedisNoPromotableReplica",
            "RedisSentinelNoFailoverCandidate",
        ],
    ),
    (
        "RedisSentinelMajorityDown",
        &["RedisSentinelDown", "RedisSentinelQuorumUnreachable", "RedisSentinelPeersBelowMajority"],
    ),
    (
        "RedisSentinelMetricsAbsent",
        &[
            "RedisSentinelDown",
            "RedisSentinelMajorityDown",
            "RedisSentinelQuorumUnreachable",
            "RedisSentinelPeersBelowMajority",
        ],
    ),
    ("RedisInstanceDown", &["RedisInstancesMissing"]),
    ("RedisMemoryFull", &["RedisMemoryHigh"]),
];
/// What silences everything about its master but these.
const ABSENT: &str = "RedisMetricsAbsent";
const NEVER_SILENT: &[&str] = &[ABSENT, "RedisExporterDown", "RedisSentinelEvent"];

/// Whether one alert silences another.
fn silences(source: &Labels, target: &Labels) -> bool {
    let (name, other) = (source["alertname"].as_str(), target["alertname"].as_str());
    if source["topology"] != target["topology"] || name == other {
        return false;
    }
    // Sentinels are of no master.
    let is_same = name.starts_with("RedisSentinel") || source.get("master") == target.get("master");
    if name == ABSENT {
        return is_same && !NEVER_SILENT.contains(&other);
    }
    is_same && SILENCED.iter().any(|(one, others)| *one == name && others.contains(&other))
}

type Labels = BTreeMap<String, String>;

/// Every alert of a topology with the labels that it is seen to have.
fn alerts(artifacts: &[Artifact]) -> BTreeSet<Labels> {
    let rules = yaml(find(artifacts, "monitoring/rules.yaml").unwrap());
    let rule = |name: &str| rules_of(&rules).find(|rule| rule["alert"] == *name).unwrap();
    let label = Regex::new(r#"(\w+)="([^"]*)""#).unwrap();
    let mut all = BTreeSet::new();
    let tests = yaml(find(artifacts, "monitoring/rules.test.yaml").unwrap());
    for test in tests["tests"].as_array().unwrap() {
        let look = test["promql_expr_test"].as_array().unwrap().last().unwrap();
        for sample in look["exp_samples"].as_array().into_iter().flatten() {
            let mut labels: Labels = label
                .captures_iter(sample["labels"].as_str().unwrap())
                .map(|found| (found[1].into(), found[2].into()))
                .collect();
            let constant = &rule(&labels["alertname"])["labels"];
            for key in ["topology", "severity"] {
                labels.insert(key.into(), constant[key].as_str().unwrap().into());
            }
            let instance = labels.get("master").map_or("sentinel", String::as_str);
            labels.insert("instance".into(), format!("{instance}-0:6379"));
            all.insert(labels);
        }
    }
    all
}

/// What a Sentinel tells by itself, with the labels that it prints.
fn event(alertmanager: &Alertmanager, topology: &str, master: &str) -> Labels {
    let directory = TempDir::new().unwrap();
    for part in ["node", "ask", "post", "notify"] {
        let script = templates::sources()[&format!("scripts/{part}.sh")];
        fs::write(directory.path().join(format!("{part}.sh")), script).unwrap();
    }
    let settings = format!(
        "node=here\nvolume=.\ntopology='{topology}'\nrunbook_url=''\nevents=+switch-master\nalertmanagers='{}'\n",
        alertmanager.url
    );
    fs::write(directory.path().join("settings"), settings).unwrap();
    let output = Command::new("sh")
        .arg(directory.path().join("notify.sh"))
        .args(["+switch-master", &format!("{master} 10.0.0.1 6379 10.0.0.2 6379")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    wait_for("the event is there", || !alertmanager.alerts().is_empty());
    let told: Vec<Labels> = alertmanager.alerts().into_keys().collect();
    let [event] = &told[..] else { panic!("{told:?}") };
    assert_eq!(event["alertname"], "RedisSentinelEvent");
    assert_eq!(event["master"], master);
    alertmanager.tell(&BTreeSet::from([event.clone()]), "2020-01-01T00:00:01Z");
    wait_for("the event has ended", || alertmanager.alerts().is_empty());
    event.clone()
}

struct Alertmanager {
    process: Child,
    url: String,
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Alertmanager {
    fn start(directory: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = File::create(directory.join("log")).unwrap();
        let process = Command::new("prometheus-alertmanager")
            .arg("--config.file=alertmanager.yaml")
            .arg("--storage.path=data")
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .current_dir(directory)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("prometheus-alertmanager is installed");
        let started = Self { process, url: format!("http://127.0.0.1:{port}") };
        let is_ready = || started.get("/-/ready").is_some_and(|text| text == "OK");
        wait_for(&fs::read_to_string(directory.join("log")).unwrap(), is_ready);
        started
    }

    fn curl(&self, words: &[&str], path: &str) -> Option<String> {
        let output = Command::new("curl")
            .args(["--silent", "--fail", "--max-time", "5"])
            .args(words)
            .arg(format!("{}{path}", self.url))
            .output()
            .expect("curl is installed");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn get(&self, path: &str) -> Option<String> {
        self.curl(&[], path)
    }

    /// Tells it of alerts that fire until some time.
    fn tell(&self, alerts: &BTreeSet<Labels>, ends: &str) {
        let body: Vec<Value> = alerts
            .iter()
            .map(|labels| json!({ "labels": labels, "startsAt": "2020-01-01T00:00:00Z", "endsAt": ends }))
            .collect();
        let body = Value::from(body).to_string();
        let words = ["--header", "Content-Type: application/json", "--data", &body];
        assert!(self.curl(&words, "/api/v2/alerts").is_some(), "the alerts are taken");
    }

    /// The alerts that fire, and whether another silences each.
    fn alerts(&self) -> BTreeMap<Labels, bool> {
        let text = self.get("/api/v2/alerts").unwrap();
        let all: Vec<Value> = serde_json::from_str(&text).unwrap();
        all.into_iter()
            .map(|alert| {
                let is_silenced = !alert["status"]["inhibitedBy"].as_array().unwrap().is_empty();
                assert_eq!(alert["status"]["state"] == "suppressed", is_silenced);
                (serde_json::from_value(alert["labels"].clone()).unwrap(), is_silenced)
            })
            .collect()
    }
}

fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn amtool(directory: &Path, words: &[&str]) -> (bool, String) {
    let output = Command::new("amtool")
        .args(words)
        .current_dir(directory)
        .output()
        .expect("amtool is installed");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).trim().to_string())
}

fn put(artifacts: &[Artifact]) -> TempDir {
    let directory = TempDir::new().unwrap();
    let text = find(artifacts, "monitoring/alertmanager.yaml").unwrap();
    fs::write(directory.path().join("alertmanager.yaml"), text).unwrap();
    directory
}

#[test]
fn amtool_accepts_the_routes_and_sends_each_severity_its_way() {
    for (name, artifacts) in monitored() {
        let directory = put(&artifacts);
        let (is_good, said) = amtool(directory.path(), &["check-config", "alertmanager.yaml"]);
        assert!(is_good && said.contains("3 receivers"), "{name}: {said}");
        let topology = alerts(&artifacts).first().unwrap()["topology"].clone();
        for severity in ["critical", "warning", "info"] {
            let labels = [format!("topology={topology}"), format!("severity={severity}")];
            let test = ["config", "routes", "test", "--config.file=alertmanager.yaml"];
            let words = [&test[..], &[&labels[0], &labels[1]]].concat();
            let (is_good, said) = amtool(directory.path(), &words);
            assert!(is_good, "{name}: {said}");
            let receiver = format!("redisforge-{topology}-{severity}");
            assert_eq!(said.lines().next(), Some(receiver.as_str()), "{name}");
        }
    }
}

#[test]
fn an_alert_is_silenced_by_those_beside_which_it_says_nothing_and_by_no_other() {
    let later = "2099-01-01T00:00:00Z";
    let ended = "2020-01-01T00:00:01Z";
    for (name, artifacts) in monitored() {
        let directory = put(&artifacts);
        let alertmanager = Alertmanager::start(directory.path());
        let mut all = alerts(&artifacts);
        let master = all.iter().find(|labels| labels.contains_key("master")).unwrap();
        all.insert(event(&alertmanager, &master["topology"], &master["master"]));
        let is_source = |labels: &Labels| {
            all.iter()
                .any(|other| labels["alertname"] != "RedisSentinelEvent" && silences(labels, other))
        };
        let sources: BTreeMap<&str, &Labels> = all
            .iter()
            .filter(|labels| is_source(labels))
            .map(|labels| (labels["alertname"].as_str(), labels))
            .collect();
        assert!(sources.len() >= 5, "{name}: {:?}", sources.keys());
        for source in sources.values() {
            // Of other sources only those that this one silences: they silence others in turn.
            let beside = |labels: &&Labels| !is_source(labels) || silences(source, labels);
            let mut told: BTreeSet<Labels> = all.iter().filter(beside).cloned().collect();
            told.insert((*source).clone());
            let elsewhere = |labels: &Labels| {
                let mut labels = labels.clone();
                labels.insert("topology".into(), "elsewhere".into());
                labels
            };
            told.extend(told.iter().map(elsewhere).collect::<Vec<_>>());
            let ours = |labels: &Labels| labels["topology"] != "elsewhere";
            let expected: BTreeMap<Labels, bool> = told
                .iter()
                .map(|labels| {
                    let is_silenced = told.iter().any(|other| silences(other, labels));
                    (labels.clone(), is_silenced && ours(labels))
                })
                .collect();
            assert!(expected.values().any(|is_silenced| *is_silenced));
            alertmanager.tell(&told, later);
            let at = format!("{name}: beside {}", source["alertname"]);
            wait_for(&at, || alertmanager.alerts() == expected);
            alertmanager.tell(&told, ended);
            wait_for(&format!("{at}: ended"), || alertmanager.alerts().is_empty());
        }
    }
}

/// An alert that comes before the one that silences it would be told.
#[test]
fn what_silences_an_alert_is_there_first() {
    let seconds = |rule: &Value| {
        let text = rule["for"].as_str().unwrap_or("0s");
        let (number, unit) = text.split_at(text.len() - 1);
        number.parse::<u32>().unwrap() * if unit == "m" { 60 } else { 1 }
    };
    for (name, artifacts) in monitored() {
        let rules = yaml(find(&artifacts, "monitoring/rules.yaml").unwrap());
        let of = |alert: &'static str| rules_of(&rules).filter(move |rule| rule["alert"] == alert);
        for (source, targets) in SILENCED.iter().filter(|(source, _)| !source.contains("Absent")) {
            for target in targets.iter().flat_map(|target| of(target)) {
                for source in of(source) {
                    assert!(seconds(source) <= seconds(target), "{name}: {source} {target}");
                }
            }
        }
    }
}
