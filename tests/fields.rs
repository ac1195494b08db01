//! Every field is read: another value changes a rendered file, or a finding says why it does not.

mod support;

use std::{collections::BTreeSet, fs};

use rayon::prelude::*;
use redisforge::{
    catalog::{self, Artifact},
    diagnostic::{Diagnostic, Severity},
    schema::json_schema,
    templates::Templates,
};
use serde_json::{Map, Value, json};
use support::{load_text, root};

/// Fields that nobody can see in the spec of an example (empty: in any), each with the reason.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("", "apiVersion", "it has one value"),
    ("", "kind", "it has one value"),
    ("", "spec.basedOn.0.path", "it is read before the spec is"),
    ("", "spec.platform.kubernetes.cluster", "only rules between several specs read it"),
    (
        "",
        "spec.placement.tolerations.0.effect",
        "`tolerationSeconds` beside it takes one effect only",
    ),
    (
        "minimal.yaml",
        "spec.platform.kubernetes.clusterDomain",
        "without a namespace pods are known by their short names",
    ),
    ("minimal.yaml", EVICTED, NO_EVICTION),
    ("hosts.yaml", EVICTED, NO_EVICTION),
    ("valkey.yaml", EVICTED, NO_EVICTION),
];
const EVICTED: &str = "spec.monitoring.alerts.thresholds.evictedKeysPerSecond";
const NO_EVICTION: &str =
    "its alert is for masters that evict, and the policy here is `noeviction`";

/// One field below `spec` or `metadata`, by the names and indices that lead to it.
struct Field {
    steps: Vec<String>,
    schema: &'static Value,
}

fn resolve(schema: &'static Value) -> &'static Value {
    let name = schema["$ref"].as_str().and_then(|target| target.strip_prefix("#/$defs/"));
    name.map_or(schema, |name| &json_schema()["$defs"][name])
}

/// All scalar fields: of a list the first item, of a map a key of its own.
fn fields(schema: &'static Value, steps: &[String], all: &mut Vec<Field>) {
    let target = resolve(schema);
    let below = |step: &str| [steps, &[step.to_string()]].concat();
    if let Some(properties) = target["properties"].as_object() {
        for (name, schema) in properties {
            fields(schema, &below(name), all);
        }
    } else if target["type"] == "array" {
        fields(&target["items"], &below("0"), all);
    } else if target["type"] == "object" {
        let key = match steps.last().map(String::as_str) {
            Some("config") if steps[steps.len() - 2] == "redis" => "tcp-backlog",
            Some("config") => "loglevel",
            _ => "added",
        };
        all.push(Field { steps: below(key), schema: &target["additionalProperties"] });
    } else {
        all.push(Field { steps: steps.to_vec(), schema: target });
    }
}

/// Texts that a field of this name may hold.
fn texts(steps: &[String]) -> Vec<&'static str> {
    let is_below = |name: &str| steps.iter().any(|step| step == name);
    let names: Vec<&str> =
        steps.iter().rev().map(String::as_str).filter(|step| *step != "0").collect();
    match names[0] {
        "memory" if is_below("redis") => vec!["3Gi", "5Gi"],
        "memory" => vec!["192Mi", "320Mi"],
        "request" => vec!["300m", "350m"],
        "limit" => vec!["6", "7"],
        "size" => vec!["40Gi", "50Gi"],
        "image" if is_below("exporter") => vec!["registry.example/exporter:v1.81.0"],
        "image" => vec!["registry.example/server:7.4.1", "registry.example/server:8.0.1"],
        "version" if is_below("kubernetes") => vec!["1.31", "1.27"],
        "version" => vec!["7.0", "8.0"],
        "clusterDomain" => vec!["other.local"],
        "file" | "ca" | "cert" => vec!["/etc/elsewhere/other"],
        "key" if is_below("certificate") => vec!["/etc/elsewhere/other"],
        "address" | "bind" => vec!["10.99.0.9"],
        "operator" if is_below("tolerations") => vec!["Exists", "Equal"],
        "operator" => vec!["In", "NotIn"],
        "effect" => vec!["NoExecute", "NoSchedule"],
        "cidr" => vec!["10.99.0.0/16"],
        "except" => vec!["10.40.9.0/24", "10.99.9.0/24"],
        "kind" => vec!["Issuer", "ClusterIssuer"],
        "rules" => vec!["+@hash", "+@list"],
        "rule" => vec!["auth-disabled", "namespace-open"],
        "alertmanagers" => vec!["http://elsewhere.example:9093"],
        "runbookUrlPrefix" => vec!["https://elsewhere.example/"],
        "events" => vec!["+sdown", "+odown"],
        "disable" => vec!["RedisInstanceDown"],
        "tcp-backlog" => vec!["600"],
        "loglevel" => vec!["verbose"],
        "zone" => vec!["room-2"],
        "names" => vec!["eu-1b"],
        "hosts" | "initialMaster" => vec!["redis-2.example.internal", "db-b"],
        _ => vec!["other", "another"],
    }
}

