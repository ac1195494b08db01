//! Every expression of a dashboard, asked of the real Prometheus that scrapes a set.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use redisforge::families::monitoring;
use regex::Regex;
use serde_json::Value;

use crate::{
    cluster::Cluster,
    nodes::Nodes,
    programs::{Prometheus, until},
    set::{MOMENT, Set},
    stored,
    support::{installed::for_installed_engine, render, root, topology},
};

/// Expressions that a healthy set leaves empty, with the fault that fills each.
const FAULTS: &[(&str, Fault)] =
    &[("Failed scrapes", Fault::NodeKilled), ("Failovers", Fault::MasterKilled)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    NodeKilled,
    MasterKilled,
}

/// What the installed exporter lacks, by the panels that show it: these stay empty before the version that is named.
const NEWER: &[(&str, &str)] = &[
    ("99th percentile of latency", "1.48"),
    ("Age of the master's last reply", "1.80.2"),
    ("Quorum setting", "1.56"),
    ("Setting of parallel copies", "1.56"),
    ("Timing settings", "1.56"),
    ("Use of maxclients", "1.68"),
];

/// Prometheus here scrapes and evaluates every second, so Grafana's interval is four of them.
const RATE_INTERVAL: &str = "4s";

/// Expressions of a dashboard by title, as Grafana sends them with everything chosen.
fn expressions(dashboard: &Value) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |title: &Value, target: &Value| {
        let expression = target["expr"].as_str().unwrap();
        let asked = expression
            .replace("$__rate_interval", RATE_INTERVAL)
            .replace("\"$instance\"", "\".+\"")
            .replace("\"$master\"", "\".+\"");
        assert!(!asked.contains('$'), "{asked}");
        found.entry(title.as_str().unwrap().into()).or_default().push(asked);
    };
    let top = dashboard["panels"].as_array().unwrap();
    let nested = top.iter().filter_map(|panel| panel["panels"].as_array()).flatten();
    for panel in top.iter().chain(nested).filter(|panel| panel["type"] != "row") {
        for target in panel["targets"].as_array().unwrap() {
            add(&panel["title"], target);
        }
    }
    for annotation in dashboard["annotations"]["list"].as_array().unwrap() {
        add(&annotation["name"], &annotation["target"]);
    }
    found
}

/// Expressions that show nothing now; a value that is no number shows nothing either.
fn empty<'a>(prometheus: &Prometheus, expressions: &'a [String]) -> Vec<&'a String> {
    let is_shown =
        |series: &Value| series["value"][1].as_str().unwrap().parse::<f64>().unwrap().is_finite();
    expressions
        .iter()
        .filter(|expression| !prometheus.query(expression).iter().any(is_shown))
        .collect()
}

fn wait_until_filled(prometheus: &Prometheus, title: &str, expressions: &[String]) {
    until(&format!("panel {title} fills"), 40, || {
        let lacking = empty(prometheus, expressions);
        (!lacking.is_empty()).then(|| format!("{lacking:?}"))
    });
}

/// The rendered files of two topologies, faster than in production: the set that runs, and the stored pages.
fn configuration(set: &Set, stored: &[redisforge::catalog::Artifact], pages: &str) -> String {
    let scratch = set.scratch.path();
    let rules = stored.iter().find(|artifact| artifact.path == "monitoring/rules.yaml").unwrap();
    fs::write(scratch.join("stored.yaml"), &rules.content).unwrap();
    fs::write(scratch.join("rules.yaml"), set.file("monitoring/rules.yaml")).unwrap();
    let rendered = set.file("monitoring/scrape.yaml");
    let fast = rendered
        .replace("scrape_interval: 15s", "scrape_interval: 1s")
        .replace("scrape_timeout: 10s", "scrape_timeout: 1s");
    assert_ne!(fast, rendered);
    let mut config: Value = serde_yaml::from_str(&fast).unwrap();
    let mut job = config["scrape_configs"][0].clone();
    job["job_name"] = "stored".into();
    let target = |page: &str, component: &str| {
        let mut labels = serde_json::json!({
            "__metrics_path__": format!("/{page}"), "component": component, "topology": "stored", "instance": page,
        });
        if component == "redis" {
            labels["master"] = "mymaster".into();
        }
        serde_json::json!({ "targets": [pages], "labels": labels })
    };
    job["static_configs"] = serde_json::json!([
        target("master", "redis"),
        target("replica", "redis"),
        target("sentinel", "sentinel"),
    ]);
    config["scrape_configs"].as_array_mut().unwrap().push(job);
    config["global"] = serde_json::json!({ "evaluation_interval": "1s" });
    config["rule_files"] = serde_json::json!(["rules.yaml", "stored.yaml"]);
    config.to_string()
}

/// A client that reads and writes as long as it is held.
struct Load(Arc<AtomicBool>);

