//! The schema of one file by itself: what others that it is based on may write is not missing in it, and it may take away
//! what they write. Editors check files with it.

use std::{collections::HashSet, sync::LazyLock};

use serde_json::{Map, Value, json};

use super::json_schema;
use crate::spec::{BASE_KIND, KIND};

static FILE_SCHEMA: LazyLock<Value> = LazyLock::new(|| opened(json_schema().clone()));

/// The JSON Schema of one file.
#[must_use]
pub fn file_schema() -> &'static Value {
    &FILE_SCHEMA
}

fn opened(mut schema: Value) -> Value {
    let (mut whole, mut keyed) = (HashSet::new(), HashSet::new());
    items(&schema, &mut whole, &mut keyed);
    let definitions = schema.get_mut("$defs").and_then(Value::as_object_mut).into_iter().flatten();
    for (name, definition) in definitions {
        let Some(object) = definition.as_object_mut() else { continue };
        if whole.contains(name) {
            continue;
        }
        open(object);
        if keyed.contains(name) {
            object.insert("required".into(), json!(["name"]));
            take_away(object);
        } else if !["Metadata", "Body"].contains(&name.as_str()) {
            nullable(object);
        }
    }
    let root = schema.as_object_mut();
    if let Some(root) = root {
        root.insert("required".into(), json!(["apiVersion", "kind", "spec"]));
        if let Some(kind) = root.get_mut("properties").and_then(|fields| fields.get_mut("kind")) {
            kind.as_object_mut().map(|kind| kind.remove("const"));
            kind["enum"] = json!([KIND, BASE_KIND]);
        }
        // Only a spec that is based on nothing must have its name in the same file.
        root.insert(
            "if".into(),
            json!({"properties": {"kind": {"const": KIND}, "spec": {"not": {"required": ["basedOn"]}}}}),
        );
        root.insert(
            "then".into(),
            json!({"required": ["metadata"], "properties": {"metadata": {"required": ["name"]}}}),
        );
    }
    schema
}

/// Names of what is an item of a list: of one that is replaced as a whole, or of one that is merged by a key.
fn items(schema: &Value, whole: &mut HashSet<String>, keyed: &mut HashSet<String>) {
    match schema {
        Value::Object(object) => {
            let names = if object.contains_key("x-key") { &mut *keyed } else { &mut *whole };
            let item =
                object.get("items").and_then(|item| item.get("$ref")).and_then(Value::as_str);
            names.extend(item.and_then(|item| item.rsplit('/').next()).map(String::from));
            object.values().for_each(|schema| items(schema, whole, keyed));
        }
        Value::Array(schemas) => schemas.iter().for_each(|schema| items(schema, whole, keyed)),
        _ => {}
    }
}

/// Nothing is missing, and every field may be taken away.
fn open(object: &mut Map<String, Value>) {
    for word in ["required", "minProperties", "maxProperties"] {
        object.remove(word);
    }
    let fields = object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, field) in fields {
        let Some(field) = field.as_object_mut() else { continue };
        nullable(field);
        if let Some(values) = field.get_mut("additionalProperties").and_then(Value::as_object_mut) {
            nullable(values);
        }
    }
}

fn nullable(object: &mut Map<String, Value>) {
    match object.get_mut("type") {
        Some(Value::Array(types)) => types.push("null".into()),
        Some(only) => *only = json!([only.clone(), "null"]),
        None => return,
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.push(Value::Null);
    }
}

fn take_away(object: &mut Map<String, Value>) {
    if let Some(Value::Object(fields)) = object.get_mut("properties") {
        let about = "Takes away the item of this name that a base has.";
        fields.insert("$patch".into(), json!({"description": about, "const": "delete"}));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::{schema::json_schema, source::KEYED};

    fn keyed(schema: &Value, found: &mut Vec<String>) {
        let fields = schema.as_object().into_iter().flatten();
        for (name, field) in fields {
            if field.get("x-key").is_some_and(|key| key == "name") {
                found.push(name.clone());
            }
            keyed(field, found);
        }
    }

    #[test]
    fn lists_that_merge_by_name_are_those_that_the_schema_marks() {
        let mut found = Vec::new();
        keyed(json_schema(), &mut found);
        found.sort();
        assert_eq!(found, KEYED);
    }
}
