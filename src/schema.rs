//! The shape of a spec: the JSON Schema from the Rust types, and the way from a [`Source`] to a [`Spec`].

mod explain;
mod file;
mod shape;

use std::sync::LazyLock;

use jsonschema::Validator;
use schemars::{generate::SchemaSettings, transform::Transform};
use serde_json::Value;

use crate::{
    diagnostic::Diagnostic,
    source::{Entry, Kind, Node, Source},
    spec::{MasterSentinel, Spec},
};

pub use explain::{Field, field, siblings};
pub use file::file_schema;
pub use shape::closest;

/// Where editors find the schema.
pub const ID: &str = "https://redisforge.dev/schemas/redisforge.dev_v1alpha1.json";

static SCHEMA: LazyLock<Value> = LazyLock::new(generate);

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| validator(&SCHEMA));

static FILE_VALIDATOR: LazyLock<Validator> = LazyLock::new(|| validator(file_schema()));

fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .offline()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(schema)
        .unwrap_or_else(|error| unreachable!("the schema made from the types is a schema: {error}"))
}

/// The JSON Schema of a spec, with everything that it is based on.
#[must_use]
pub fn json_schema() -> &'static Value {
    &SCHEMA
}

fn generate() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<Spec>();
    shape::Closed.transform(&mut schema);
    schema.insert("$id".into(), ID.into());
    schema.into()
}

/// What came of a source's shape.
pub struct Shaped {
    /// The spec, as far as its shape is right: fields whose shape is wrong are left out of it.
    pub spec: Option<Spec>,
    /// Everything that is wrong with its shape.
    pub diagnostics: Vec<Diagnostic>,
    /// Paths of the fields that were left out.
    pub left_out: Vec<String>,
}

/// The spec as typed data, and everything that is wrong with its shape. A wrong field does not hide what is wrong elsewhere:
/// the rest is judged without it.
#[must_use]
pub fn load(source: &Source) -> Shaped {
    let mut root = source.root.clone();
    let mut shaped = Shaped {
        spec: None,
        diagnostics: shape_of(&VALIDATOR, source, &root),
        left_out: Vec::new(),
    };
    let mut wrong: Vec<String> = paths(&shaped.diagnostics);
    while !wrong.is_empty() {
        let gone: Vec<&str> = wrong.iter().map(String::as_str).collect();
        if !root.remove(&gone) {
            return shaped;
        }
        shaped.left_out.append(&mut wrong);
        wrong = paths(&shape_of(&VALIDATOR, source, &root));
    }
    expand(&mut root);
    match serde_path_to_error::deserialize::<_, Spec>(root.to_json()) {
        Ok(spec) => shaped.spec = Some(spec),
        Err(error) => {
            let path = error.path().to_string();
            let message = format!("{} does not fit: {}", shape::last(&path), error.inner());
            let wrong = Diagnostic::error("wrong-type", source.locate(&path), message);
            shaped.diagnostics.push(wrong.with_path(path));
        }
    }
    shaped
}

/// What is wrong with the shape of a file by itself. What it lacks, others may write.
#[must_use]
pub fn check_file(source: &Source) -> Vec<Diagnostic> {
    shape_of(&FILE_VALIDATOR, source, &source.root)
}

fn shape_of(validator: &Validator, source: &Source, root: &Node) -> Vec<Diagnostic> {
    let value = root.to_json();
    validator.iter_errors(&value).flat_map(|error| shape::diagnostics(source, &error)).collect()
}

fn paths(diagnostics: &[Diagnostic]) -> Vec<String> {
    let mut paths: Vec<String> =
        diagnostics.iter().map(|diagnostic| diagnostic.path.clone()).collect();
    paths.sort_unstable();
    paths.dedup();
    // What stands below a path goes with it.
    paths.dedup_by(|below, above| {
        below.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']))
    });
    paths
}

/// The spec's text, its masters written out: see [`expand`]. Findings about them are located in this.
pub fn expand_source(source: &mut Source) {
    expand(&mut source.root);
}

/// Writes out the masters: one named after the topology if there is none, each with `spec.redis` and the timings of
/// `spec.sentinel` under its own. Every part keeps the place where it was written.
fn expand(root: &mut Node) {
    let name = root.get("metadata").and_then(|metadata| metadata.get("name")).cloned();
    let Some(spec) = root.get_mut("spec") else {
        return;
    };
    let redis = spec.get("redis").cloned();
    let timings = spec.get("sentinel").map(timings);
    if let (true, Some(name)) = (no_items(spec.get("masters")), name) {
        add_master(spec, name);
    }
    let Some(Node { kind: Kind::Sequence(masters), .. }) = spec.get_mut("masters") else {
        return;
    };
    for master in masters {
        underlay(master, "redis", redis.as_ref());
        underlay(master, "sentinel", timings.as_ref());
    }
}

fn no_items(node: Option<&Node>) -> bool {
    node.is_none_or(|node| matches!(&node.kind, Kind::Sequence(items) if items.is_empty()))
}

fn add_master(spec: &mut Node, name: Node) {
    let Kind::Mapping(entries) = &mut spec.kind else {
        return;
    };
    entries.remove(&entries.position("masters").into_iter().collect());
    let span = name.span.clone();
    let entry = |key: &str, value: Node| Entry { key: key.into(), key_span: span.clone(), value };
    let master = Node { span: span.clone(), kind: Kind::Mapping(vec![entry("name", name)].into()) };
    let masters = Node { span: span.clone(), kind: Kind::Sequence(vec![master]) };
    entries.push(entry("masters", masters));
}

/// The part of `spec.sentinel` that a master may override.
fn timings(sentinel: &Node) -> Node {
    let Kind::Mapping(entries) = &sentinel.kind else {
        return sentinel.clone();
    };
    let overridable = |entry: &&Entry| MasterSentinel::FIELDS.contains(&entry.key.as_str());
    Node {
        span: sentinel.span.clone(),
        kind: Kind::Mapping(entries.iter().filter(overridable).cloned().collect()),
    }
}

fn underlay(master: &mut Node, key: &str, under: Option<&Node>) {
    let (Some(under), Kind::Mapping(entries)) = (under, &mut master.kind) else {
        return;
    };
    let mut merged = under.clone();
    match entries.position(key).and_then(|position| entries.get_mut(position)) {
        Some(own) => {
            merged.merge(own.value.clone());
            own.value = merged;
        }
        None => {
            entries.push(Entry { key: key.into(), key_span: under.span.clone(), value: merged });
        }
    }
}
