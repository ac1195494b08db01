//! `redisforge krm`: the same as a KRM function, a ResourceList on stdin and one on stdout.

mod list;

use std::io::{self, Read as _};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use self::list::{Item, List};
use super::{CLEAN, FINDINGS, Streams};
use crate::{
    catalog,
    diagnostic::{Diagnostic, Severity},
    load::{self, Loaded},
    report::{self, Format},
    source::{Base, Source},
    templates::Templates,
    topology::Topology,
};

/// On every object that we made, so that a second run replaces it.
const OWNER: &str = "redisforge.dev/owner";
/// What tools keep on an item for themselves; it is not the topology's.
const OF_TOOLS: [&str; 4] = [
    "config.kubernetes.io/",
    "internal.config.kubernetes.io/",
    "config.k8s.io/",
    "kustomize.config.k8s.io/",
];

pub fn krm(streams: &mut Streams) -> Result<u8> {
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text).context("cannot read stdin")?;
    let list = List::read(text)?;
    let specs: Vec<&Item> = list.function.iter().chain(&list.items).filter(|i| i.is_spec).collect();
    let mut loaded = load::load(specs.iter().map(|item| source(item)).collect());
    report::write(Format::Human, &loaded, &mut streams.stderr)?;
    let mut results: Vec<Value> = Vec::new();
    for (item, loaded) in specs.iter().zip(&loaded) {
        results.extend(loaded.diagnostics.iter().map(|found| result(item, found)));
    }
    let mut made = Vec::new();
    let mut has_errors = loaded.iter().any(Loaded::has_errors);
    if !has_errors {
        let templates = Templates::parse();
        for (item, loaded) in specs.iter().zip(&mut loaded) {
            let Some(spec) = loaded.take_spec() else { continue };
            let topology = Topology::from(spec);
            if topology.on_hosts() {
                has_errors = true;
                results.push(on_hosts(item, &topology));
            } else {
                made.extend(objects(&topology, &templates)?);
            }
        }
    }
    if has_errors {
        streams.tell("nothing was rendered")?;
        made.clear();
    }
    // What was made before is made again; with errors it stays as it was.
    let is_kept = |item: &&Item| has_errors || item.annotation(OWNER).is_none();
    let kept = list.items.iter().filter(is_kept).map(|item| item.text.clone());
    let items: Vec<String> = kept.chain(made).collect();
    list::write(list.function.as_ref(), &items, &results, &mut streams.stdout)?;
    Ok(if has_errors { FINDINGS } else { CLEAN })
}

/// A spec without what tools wrote on it.
fn source(item: &Item) -> (Source, Vec<Diagnostic>) {
    let (mut source, mut diagnostics) = Source::read(&item.file(), item.text.clone());
    if let Some(base) = source.bases().into_iter().next() {
        diagnostics.push(based_on(&base));
        source = source.incomplete();
    }
    let annotations = item.value["metadata"]["annotations"].as_object();
    let of_tools = annotations
        .into_iter()
        .flatten()
        .filter(|(key, _)| OF_TOOLS.iter().any(|prefix| key.starts_with(prefix)));
    let paths: Vec<String> =
        of_tools.map(|(key, _)| format!("metadata.annotations.{key}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    if !paths.is_empty() {
        source.root.remove(&paths);
    }
    (source, diagnostics)
}

/// A function gets objects, not the files beside them.
fn based_on(base: &Base) -> Diagnostic {
    let message = format!("cannot read the base {}: a KRM function reads no files", base.path);
    Diagnostic::error("base-unreadable", base.span.clone(), message)
        .with_path("spec.basedOn")
        .with_help("pass what `redisforge resolve` prints for this spec")
}

/// The objects of a topology, in the order to apply them.
fn objects(topology: &Topology, templates: &Templates) -> Result<Vec<String>> {
    let owned = |artifact: catalog::Artifact| {
        let (source, _) = Source::read(&artifact.path, artifact.content);
        let mut object = source.root.to_json();
        object["metadata"]["annotations"][OWNER] = topology.name.clone().into();
        let path = format!("{}/{}", topology.name, artifact.path);
        for key in ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"] {
            object["metadata"]["annotations"][key] = path.clone().into();
        }
        list::yaml(&object)
    };
    catalog::objects(topology, templates).into_iter().map(owned).collect()
}

fn result(item: &Item, found: &Diagnostic) -> Value {
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    };
    let message = match &found.help {
        Some(help) => format!("{}; {help}", found.message),
        None => found.message.clone(),
    };
    let mut result = about(item, severity, &message);
    if !found.path.is_empty() {
        result["field"] = json!({"path": found.path});
    }
    result["tags"] = json!({"rule": found.id});
    result
}

fn on_hosts(item: &Item, topology: &Topology) -> Value {
    let message =
        format!("{} runs on hosts: those have files, not Kubernetes objects", topology.name);
    let mut result = about(item, "error", &message);
    result["field"] = json!({"path": "spec.platform.type"});
    result
}

fn about(item: &Item, severity: &str, message: &str) -> Value {
    let text = |value: &Value| value.as_str().map(String::from);
    let mut result = json!({"message": message, "severity": severity});
    let mut resource = json!({});
    for (key, value) in [
        ("apiVersion", text(&item.value["apiVersion"])),
        ("kind", text(&item.value["kind"])),
        ("name", text(&item.value["metadata"]["name"])),
        ("namespace", text(&item.value["metadata"]["namespace"])),
    ] {
        if let Some(value) = value {
            resource[key] = value.into();
        }
    }
    result["resourceRef"] = resource;
    if let Some(path) = item.path() {
        result["file"] = json!({"path": path});
        if let Some(index) = item.index() {
            result["file"]["index"] = index.into();
        }
    }
    result
}
