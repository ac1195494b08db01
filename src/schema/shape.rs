//! What the JSON Schema found, in words; and the schema in the form that gives the best words.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use schemars::{
    Schema,
    transform::{Transform, transform_subschemas},
};
use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, MAXIMUM_FINDINGS},
    source::{Kind, Source},
};

/// Fields that people expect under another name.
const OTHER_NAMES: &[(&str, &str)] = &[
    (
        "replicas",
        "did you mean `replicasPerMaster`? It does not count the master: 2 is 1 master + 2 replicas = 3 nodes",
    ),
    ("maxmemory", "write it under `config`, or set `maxmemoryPercent`"),
    ("storageClass", "did you mean `storageClassName`?"),
    ("downAfter", "did you mean `downAfterMilliseconds`?"),
    ("failoverTimeout", "did you mean `failoverTimeoutMilliseconds`?"),
    (
        "$patch",
        "it takes an inherited master, host, user or webhook away, by its name; none has this one",
    ),
    ("backup", "backup is not part of this version"),
    ("clients", "client settings are not part of this version"),
    ("masterProxy", "a proxy for the master is not part of this version"),
];

/// An absent value is left out, not written as `null`: no `null` in a type, no `anyOf`.
#[derive(Clone)]
pub struct Closed;

impl Transform for Closed {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".into(), only);
            }
        }
        if let Some(Value::Array(mut branches)) = object.remove("anyOf") {
            branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
            if let [Value::Object(only)] = branches.as_slice() {
                object.extend(only.clone());
            }
        }
        // Each field below has a default of its own.
        let is_said_elsewhere = |default: &Value| {
            default.is_null() || default.as_object().is_some_and(|fields| !fields.is_empty())
        };
        if object.get("default").is_some_and(is_said_elsewhere) {
            object.remove("default");
        }
    }
}

/// One problem, or several for several unknown fields of one mapping.
pub fn diagnostics(source: &Source, error: &ValidationError<'_>) -> Vec<Diagnostic> {
    let path = path(&error.instance_path().to_string(), source);
    if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
        return unknown_fields(source, &path, unexpected);
    }
    let at = |id, (message, help): (String, Option<String>)| Diagnostic {
        help,
        ..Diagnostic::error(id, source.locate(&path), message).with_path(&path)
    };
    let name = last(&path);
    vec![match error.kind() {
        ValidationErrorKind::Required { property } => {
            at("missing-field", missing_field(&path, property.as_str().unwrap_or_default()))
        }
        ValidationErrorKind::Type { kind } => {
            at("wrong-type", wrong_type(source, &path, kind, error.instance()))
        }
        ValidationErrorKind::Enum { options } => {
            at("unknown-value", unknown_value(&name, &strings(options), error.instance()))
        }
        ValidationErrorKind::Constant { expected_value } => {
            let value = expected_value.as_str().unwrap_or_default();
            at(
                "unknown-value",
                (format!("{name} must be `{value}`"), Some(format!("write `{value}`"))),
            )
        }
        ValidationErrorKind::Minimum { limit } => {
            at("out-of-range", (format!("{name} must be {limit} or more"), None))
        }
        ValidationErrorKind::MaxLength { limit } => {
            at("out-of-range", (format!("{name} must have {limit} characters or fewer"), None))
        }
        ValidationErrorKind::MinProperties { .. } | ValidationErrorKind::MaxProperties { .. } => {
            at("wrong-shape", (format!("{name} needs {}", number_of_keys(error)), None))
        }
        _ => at("wrong-shape", (format!("{name} does not fit: {}", error.masked()), None)),
    }]
}

fn unknown_fields(source: &Source, path: &str, unexpected: &[String]) -> Vec<Diagnostic> {
    let known = super::explain::children(path);
    let field = |(index, key): (usize, &String)| {
        let found = unknown_field(source, path, key);
        // Nobody sees those behind the first.
        if index < MAXIMUM_FINDINGS {
            Diagnostic { help: instead(key, &known), ..found }
        } else {
            found
        }
    };
    unexpected.iter().enumerate().map(field).collect()
}

