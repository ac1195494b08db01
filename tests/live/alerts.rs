//! What Prometheus and Alertmanager say.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use regex::Regex;
use serde_json::Value;

use crate::{set, support};

/// Where Alertmanager listens; notify.sh posts to port 9093 too.
pub const ALERTMANAGER: &str = "127.0.0.1:9093";
pub const PROMETHEUS: &str = "127.0.0.1:9090";
/// Sentinel's own words, posted by notify.sh.
const FROM_SENTINEL: &str = "RedisSentinelEvent";

/// Names of alerts.
pub type Names = BTreeSet<String>;

/// Between two looks; what fires, fires for longer.
const LOOK: Duration = Duration::from_millis(300);

/// What was seen of alerts.
#[derive(Default)]
pub struct Seen {
    /// Looks so far.
    pub looks: usize,
    pub firing: Names,
    pub pending: Names,
    /// What Alertmanager has and is not resolved.
    pub told: Names,
    /// Whatever fired, and whatever Alertmanager was told, since the beginning of a fault.
    pub fired: Names,
    pub was_told: Names,
    /// How an alert looked when it fired first, for people.
    pub detail: Vec<String>,
    /// What an alert could not say, since the beginning of a fault.
    pub speechless: BTreeSet<String>,
    /// Labels that the annotations of each alert name.
    named: BTreeMap<String, Names>,
}

impl Seen {
    /// Another fault begins.
    pub fn begin(&mut self) {
        self.fired = self.firing.clone();
        self.was_told = self.told.clone();
        self.detail.clear();
        self.speechless.clear();
    }

    /// A label that an alert lacks is printed as nothing.
    fn judge_words(&mut self, alert: &Value) {
        let name = alert["labels"]["alertname"].as_str().unwrap();
        for label in self.named.get(name).into_iter().flatten() {
            if alert["labels"][label].as_str().is_none_or(str::is_empty) {
                self.speechless.insert(format!("{name} has no {label}"));
            }
        }
        for (key, text) in alert["annotations"].as_object().unwrap() {
            let text = text.as_str().unwrap();
            if text.is_empty() || text.contains("<no value>") || text.contains("error expanding") {
                self.speechless.insert(format!("{key} of {name}: {text:?}"));
            }
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.firing.is_empty() && self.pending.is_empty() && self.told.is_empty()
    }

    fn look(&mut self) {
        let Some(answer) = get(PROMETHEUS, "/api/v1/alerts") else { return };
        let Some(told) = of_alertmanager() else { return };
        (self.firing, self.pending) = Default::default();
        for alert in answer["data"]["alerts"].as_array().unwrap() {
            self.judge_words(alert);
            let name = alert["labels"]["alertname"].as_str().unwrap().to_string();
            if alert["state"] != "firing" {
                self.pending.insert(name);
                continue;
            }
            if !self.fired.contains(&name) {
                self.detail.push(format!("{} {}", alert["labels"], alert["value"]));
            }
            self.firing.insert(name);
        }
        self.fired.extend(self.firing.iter().cloned());
        self.was_told.extend(told.iter().cloned());
        self.told = told;
        self.looks += 1;
    }
}

/// Looks at the alerts again and again until it is dropped, so that none comes and goes unseen.
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub fn new() -> Self {
        let named = named_labels();
        assert!(named.len() > 40 && named.values().flatten().count() > named.len(), "{named:?}");
        let seen = Arc::new(Mutex::new(Seen { named, ..Seen::default() }));
        let ends = Arc::<AtomicBool>::default();
        let (own, until) = (Arc::clone(&seen), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                lock(&own).look();
                thread::sleep(LOOK);
            }
        });
        Self { seen, ends, thread: Some(thread) }
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Labels that annotations name, by alert.
fn named_labels() -> BTreeMap<String, Names> {
    let artifacts = support::render(&set::spec());
    let rules = artifacts.iter().find(|artifact| artifact.path == "monitoring/rules.yaml").unwrap();
    let rules: Value = serde_yaml::from_str(&rules.content).unwrap();
    let groups = rules["groups"].as_array().unwrap().iter();
    let label = Regex::new(r"\$labels\.(\w+)").unwrap();
    let mut named: BTreeMap<String, Names> = BTreeMap::new();
    for rule in groups.flat_map(|group| group["rules"].as_array().unwrap()) {
        let Some(alert) = rule["alert"].as_str() else { continue };
        let text = rule["annotations"].to_string();
        let labels = label.captures_iter(&text).map(|found| found[1].to_string());
        named.entry(alert.into()).or_default().extend(labels);
    }
    named
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Alerts of Prometheus that Alertmanager has and that are not resolved.
fn of_alertmanager() -> Option<Names> {
    let answer = get(ALERTMANAGER, "/api/v2/alerts")?;
    let names = answer.as_array().unwrap().iter();
    let names = names.map(|alert| alert["labels"]["alertname"].as_str().unwrap().to_string());
    Some(names.filter(|name| name != FROM_SENTINEL).collect())
}

/// The JSON at a path; nothing as long as nobody answers.
pub fn get(address: &str, path: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // HTTP 1.0 has no chunks.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    if !head.contains(" 200 ") {
        return None;
    }
    serde_json::from_str(body).ok()
}