/// What a field may hold instead.
fn others(field: &Field, current: Option<&Value>) -> Vec<Value> {
    let schema = resolve(field.schema);
    let written = current.unwrap_or(&schema["default"]);
    let all = match (schema["enum"].as_array(), schema["type"].as_str()) {
        (Some(values), _) => values.clone(),
        (None, Some("boolean")) => vec![json!(true), json!(false)],
        (None, Some("integer")) => {
            let number = written.as_u64().unwrap_or(2);
            vec![json!(number + 1), json!(number + 2), json!(number * 2 + 1)]
        }
        (None, Some("number")) => vec![json!(2.5), json!(3.5)],
        _ => texts(&field.steps).into_iter().map(Value::from).collect(),
    };
    all.into_iter().filter(|value| value != written).collect()
}

/// The least that the schema takes.
fn least(schema: &'static Value, steps: &[String]) -> Value {
    let target = resolve(schema);
    if let Some(values) = target["enum"].as_array() {
        return values[0].clone();
    }
    match target["type"].as_str() {
        Some("object") => Value::Object(Map::new()),
        Some("array") => json!([least(&target["items"], steps)]),
        Some("integer") => json!(1),
        _ => json!(texts(steps)[0]),
    }
}

/// Writes a value, with what the objects around it must have.
fn write(
    node: &mut Value,
    schema: &'static Value,
    before: &[String],
    after: &[String],
    value: &Value,
) {
    let Some((step, rest)) = after.split_first() else {
        *node = value.clone();
        return;
    };
    let target = resolve(schema);
    let here = [before, std::slice::from_ref(step)].concat();
    if target["type"] == "array" {
        if !node.is_array() {
            *node = json!([]);
        }
        let items = node.as_array_mut().unwrap();
        if items.is_empty() {
            items.push(Value::Null);
        }
        return write(&mut items[0], &target["items"], &here, rest, value);
    }
    if !node.is_object() {
        *node = json!({});
    }
    let object = node.as_object_mut().unwrap();
    // A peer has selectors or a range.
    if target["properties"].get("ipBlock").is_some() {
        object.retain(|name, _| (name == "ipBlock") == (step == "ipBlock"));
    }
    if target["maxProperties"] == 1 {
        object.retain(|name, _| name == step);
    }
    for name in target["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let path = [before, &[name.to_string()]].concat();
        if name != step && !object.contains_key(name) {
            let mut least = least(&target["properties"][name], &path);
            if name == "password" || name == "url" {
                least = json!({"file": "/etc/elsewhere/secret"});
            }
            object.insert(name.into(), least);
        }
    }
    let child = object.entry(step.clone()).or_insert(Value::Null);
    let below = target["properties"].get(step).unwrap_or(&target["additionalProperties"]);
    write(child, below, &here, rest, value);
}

