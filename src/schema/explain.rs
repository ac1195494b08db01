//! What the schema says of a field.

use serde_json::Value;

use super::json_schema;

/// A field as the schema describes it.
#[derive(Debug)]
pub struct Field {
    pub path: String,
    pub description: String,
    pub kind: String,
    /// Values that it may have, if they are few.
    pub values: Vec<String>,
    /// Fields below it, each with the first sentence about it.
    pub fields: Vec<(String, String)>,
}

/// The field at a path such as `spec.sentinel.quorum` or `spec.masters[].name`.
#[must_use]
pub fn field(path: &str) -> Option<Field> {
    let schema = at(path)?;
    let target = resolve(schema);
    let text = |value: &Value| value.get("description").and_then(Value::as_str).map(String::from);
    let values = target.get("enum").and_then(Value::as_array).into_iter().flatten();
    let properties = items(target).get("properties").and_then(Value::as_object);
    Some(Field {
        path: path.into(),
        description: text(schema).or_else(|| text(target)).unwrap_or_default(),
        kind: kind(target),
        values: values.filter_map(|value| value.as_str().map(String::from)).collect(),
        fields: properties
            .into_iter()
            .flatten()
            .map(|(name, field)| {
                let text = text(field).or_else(|| text(resolve(field))).unwrap_or_default();
                (name.clone(), text.split_inclusive(". ").next().unwrap_or_default().trim().into())
            })
            .collect(),
    })
}

/// Names of the fields below a path.
pub(super) fn children(path: &str) -> Vec<String> {
    let properties =
        at(path).map(|schema| items(resolve(schema))).and_then(|schema| schema.get("properties"));
    properties
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}

/// The value of a field that may have only one.
pub(super) fn only_value(path: &str) -> Option<String> {
    at(path)?.get("const").and_then(Value::as_str).map(String::from)
}

/// Names of the fields beside a path, whether or not it exists itself.
#[must_use]
pub fn siblings(path: &str) -> Vec<String> {
    path.rsplit_once('.').map(|(parent, _)| children(parent)).unwrap_or_default()
}

fn at(path: &str) -> Option<&'static Value> {
    let mut schema = json_schema();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let name = part.split('[').next().unwrap_or(part);
        let target = items(resolve(schema));
        schema = target.get("properties").and_then(|properties| properties.get(name))?;
        if part.contains('[') {
            schema = items(resolve(schema));
        }
    }
    Some(schema)
}

/// A list stands for its items.
fn items(schema: &'static Value) -> &'static Value {
    schema.get("items").map_or(schema, resolve)
}

fn resolve(schema: &'static Value) -> &'static Value {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let name = reference.and_then(|reference| reference.strip_prefix("#/$defs/"));
    name.and_then(|name| json_schema().get("$defs")?.get(name)).unwrap_or(schema)
}

fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        _ => String::new(),
    }
}
