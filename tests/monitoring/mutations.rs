//! The rendered tests notice when an alert says something else. All that is done to one alert is judged at once: each change is an
//! alert of its own beside the unchanged one, and promtool names those of which a look shows something else.

use std::collections::BTreeSet;

use rayon::prelude::*;
use redisforge::alerts;
use regex::Regex;
use serde_json::{Value, json};

use super::{
    alert_names, monitored,
    rendered::{Run, quoted, seconds},
};

/// Single words and clauses, with the test beside the alert's own that is about them.
const CLAUSES: &[(&str, &str, &str, &str)] = &[
    ("RedisAllInstancesDown", "max by", "min by", ""),
    ("RedisNoMaster", r"\nunless on \(topology, master\) redisforge:redis_is_master[^\n]*", "", ""),
    (
        "RedisNoMaster",
        r"\nunless on \(topology, master\) redis_sentinel_master_status[^\n]*",
        "",
        "RedisInstanceDown",
    ),
    (
        "RedisMasterNotWhatSentinelSays",
        r"\nand on \(topology, master\) redis_sentinel_master_status[^\n]*",
        "",
        "RedisSentinelMetricsAbsent",
    ),
    ("RedisRestartLoop", "> 2", ">= 2", ""),
    ("RedisRestartLoop", "> 2", "> 1", ""),
    ("RedisReplicationLagSeconds", "> 10", "> 9", "all is well, up to the limits"),
    ("RedisFailoverFlapping", ">= 3", ">= 2", ""),
    ("RedisFullResyncLoop", r"> on", ">= on", ""),
];

/// What is done to every rule of an alert.
struct Change {
    what: String,
    rules: Vec<Value>,
}

impl Change {
    fn new(what: impl Into<String>, rules: &[Value], apply: impl Fn(&mut Value)) -> Self {
        let mut rules = rules.to_vec();
        rules.iter_mut().for_each(apply);
        Self { what: what.into(), rules }
    }
}

fn changes(alert: &str, rules: &[Value]) -> Vec<Change> {
    let says =
        |text: &'static str| Change::new(text, rules, move |rule| rule["expr"] = text.into());
    let mut all = vec![Change::new("", rules, |_| {}), says("vector(1) > 2"), says("vector(1)")];
    let waits = |factor: u32, divisor: u32| {
        Change::new(format!("for * {factor} / {divisor}"), rules, |rule| {
            let pause = seconds(&rule["for"]) * factor / divisor;
            rule["for"] = format!("{pause}s").into();
        })
    };
    if rules.iter().all(|rule| rule["for"].is_string() && seconds(&rule["for"]) > 0) {
        all.extend([waits(2, 1), waits(1, 2)]);
    }
    for (_, old, new, _) in CLAUSES.iter().filter(|(name, ..)| *name == alert) {
        let old = Regex::new(old).unwrap();
        let replaces = |rule: &Value| old.is_match(rule["expr"].as_str().unwrap());
        if rules.iter().all(replaces) {
            all.push(Change::new(format!("{old} -> {new}"), rules, |rule| {
                rule["expr"] = old.replace(rule["expr"].as_str().unwrap(), *new).into();
            }));
        }
    }
    all
}

