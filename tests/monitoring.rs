//! What monitoring reads: promtool reads rules and scrape files, Grafana's own types the dashboard, and every metric exists.

#[path = "monitoring/latency.rs"]
mod latency;
#[path = "monitoring/metrics.rs"]
mod metrics;
#[path = "monitoring/mutations.rs"]
mod mutations;
#[path = "monitoring/rendered.rs"]
mod rendered;
#[path = "monitoring/routes.rs"]
mod routes;
#[path = "monitoring/situations.rs"]
mod situations;
mod support;
#[path = "monitoring/world.rs"]
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use metrics::metrics_in;
use redisforge::{alerts, catalog::Artifact, templates};
use regex::Regex;
use serde_json::{Value, json};
use support::{render, rendered_examples, root, topology};
use tempfile::TempDir;

/// A deployment that the examples do not have: scraped by file on Kubernetes, two masters of different kinds.
pub const SPEC: &str = r#"
apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: shop, namespace: prod}
spec:
  masters:
    - name: orders
      redis:
        persistence: {type: AOFAndRDB}
        config: {latency-monitor-threshold: 100}
    - name: pages
      redis: {replicasPerMaster: 1, persistence: {type: None, cacheOnly: true}, config: {maxmemory-policy: allkeys-lru}}
  tls: {mode: Required, certificate: {type: CertManager, issuerRef: {kind: Issuer, name: ca}}}
  notifications: {alertmanagers: ["http://alertmanager:9093"]}
  monitoring:
    scrape: {type: Static}
    alerts: {runbookUrlPrefix: "https://example.com/shop/"}
    dashboard: {delivery: File}
"#;

/// Everything that is monitored, by name.
fn monitored() -> BTreeMap<String, Vec<Artifact>> {
    let mut all = rendered_examples();
    all.insert("shop with files".into(), render(SPEC));
    all.retain(|_, artifacts| find(artifacts, "monitoring/rules.yaml").is_some());
    assert!(all.len() >= 5, "{:?}", all.keys());
    all
}

fn find<'a>(artifacts: &'a [Artifact], path: &str) -> Option<&'a str> {
    artifacts
        .iter()
        .find(|artifact| artifact.path == path)
        .map(|artifact| artifact.content.as_str())
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn promtool(arguments: &[&str], content: &str) -> (bool, String) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file.yaml");
    fs::write(&file, content).unwrap();
    let output = Command::new("promtool")
        .args(arguments)
        .arg(&file)
        .output()
        .expect("promtool is installed");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn groups(rules: &Value) -> impl Iterator<Item = &Value> {
    rules["groups"].as_array().unwrap().iter()
}

fn rules_of(rules: &Value) -> impl Iterator<Item = &Value> {
    groups(rules).flat_map(|group| group["rules"].as_array().unwrap())
}

fn alert_names(artifacts: &[Artifact]) -> BTreeSet<String> {
    let rules = yaml(find(artifacts, "monitoring/rules.yaml").unwrap());
    rules_of(&rules).filter_map(|rule| rule["alert"].as_str().map(String::from)).collect()
}

#[test]
fn promtool_accepts_the_rules_and_finds_no_rule_twice() {
    for (name, artifacts) in monitored() {
        let (is_good, said) = promtool(
            &["check", "rules", "--lint=all", "--lint-fatal"],
            find(&artifacts, "monitoring/rules.yaml").unwrap(),
        );
        assert!(is_good, "{name}: {said}");
    }
}

#[test]
fn the_operator_gets_the_same_groups() {
    for (name, artifacts) in monitored() {
        let Some(object) = find(&artifacts, "kubernetes/monitoring/prometheusrule.yaml") else {
            continue;
        };
        let rules = yaml(find(&artifacts, "monitoring/rules.yaml").unwrap());
        assert_eq!(yaml(object)["spec"], rules, "{name}");
    }
}

#[test]
fn promtool_accepts_the_scrape_files() {
    let files: Vec<_> = monitored()
        .into_iter()
        .filter(|(_, artifacts)| find(artifacts, "monitoring/scrape.yaml").is_some())
        .collect();
    assert!(files.len() >= 3);
    for (name, artifacts) in files {
        let (is_good, said) =
            promtool(&["check", "config"], find(&artifacts, "monitoring/scrape.yaml").unwrap());
        assert!(is_good, "{name}: {said}");
    }
}