/// What is said about a spec, and what it renders unless that is an error.
struct Outcome {
    said: BTreeSet<(&'static str, Severity, String, String, Option<String>)>,
    rendered: Option<Vec<Artifact>>,
}

fn outcome(spec: &Value, templates: &Templates) -> Outcome {
    let mut loaded = load_text(&spec.to_string());
    let said = |found: Diagnostic| (found.id, found.severity, found.path, found.message, found.why);
    Outcome {
        said: std::mem::take(&mut loaded.diagnostics).into_iter().map(said).collect(),
        rendered: loaded.spec.map(|spec| catalog::plan(&spec.into(), templates)),
    }
}

/// A value that cannot be meant says nothing about its field.
fn is_nonsense(before: &Outcome, after: &Outcome) -> bool {
    let shape = ["unknown-field", "wrong-type", "missing-field", "unknown-value", "wrong-shape"];
    after
        .said
        .difference(&before.said)
        .any(|said| shape.contains(&said.0) || said.0.starts_with("invalid-"))
}

/// An example with lists whose items have all their fields, so that one of these can change by itself.
fn base(example: &str) -> Value {
    let text = fs::read_to_string(root().join("examples").join(example)).unwrap();
    let mut base: Value = serde_yaml::from_str(&text).unwrap();
    let selector = json!({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]});
    let mut put = |path: &str, value: Value| {
        let steps: Vec<String> = path.split('.').map(String::from).collect();
        write(&mut base, json_schema(), &[], &steps, &value);
    };
    put(
        "spec.placement.tolerations.0",
        json!({"key": "a", "operator": "Equal", "value": "", "effect": "NoExecute", "tolerationSeconds": 60}),
    );
    put("spec.network.policy.allowFrom.0.namespaceSelector", selector.clone());
    put("spec.network.policy.allowFrom.0.podSelector", selector);
    put("spec.redis.config.latency-monitor-threshold", json!(100));
    base
}

/// Whether the spec as it is says that nobody reads the field, or all that it is a part of.
fn is_ignored(field: &Field, before: &Outcome) -> bool {
    let path = field.steps.join(".").replace(".0", "[0]");
    before.said.iter().any(|said| {
        let rest = path.strip_prefix(said.2.as_str());
        said.0 == "ignored-field"
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

/// Fields of which no other value is seen.
fn unseen(example: &str) -> Vec<String> {
    let base = base(example);
    let templates = Templates::parse();
    let before = outcome(&base, &templates);
    let mut all = Vec::new();
    fields(json_schema(), &[], &mut all);
    assert!(all.len() > 150, "{} fields", all.len());
    let is_seen = |field: &Field| {
        let current = base.pointer(&format!("/{}", field.steps.join("/")));
        others(field, current).iter().any(|value| {
            let mut spec = base.clone();
            write(&mut spec, json_schema(), &[], &field.steps, value);
            let after = outcome(&spec, &templates);
            !is_nonsense(&before, &after)
                && (after.said != before.said || after.rendered != before.rendered)
        })
    };
    let path = |field: &Field| field.steps.join(".");
    let is_excepted = |path: &str| {
        UNSEEN
            .iter()
            .any(|(only, field, _)| *field == path && (only.is_empty() || *only == example))
    };
    all.par_iter()
        .filter(|field| !is_excepted(&path(field)))
        .filter(|field| !is_ignored(field, &before) && !is_seen(field))
        .map(path)
        .collect()
}

#[test]
fn every_field_of_kubernetes_changes_a_file_or_is_told_about() {
    assert_eq!(unseen("minimal.yaml"), Vec::<String>::new());
    assert_eq!(unseen("production-kubernetes.yaml"), Vec::<String>::new());
}

#[test]
fn every_field_of_hosts_changes_a_file_or_is_told_about() {
    assert_eq!(unseen("hosts.yaml"), Vec::<String>::new());
    assert_eq!(unseen("valkey.yaml"), Vec::<String>::new());
}

#[test]
fn every_field_without_monitoring_changes_a_file_or_is_told_about() {
    assert_eq!(unseen("edge.yaml"), Vec::<String>::new());
}
