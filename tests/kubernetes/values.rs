//! Short ways into an object.

use std::collections::BTreeMap;

use redisforge::kubernetes_names as names;
use serde_json::Value;

pub type Faults = Vec<String>;

pub fn check(faults: &mut Faults, holds: bool, fault: impl FnOnce() -> String) {
    if !holds {
        faults.push(fault());
    }
}

pub fn check_labels(of: &str, labels: &Value, faults: &mut Faults) {
    for (key, value) in entries(labels) {
        let valid = names::is_label_key(key) && value.as_str().is_some_and(names::is_label_value);
        check(faults, valid && !key.ends_with("/version"), || {
            format!("{of}: label {key}: {value}")
        });
    }
}

/// Whether the pods of a set have these labels.
pub fn has(set: &Value, labels: &Value) -> bool {
    let own = &set["spec"]["template"]["metadata"]["labels"];
    entries(labels).all(|(key, value)| own[key] == *value)
}

/// Named ports of a set's pods.
pub fn ports(set: &Value) -> BTreeMap<&str, u64> {
    let containers = list(&set["spec"]["template"]["spec"]["containers"]);
    let ports = containers.flat_map(|container| list(&container["ports"]));
    ports.map(|port| (text(&port["name"]), port["containerPort"].as_u64().unwrap())).collect()
}

pub fn secrets(pod: &Value) -> impl Iterator<Item = &str> {
    list(&pod["volumes"]).flat_map(|volume| {
        let projected =
            list(&volume["projected"]["sources"]).map(|source| &source["secret"]["name"]);
        projected.chain([&volume["secret"]["secretName"]]).filter_map(Value::as_str)
    })
}

pub fn all_containers(pod: &Value) -> impl Iterator<Item = &Value> {
    list(&pod["initContainers"]).chain(list(&pod["containers"]))
}

pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

pub fn keys(value: &Value) -> impl Iterator<Item = &str> {
    entries(value).map(|(key, _)| key)
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