impl Load {
    fn start(cluster: &Cluster, node: usize, lines: &'static str) -> Self {
        let (ends, client, login) =
            (Arc::new(AtomicBool::new(false)), cluster.client(node), cluster.login_of_client());
        let flag = Arc::clone(&ends);
        thread::spawn(move || {
            let mut client = Command::new(&client[0])
                .args(&client[1..])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut input = client.stdin.take().unwrap();
            let _ = writeln!(input, "{login}");
            while !flag.load(Ordering::Relaxed) && input.write_all(lines.as_bytes()).is_ok() {
                thread::sleep(MOMENT);
            }
            drop(input);
            let _ = client.kill();
            let _ = client.wait();
        });
        Self(ends)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn every_panel_shows_something_on_a_healthy_set_or_when_its_fault_is_there() {
    let _alone = crate::nodes::alone();
    let mut set = Set::start(&for_installed_engine("hosts"));
    set.export();
    let stored_spec =
        for_installed_engine("hosts").replace("name: orders\nspec", "name: stored\nspec");
    let stored_files = render(&stored_spec);
    let config = configuration(&set, &stored_files, &stored::serve());
    let prometheus = Prometheus::start(set.scratch.path(), &config);
    let master = set.cluster.current("orders");
    let _load = Load::start(&set.cluster, master, "SET key value EX 5\nGET key\nGET nothing\n");

    let dashboard: Value = serde_json::from_str(set.file("monitoring/dashboard.json")).unwrap();
    let all = expressions(&dashboard);
    let titles: BTreeSet<&str> = all.keys().map(String::as_str).collect();
    for title in FAULTS.iter().map(|(title, _)| title).chain(NEWER.iter().map(|(title, _)| title)) {
        assert!(titles.contains(title), "{title} is no panel");
    }
    let has_fault = |title: &str| FAULTS.iter().any(|(name, _)| *name == title);
    let is_newer = |title: &str| NEWER.iter().any(|(name, _)| *name == title);
    for (title, expressions) in &all {
        if !has_fault(title) && !is_newer(title) {
            wait_until_filled(&prometheus, title, expressions);
        }
    }
    for (title, expressions) in &all {
        if has_fault(title) || is_newer(title) {
            let lacking = empty(&prometheus, expressions);
            assert_eq!(
                lacking.len(),
                expressions.len(),
                "{title} is not as empty as its table says"
            );
        }
    }
    for (title, expressions) in
        expressions_of_stored(&stored_files).iter().filter(|(title, _)| is_newer(title))
    {
        wait_until_filled(&prometheus, title, expressions);
    }
    the_variables_offer_what_there_is(&prometheus, &dashboard, &set);
    the_list_of_names_is_what_the_installed_exporter_says(&prometheus, &set);

    crate::runbook::commands_work(&set);
    for (title, fault) in FAULTS {
        let killed = match fault {
            Fault::NodeKilled => {
                set.cluster.called("orders").into_iter().find(|&node| node != master)
            }
            Fault::MasterKilled => Some(master),
        };
        set.cluster.kill(killed.unwrap());
        wait_until_filled(&prometheus, title, &all[*title]);
    }
}

fn expressions_of_stored(files: &[redisforge::catalog::Artifact]) -> BTreeMap<String, Vec<String>> {
    let file = files.iter().find(|file| file.path == "monitoring/dashboard.json").unwrap();
    expressions(&serde_json::from_str(&file.content).unwrap())
}

fn the_variables_offer_what_there_is(prometheus: &Prometheus, dashboard: &Value, set: &Set) {
    let call = Regex::new(r"^label_values\((.*), (\w+)\)$").unwrap();
    let offered = |name: &str| {
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        let variable = variables.iter().find(|variable| variable["name"] == name).unwrap();
        let query = call.captures(variable["query"]["query"].as_str().unwrap()).unwrap();
        prometheus.label_values(&query[2], &query[1])
    };
    let announced = |place: &_| set.cluster.announced(place);
    let everything: BTreeSet<String> = set.cluster.places().iter().map(announced).collect();
    assert_eq!(offered("instance").into_iter().collect::<BTreeSet<_>>(), everything);
    assert_eq!(offered("master"), ["orders"]);
}

/// The list that other tests look names up in, for the names that rules and dashboard use.
fn the_list_of_names_is_what_the_installed_exporter_says(prometheus: &Prometheus, set: &Set) {
    let list = fs::read_to_string(root().join("tests/monitoring/metrics-1.45.txt")).unwrap();
    let list: BTreeSet<&str> = list.lines().collect();
    let used =
        set.file("monitoring/rules.yaml").to_string() + set.file("monitoring/dashboard.json");
    let scraped: BTreeSet<String> =
        prometheus.label_values("__name__", r#"{topology="orders"}"#).into_iter().collect();
    let name = Regex::new(r"\bredis_[a-z0-9_]+").unwrap();
    let used: BTreeSet<&str> = name.find_iter(&used).map(|found| found.as_str()).collect();
    let missing: Vec<&&str> =
        used.iter().filter(|name| list.contains(**name) && !scraped.contains(**name)).collect();
    assert_eq!(missing, Vec::<&&str>::new());
    assert!(used.intersection(&list).count() > 40);
}

#[test]
fn a_dashboard_for_import_asks_for_its_data_source_and_names_all_that_it_needs() {
    let topology = topology(&for_installed_engine("hosts"));
    let import = monitoring::dashboard_for_import(&topology).unwrap();
    let import: Value = serde_json::from_str(&import).unwrap();
    let input = import["__inputs"][0]["name"].as_str().unwrap();
    let reference = Regex::new(r"\$\{([^}]*)\}").unwrap();
    let text = import.to_string();
    let named: BTreeSet<&str> =
        reference.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()).collect();
    assert_eq!(named, BTreeSet::from([input]), "nothing but inputs is filled in at an import");
    let kind =
        Regex::new(r#""type":"(stat|table|timeseries|[a-z-]*(?:chart|gauge|timeline))""#).unwrap();
    let shown: BTreeSet<&str> =
        kind.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()).collect();
    let required = import["__requires"].as_array().unwrap().iter();
    let required = required.filter(|needed| needed["type"] == "panel");
    let required: BTreeSet<&str> = required.map(|needed| needed["id"].as_str().unwrap()).collect();
    assert!(shown.is_subset(&required) && required.len() == 4, "{shown:?}");
    assert_eq!(expressions(&import).len(), {
        let bare = render(&for_installed_engine("hosts"));
        expressions_of_stored(&bare).len()
    });
}
