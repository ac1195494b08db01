//! YAML and JSON as values, and where two of them differ: neither order of keys, nor comments, nor quoting count.

use std::path::Path;

use serde_json::{Map, Value};

use crate::{diagnostic::Severity, source::Source};

/// One place whose value differs; nothing where it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) place: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Difference {
    pub(super) fn before_text(&self) -> String {
        self.before.as_ref().map(shown).unwrap_or_default()
    }

    pub(super) fn after_text(&self) -> String {
        self.after.as_ref().map(shown).unwrap_or_default()
    }
}

/// A value as people read it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value of a document; nothing if it is not one.
pub(super) fn parse(path: &str, text: &str) -> Option<Value> {
    if Path::new(path).extension().is_some_and(|extension| extension == "json") {
        return serde_json::from_str(text).ok();
    }
    let (source, diagnostics) = Source::read(path, text.into());
    let is_broken = diagnostics.iter().any(|found| found.severity == Severity::Error);
    (!is_broken).then(|| source.root.to_json())
}

/// Every place where two values differ. What is there on one side only is one place, however much is below it.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(
    place: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            maps(before, after, |key| below(place, key), found);
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            if let (Some(old), Some(new)) = (keyed(old), keyed(new)) {
                maps(&old, &new, |key| format!("{place}[{key}]"), found);
            } else if old.len() == new.len() && old.iter().chain(new).all(is_compound) {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    compare(&format!("{place}[{index}]"), Some(old), Some(new), found);
                }
            } else if old != new {
                push(place, before, after, found);
            }
        }
        _ if before != after => push(place, before, after, found),
        _ => {}
    }
}

fn maps(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    place: impl Fn(&str) -> String,
    found: &mut Vec<Difference>,
) {
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
        compare(&place(key), before.get(key), after.get(key), found);
    }
}

fn push(place: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    let (before, after) = (before.cloned(), after.cloned());
    found.push(Difference { place: place.into(), before, after });
}

fn below(place: &str, key: &str) -> String {
    if place.is_empty() { key.into() } else { format!("{place}.{key}") }
}

fn is_compound(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Items of a list by what names them, so that their order and what stands before them do not count.
fn keyed(items: &[Value]) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for item in items {
        if map.insert(key(item)?, item.clone()).is_some() {
            return None;
        }
    }
    Some(map)
}

fn key(item: &Value) -> Option<String> {
    let name = |field: &str| item.get(field).and_then(Value::as_str);
    if let Some(alert) = name("alert") {
        let master = item.pointer("/labels/master").and_then(Value::as_str);
        return Some(master.map_or(alert.into(), |master| format!("{alert} of {master}")));
    }
    if let Some(claim) = item.pointer("/metadata/name").and_then(Value::as_str) {
        return Some(claim.into());
    }
    ["name", "record", "key"].into_iter().find_map(name).map(Into::into)
}