fn missing_field(path: &str, field: &str) -> (String, Option<String>) {
    let help = format!("write `{field}: {}`", value_of(path, field));
    (format!("{} lacks `{field}`", last(path)), Some(help))
}

fn wrong_type(
    source: &Source,
    path: &str,
    kind: &TypeKind,
    instance: &Value,
) -> (String, Option<String>) {
    let message = format!("{} must be {}, not {}", last(path), expected(kind), found(instance));
    let wants_text = expected(kind) == "text";
    let is_bare = instance.is_number() || instance.is_boolean();
    let help = (wants_text && is_bare)
        .then(|| format!("write it in quotes: \"{}\"", source.written(path)));
    (message, help)
}

fn unknown_value(name: &str, options: &[String], instance: &Value) -> (String, Option<String>) {
    let close = closest(instance.as_str().unwrap_or_default(), options);
    let message = format!("{name} must be one of {}", options.join(", "));
    (message, close.map(|close| format!("did you mean `{close}`?")))
}

fn number_of_keys(error: &ValidationError<'_>) -> &'static str {
    match error.kind() {
        ValidationErrorKind::MaxProperties { .. } => {
            "exactly one key, so that it is clear which one holds"
        }
        _ => "one of its keys; it has none",
    }
}

/// The only value that a field may have, if there is only one.
fn value_of(path: &str, field: &str) -> String {
    let path = if path.is_empty() { field.to_string() } else { format!("{path}.{field}") };
    super::explain::only_value(&path).unwrap_or_else(|| "…".into())
}

fn unknown_field(source: &Source, path: &str, key: &str) -> Diagnostic {
    let field = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
    let span = source.key_span(path, key).unwrap_or_else(|| source.locate(path));
    let message = format!("unknown field `{key}` in {}", last(path));
    Diagnostic::error("unknown-field", span, message).with_path(field)
}

/// What to write instead of an unknown field.
fn instead(key: &str, known: &[String]) -> Option<String> {
    OTHER_NAMES
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, help)| (*help).to_string())
        .or_else(|| closest(key, known).map(|close| format!("did you mean `{close}`?")))
        .or_else(|| (!known.is_empty()).then(|| format!("fields here: {}", known.join(", "))))
}

/// The name nearest to a misspelt one.
#[must_use]
pub fn closest(word: &str, names: &[String]) -> Option<String> {
    let word = word.to_lowercase();
    let most = 1 + word.len() / 4;
    let distance = |name: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &word);
    // Names of other lengths cannot be near, and the word may be very long.
    let length = word.chars().count();
    let may_be_near = |name: &&String| name.chars().count().abs_diff(length) <= most;
    let near = |name: &&String| distance(name) <= most;
    names
        .iter()
        .filter(may_be_near)
        .filter(near)
        .min_by_key(|name| (distance(name), (*name).clone()))
        .cloned()
}

/// The last part of a path, as a user would say it.
#[must_use]
pub fn last(path: &str) -> String {
    match path {
        "" => "the spec".into(),
        path => format!("`{path}`"),
    }
}

/// `/spec/masters/0/name` as `spec.masters[0].name`.
fn path(pointer: &str, source: &Source) -> String {
    let mut node = Some(&source.root);
    let mut path = String::new();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        if let Some(Kind::Sequence(items)) = node.map(|node| &node.kind) {
            path += &format!("[{token}]");
            node = token.parse::<usize>().ok().and_then(|index| items.get(index));
        } else {
            path += if path.is_empty() { "" } else { "." };
            path += &token;
            node = node.and_then(|node| node.get(&token));
        }
    }
    path
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(name) => words(&name.to_string()).to_string(),
        TypeKind::Multiple(names) => names
            .iter()
            .map(|name| words(&name.to_string()).to_string())
            .filter(|word| word != "null")
            .collect::<Vec<_>>()
            .join(" or "),
    }
}

fn words(name: &str) -> &str {
    match name {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        other => other,
    }
}

/// The kind of a value, never the value: it may be a password in the wrong place.
fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn strings(options: &Value) -> Vec<String> {
    options
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|option| option.as_str().map(String::from))
        .collect()
}