#[test]
fn every_rule_is_about_its_topology_and_says_enough() {
    let selector = Regex::new(r"[a-zA-Z_:][a-zA-Z0-9_:]*\{([^}]*)\}").unwrap();
    for (name, artifacts) in monitored() {
        let rules = yaml(find(&artifacts, "monitoring/rules.yaml").unwrap());
        let topology =
            yaml(find(&artifacts, "monitoring/rules.yaml").unwrap())["groups"][0]["name"].clone();
        let topology = topology.as_str().unwrap().strip_prefix("redisforge-").unwrap();
        let topology = topology.strip_suffix("-recorded").unwrap();
        for rule in rules_of(&rules) {
            let expression = rule["expr"].as_str().unwrap();
            let is_certificate = rule["alert"] == "RedisTlsCertExpiring";
            let selectors = selector.captures_iter(expression).count();
            assert_eq!(selectors, metrics_in(expression).len(), "{name}: {expression}");
            for found in selector.captures_iter(expression) {
                let own = format!("topology=\"{topology}\"");
                assert!(is_certificate || found[1].contains(&own), "{name}: {expression}");
            }
            if rule["alert"].is_string() {
                for key in ["summary", "description", "runbook_url"] {
                    assert!(
                        rule["annotations"][key].is_string(),
                        "{name}: {key} of {}",
                        rule["alert"]
                    );
                }
                assert_eq!(rule["labels"]["topology"], topology);
                assert!(!expression.contains("vector(0)"), "{name}: {expression}");
            }
        }
    }
}

#[test]
fn names_are_the_same_everywhere_and_groups_are_named_after_the_topology() {
    let mut severities: BTreeMap<String, Value> = BTreeMap::new();
    let known: BTreeSet<&str> = alerts::names().collect();
    let mut records: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for (name, artifacts) in monitored() {
        let rules = yaml(find(&artifacts, "monitoring/rules.yaml").unwrap());
        let recorded = rules_of(&rules).filter_map(|rule| rule["record"].as_str());
        records.insert(recorded.map(String::from).collect());
        let alerts: Vec<&Value> =
            rules_of(&rules).filter(|rule| rule["alert"].is_string()).collect();
        let topology = alerts[0]["labels"]["topology"].as_str().unwrap();
        for group in groups(&rules) {
            let group = group["name"].as_str().unwrap();
            assert!(group.starts_with(&format!("redisforge-{topology}-")), "{name}: {group}");
        }
        if let Some(object) = find(&artifacts, "kubernetes/monitoring/prometheusrule.yaml") {
            assert_eq!(yaml(object)["metadata"]["name"], topology, "{name}");
        }
        for rule in alerts {
            let alert = rule["alert"].as_str().unwrap();
            let severity = &rule["labels"]["severity"];
            assert!(known.contains(alert), "{name}: {alert}");
            let first = severities.entry(alert.into()).or_insert_with(|| severity.clone());
            assert_eq!(first, severity, "{name}: {alert}");
        }
    }
    assert_eq!(records.len(), 1, "{records:?}");
}

#[test]
fn alerts_read_every_recorded_series() {
    let mut recorded: BTreeSet<String> = BTreeSet::new();
    let mut read: BTreeSet<String> = BTreeSet::new();
    for artifacts in monitored().values() {
        let rules = yaml(find(artifacts, "monitoring/rules.yaml").unwrap());
        recorded.extend(rules_of(&rules).filter_map(|rule| Some(rule["record"].as_str()?.into())));
        let alerts = rules_of(&rules).filter(|rule| rule["alert"].is_string());
        read.extend(alerts.flat_map(|rule| metrics_in(rule["expr"].as_str().unwrap())));
    }
    assert_eq!(recorded.difference(&read).collect::<Vec<_>>(), Vec::<&String>::new());
}

fn dashboard(artifacts: &[Artifact]) -> Option<Value> {
    if let Some(file) = find(artifacts, "monitoring/dashboard.json") {
        return Some(serde_json::from_str(file).unwrap());
    }
    let object = yaml(find(artifacts, "kubernetes/monitoring/dashboard.yaml")?);
    let files = object["data"].as_object().unwrap();
    assert_eq!(files.len(), 1);
    files.values().next().map(|text| serde_json::from_str(text.as_str().unwrap()).unwrap())
}