/// What a look at a change shows where it says what the alert says.
fn look(look: &Value, alert: &str, number: usize) -> Value {
    let own = Regex::new(&format!(r#"alertname="{alert}",?"#)).unwrap();
    let samples = look["exp_samples"].as_array().into_iter().flatten();
    let samples = samples.filter(|sample| sample.to_string().contains(&quoted(alert)));
    let samples: Vec<Value> = samples
        .map(|sample| {
            let labels = own.replace(sample["labels"].as_str().unwrap(), "");
            json!({ "labels": labels, "value": sample["value"] })
        })
        .collect();
    let firing = format!(r#"ALERTS{{alertstate="firing",alertname="Change{number}"}}"#);
    json!({
        "expr": format!("count by (master) ({firing})"),
        "eval_time": look["eval_time"],
        "exp_samples": samples,
    })
}

impl Run {
    /// Which changes of an alert some of the tests notice.
    fn noticed(&self, alert: &str, changes: &[Change], tests: &[&Value]) -> BTreeSet<usize> {
        let is_record = |group: &&Value| group["rules"][0]["record"].is_string();
        let mut groups: Vec<Value> =
            super::groups(&self.rules).filter(is_record).cloned().collect();
        for (number, change) in changes.iter().enumerate() {
            let mut rules = change.rules.clone();
            for rule in &mut rules {
                rule["alert"] = format!("Change{number}").into();
            }
            groups.push(json!({ "name": format!("change{number}"), "rules": rules }));
        }
        let mut file = self.test.clone();
        file["group_eval_order"] = groups.iter().map(|group| group["name"].clone()).collect();
        let test = |test: &&Value| {
            let mut test = (*test).clone();
            let looks = test["promql_expr_test"].as_array().unwrap().clone();
            let numbers = 0..changes.len();
            let of_all = |found: &Value| {
                let found = found.clone();
                numbers.clone().map(move |number| look(&found, alert, number))
            };
            test["promql_expr_test"] = looks.iter().flat_map(of_all).collect();
            test
        };
        file["tests"] = tests.iter().map(test).collect();
        let (is_good, said) = self.judge(&json!({ "groups": groups }), &file);
        let number = Regex::new(r"Change(\d+)").unwrap();
        let noticed: BTreeSet<usize> = said
            .lines()
            .filter(|line| line.contains("expr: "))
            .filter_map(|line| number.captures(line)?[1].parse().ok())
            .collect();
        assert_eq!(is_good, noticed.is_empty(), "{alert}: {said}");
        noticed
    }
}

#[test]
fn the_rendered_tests_notice_what_an_alert_says_else() {
    let runs: Vec<(String, Run, BTreeSet<String>)> = monitored()
        .into_iter()
        .map(|(name, artifacts)| (name, Run::new(&artifacts), alert_names(&artifacts)))
        .collect();
    // Two examples are enough for each alert: the rules of the others come from the same templates.
    let cases: Vec<_> = alerts::names()
        .flat_map(|alert| {
            let mut with = runs.iter().filter(move |(_, _, alerts)| alerts.contains(alert));
            let first = with.next();
            first.into_iter().chain(with.next_back()).map(move |(name, run, _)| (name, run, alert))
        })
        .collect();
    let judged: BTreeSet<&str> = cases.iter().map(|(.., alert)| *alert).collect();
    assert_eq!(judged, alerts::names().collect());
    let done: Vec<(usize, BTreeSet<String>)> = cases
        .par_iter()
        .map(|(name, run, alert)| {
            let rules: Vec<Value> = super::rules_of(&run.rules)
                .filter(|rule| rule["alert"] == *alert)
                .cloned()
                .collect();
            let changes = changes(alert, &rules);
            let beside =
                CLAUSES.iter().filter(|(own, .., beside)| own == alert && !beside.is_empty());
            let mut tests = vec![run.about(alert), run.without(alert)];
            tests.extend(beside.map(|(.., beside)| run.named(beside)));
            let noticed = run.noticed(alert, &changes, &tests);
            for (number, change) in changes.iter().enumerate() {
                let is_change = number > 0;
                assert_eq!(
                    noticed.contains(&number),
                    is_change,
                    "{name}: whether the tests notice that {alert} is changed: {}",
                    change.what
                );
            }
            let clauses = changes.iter().filter(|change| change.what.contains("->"));
            (changes.len(), clauses.map(|change| format!("{alert} {}", change.what)).collect())
        })
        .collect();
    assert!(done.iter().map(|(count, _)| count).sum::<usize>() > 400);
    let clauses: BTreeSet<&String> = done.iter().flat_map(|(_, clauses)| clauses).collect();
    assert_eq!(clauses.len(), CLAUSES.len(), "{clauses:?}");
}