/// Every panel but rows, those of closed rows too.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let all = dashboard["panels"].as_array().unwrap().iter();
    all.flat_map(|panel| match panel["type"].as_str() {
        Some("row") => panel["panels"].as_array().unwrap().iter().collect(),
        _ => vec![panel],
    })
    .collect()
}

fn expressions_of(dashboard: &Value) -> Vec<String> {
    let targets =
        panels(dashboard).into_iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let annotations = dashboard["annotations"]["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|annotation| &annotation["target"]);
    targets.chain(annotations).map(|target| target["expr"].as_str().unwrap().to_string()).collect()
}

#[test]
fn prometheus_parses_every_expression_of_the_dashboards() {
    for (name, artifacts) in monitored() {
        let Some(dashboard) = dashboard(&artifacts) else { continue };
        let rules: Vec<Value> = expressions_of(&dashboard)
            .into_iter()
            .enumerate()
            .map(|(index, expression)| {
                let expression = expression.replace("$__rate_interval", "1m");
                json!({ "record": format!("panel:{index}"), "expr": expression })
            })
            .collect();
        assert!(rules.len() > 40);
        let file = json!({ "groups": [{ "name": "panels", "rules": rules }] });
        let (is_good, said) = promtool(&["check", "rules"], &file.to_string());
        assert!(is_good, "{name}: {said}");
    }
}

/// Prometheus evaluates rules once a minute unless it is told otherwise.
#[test]
fn each_failover_is_an_annotation_however_rarely_prometheus_records() {
    let artifacts = render(SPEC);
    let dashboard = dashboard(&artifacts).unwrap();
    let annotation = &dashboard["annotations"]["list"][0]["target"]["expr"];
    let expression = annotation.as_str().unwrap().replace("$master", "orders");
    let directory = TempDir::new().unwrap();
    fs::write(
        directory.path().join("rules.yaml"),
        find(&artifacts, "monitoring/rules.yaml").unwrap(),
    )
    .unwrap();
    let series = r#"redis_sentinel_master_config_epoch{topology="shop",component="sentinel",instance="a",master="orders"}"#;
    let look = |at: &str, value: Option<u32>| {
        let sample = value.map(
            |value| json!({ "labels": r#"{topology="shop",master="orders"}"#, "value": value }),
        );
        json!({ "expr": expression, "eval_time": at, "exp_samples": sample.into_iter().collect::<Vec<_>>() })
    };
    let test = json!({
        "interval": "15s",
        "input_series": [{ "series": series, "values": "4x20 5x40" }],
        "promql_expr_test": [look("310s", None), look("370s", Some(1)), look("400s", Some(1)), look("9m", None)],
    });
    let file =
        json!({ "rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test] });
    fs::write(directory.path().join("test.yaml"), file.to_string()).unwrap();
    let output = Command::new("promtool")
        .args(["test", "rules", "test.yaml"])
        .current_dir(directory.path())
        .output()
        .expect("promtool is installed");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn dashboards_are_what_grafanas_types_say() {
    let schema =
        fs::read_to_string(root().join("tests/monitoring/grafana-dashboard.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for (name, artifacts) in monitored() {
        let Some(dashboard) = dashboard(&artifacts) else { continue };
        let errors: Vec<String> = schema
            .iter_errors(&dashboard)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn dashboards_for_import_are_too_but_for_what_an_import_takes_away() {
    let schema =
        fs::read_to_string(root().join("tests/monitoring/grafana-dashboard.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for example in ["cache", "hosts", "production-kubernetes"] {
        let text = fs::read_to_string(root().join(format!("examples/{example}.yaml"))).unwrap();
        let form = redisforge::families::monitoring::dashboard_for_import(&topology(&text));
        let mut form: Value = serde_json::from_str(&form.unwrap()).unwrap();
        let fields = form.as_object_mut().unwrap();
        for key in ["__inputs", "__elements", "__requires"] {
            assert!(fields.remove(key).is_some(), "{example}: {key}");
        }
        let errors: Vec<String> = schema
            .iter_errors(&form)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{example}");
    }
}

/// What Grafana's dashboard-linter asks for, and what its types do not say.
#[test]
fn dashboards_are_complete_and_nothing_overlaps() {
    let total = Regex::new(r"[a-z]_total\{").unwrap();
    for (name, artifacts) in monitored() {
        let Some(dashboard) = dashboard(&artifacts) else { continue };
        assert!(dashboard["uid"].as_str().unwrap().len() <= 40, "{name}");
        assert_eq!(dashboard["editable"], false);
        let mut ids = BTreeSet::new();
        let mut cells = BTreeSet::new();
        for panel in panels(&dashboard) {
            let title = panel["title"].as_str().unwrap();
            assert!(
                ids.insert(panel["id"].as_u64().unwrap()),
                "{name}: {title} has the id of another"
            );
            for text in ["title", "description"] {
                assert!(!panel[text].as_str().unwrap().is_empty(), "{name}: {text} of {title}");
            }
            assert_eq!(panel["datasource"]["uid"], "${datasource}");
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string());
            let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(at("x") + at("w") <= 24, "{name}: {title} is too wide");
            if dashboard["panels"].as_array().unwrap().contains(panel) {
                for cell in (at("x")..at("x") + at("w"))
                    .flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)))
                {
                    assert!(cells.insert(cell), "{name}: {title} lies over another");
                }
            }
            for target in panel["targets"].as_array().unwrap() {
                let expression = target["expr"].as_str().unwrap();
                assert!(
                    !total.is_match(expression) || expression.contains("rate("),
                    "{title}: {expression}"
                );
            }
        }
    }
}

#[test]
fn every_alert_has_a_section_in_the_runbook() {
    for (name, artifacts) in monitored() {
        let runbook = find(&artifacts, "operations/runbook.md").unwrap();
        let anchor = |heading: &str| heading.to_lowercase().replace(' ', "-");
        let headings: Vec<String> =
            runbook.lines().filter(|line| line.starts_with('#')).map(String::from).collect();
        let anchors: BTreeSet<String> =
            headings.iter().map(|line| anchor(line.trim_start_matches('#').trim())).collect();
        assert_eq!(anchors.len(), headings.len(), "{name}: two headings are alike");
        let rules = yaml(find(&artifacts, "monitoring/rules.yaml").unwrap());
        for url in rules_of(&rules).filter_map(|rule| rule["annotations"]["runbook_url"].as_str()) {
            let (before, fragment) = url.split_once('#').unwrap();
            assert!(
                before.ends_with("operations/runbook.md") && anchors.contains(fragment),
                "{name}: {url}"
            );
        }
        let sections: BTreeSet<String> = headings
            .iter()
            .filter_map(|line| line.strip_prefix("### "))
            .map(String::from)
            .collect();
        assert_eq!(sections, alert_names(&artifacts), "{name}");
        assert!(!runbook.contains("\n\n\n"), "{name}");
    }
}

#[test]
fn links_inside_the_runbooks_lead_somewhere() {
    let link = Regex::new(r"\]\(#([^)]*)\)").unwrap();
    for (name, artifacts) in monitored() {
        let runbook = find(&artifacts, "operations/runbook.md").unwrap();
        let headings = runbook.lines().filter(|line| line.starts_with('#'));
        let anchors: BTreeSet<String> = headings
            .map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"))
            .collect();
        for found in link.captures_iter(runbook) {
            assert!(anchors.contains(&found[1]), "{name}: {}", &found[1]);
        }
    }
}

#[test]
fn every_alert_of_the_table_has_its_two_templates() {
    let table: BTreeSet<String> = alerts::names().map(String::from).collect();
    for (folder, extension) in [("_partials/monitoring/", ".yaml"), ("_partials/runbook/", ".md")] {
        let templates: BTreeSet<String> = templates::sources()
            .keys()
            .filter_map(|name| {
                Some(name.strip_prefix(folder)?.strip_suffix(extension)?.to_string())
            })
            .filter(|name| name.starts_with("Redis"))
            .collect();
        assert_eq!(templates, table, "{folder}");
    }
}

#[test]
fn alerts_are_rendered_where_they_mean_something() {
    let body = |spec: &str| {
        let head = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {name: a}\nspec:\n";
        let head = format!("{head}  tls: {{mode: Disabled}}\n");
        alert_names(&render(&format!("{head}{spec}")))
    };
    let default = body("");
    let lost = |spec: &str| default.difference(&body(spec)).cloned().collect::<Vec<_>>();
    let won = |spec: &str| body(spec).difference(&default).cloned().collect::<Vec<_>>();
    assert_eq!(default.len(), 54);
    let evicting = "  redis: {config: {maxmemory-policy: allkeys-lru}}\n";
    assert_eq!(lost(evicting), ["RedisMemoryFull", "RedisMemoryHigh", "RedisUnexpectedEvictions"]);
    assert_eq!(won(evicting), ["RedisEvictionRateHigh"]);
    let fleeting = "  redis: {persistence: {type: None, cacheOnly: true}}\n";
    let aof = ["RedisAofFsyncDelayed", "RedisAofRewriteFailed", "RedisAofWriteFailed"];
    assert_eq!(lost(fleeting), [&aof[..], &["RedisLoadingTooLong"]].concat());
    let saved = "  redis: {persistence: {type: RDB}}\n";
    assert_eq!(lost(saved), aof);
    assert_eq!(won(saved), ["RedisRdbSaveFailed", "RedisRdbSaveStale"]);
    assert_eq!(won("  redis: {config: {latency-monitor-threshold: 100}}\n"), ["RedisLatencySpike"]);
    assert_eq!(
        won("  notifications: {alertmanagers: ['http://a:9093']}\n"),
        ["RedisSentinelScriptsBacklog"]
    );
    let two_nodes = "  redis: {replicasPerMaster: 1}\n";
    assert_eq!(
        lost(two_nodes),
        ["RedisReplicasFollowDifferentMasters", "RedisWritesRefusedMinReplicas"]
    );
    let late = "  redis: {minReplicas: {maxLagSeconds: 20}}\n";
    assert_eq!(lost(late), ["RedisReplicationLagSeconds"]);
    assert_eq!(lost(&late.replace("{min", "{config: {repl-timeout: 70}, min")), [] as [String; 0]);
    let rare = "  monitoring: {scrape: {intervalSeconds: 30}}\n";
    assert_eq!(lost(rare), ["RedisReplicationLagSeconds"]);
    let disabled = "  monitoring: {alerts: {disable: [RedisVersionSkew]}}\n";
    assert_eq!(lost(disabled), ["RedisVersionSkew"]);
}

#[test]
fn thresholds_of_the_spec_reach_the_rules() {
    let spec = SPEC.replace(
        "alerts: {",
        "alerts: {thresholds: {memoryUsedPercent: 71, fragmentationRatio: 2, queuedScripts: 7}, ",
    );
    let artifacts = render(&spec);
    let rules = find(&artifacts, "monitoring/rules.yaml").unwrap();
    for text in ["* 100 > 71", "> 2\n", "component=\"sentinel\"}) > 7"] {
        assert!(rules.contains(text), "{text}");
    }
}

/// Prometheus matches the whole value.
fn whole(regex: &Value) -> Regex {
    Regex::new(&format!("^(?:{})$", regex.as_str().unwrap())).unwrap()
}

#[test]
fn the_operator_names_every_pod_as_it_is_announced() {
    // As in Go, a name of digits ends where the digits end; for this crate braces say so.
    let digits = Regex::new(r"\$(\d+)").unwrap();
    for kind in ["PodMonitor", "ServiceMonitor"] {
        for namespace in ["", ", namespace: prod"] {
            let spec = SPEC.replace("Static", kind).replace(", namespace: prod", namespace);
            let (topology, artifacts) = (topology(&spec), render(&spec));
            let object = yaml(
                find(&artifacts, &format!("kubernetes/monitoring/{}.yaml", kind.to_lowercase()))
                    .unwrap(),
            );
            let list = if kind == "PodMonitor" { "podMetricsEndpoints" } else { "endpoints" };
            let relabelings = object["spec"][list][0]["relabelings"].as_array().unwrap();
            let announced = |pod: &str| {
                let relabeling = |relabeling: &&Value| {
                    relabeling["targetLabel"] == "instance"
                        && whole(&relabeling["regex"]).is_match(pod)
                };
                let fitting: Vec<&Value> = relabelings.iter().filter(relabeling).collect();
                assert_eq!(fitting.len(), 1, "{pod}");
                let replacement =
                    digits.replace_all(fitting[0]["replacement"].as_str().unwrap(), "$${$1}");
                whole(&fitting[0]["regex"]).replace(pod, &*replacement).into_owned()
            };
            for node in topology.masters.iter().flat_map(|master| &master.nodes) {
                assert_eq!(announced(&node.name), format!("{}:{}", node.host, node.port));
            }
            for node in &topology.sentinel.nodes {
                assert_eq!(announced(&node.name), format!("{}:{}", node.host, node.port));
            }
        }
    }
}
