//! Kubernetes objects: which one became which, and what each kind's changes do.

use serde_json::Value;

use super::{
    Effect, FileChange, Impact, Scope, directory,
    documents::{Difference, differences, parse},
    objects::{Object, added, gone, is_monitoring, other, renamed},
    owner::Owner,
    runbook::{Before, Runbook, Set},
    statefulset,
    verdict::{self, Verdict},
};
use crate::topology::Topology;

const CHECKSUM: &str = "spec.template.metadata.annotations.redisforge.dev/config-checksum";

/// Effects of all files below `kubernetes/`.
pub(super) fn effects(changes: &[&FileChange], topology: Option<&Topology>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for change in changes {
        match (
            object(&change.path, change.before.as_deref()),
            object(&change.path, change.after.as_deref()),
        ) {
            (Ok(old), Ok(new)) => {
                before.extend(old);
                after.extend(new);
            }
            _ => effects.push(unreadable(change)),
        }
    }
    for (old, new) in pairs(before, after) {
        effects.extend(changed(old.as_ref(), new.as_ref(), topology));
    }
    without_explained_checksums(effects)
}

fn object(file: &str, text: Option<&str>) -> Result<Option<Object>, ()> {
    let Some(text) = text else { return Ok(None) };
    let value = parse(file, text).ok_or(())?;
    Ok(Some(Object { file: file.into(), value }))
}

fn unreadable(change: &FileChange) -> Effect {
    let difference = Difference { place: String::new(), before: None, after: None };
    let reason = "The file is not YAML on one side, so what it changes is not known.";
    verdict::effect(
        &change.path,
        None,
        &difference,
        Verdict::new(Impact::Outage, Scope::Data, reason),
    )
}

/// What was an object before is the object with the same kind, namespace and name; else that in the same file.
fn pairs(before: Vec<Object>, mut after: Vec<Object>) -> Vec<(Option<Object>, Option<Object>)> {
    let mut pairs = Vec::new();
    let mut alone = Vec::new();
    for old in before {
        match after.iter().position(|new| new.identity() == old.identity()) {
            Some(at) => pairs.push((Some(old), Some(after.remove(at)))),
            None => alone.push(old),
        }
    }
    for old in alone {
        let new = after.iter().position(|new| new.file == old.file && new.kind() == old.kind());
        pairs.push((Some(old), new.map(|at| after.remove(at))));
    }
    pairs.extend(after.into_iter().map(|new| (None, Some(new))));
    pairs
}

fn changed(old: Option<&Object>, new: Option<&Object>, topology: Option<&Topology>) -> Vec<Effect> {
    let Some(shown) = new.or(old) else { return Vec::new() };
    let running = old.unwrap_or(shown);
    let set = running.text("/metadata/name");
    let before = Before::Pods {
        set: if running.kind() == "ConfigMap" {
            set.strip_suffix("-config").unwrap_or(set)
        } else {
            set
        },
        namespace: running.namespace(),
    };
    let runbook = Runbook { topology, before: Some(before) };
    let owner =
        Owner { is_data: shown.component() != "sentinel", on_hosts: false, topology, runbook };
    let title = shown.title();
    let effect = |(difference, verdict): (Difference, Verdict)| {
        verdict::effect(&shown.file, Some(&title), &difference, verdict)
    };
    match (old, new) {
        (Some(old), Some(new)) if old.identity() == new.identity() => {
            differing(&owner, old, new).into_iter().map(effect).collect()
        }
        (Some(old), Some(new)) => {
            let field = if old.text("/metadata/name") == new.text("/metadata/name") {
                "namespace"
            } else {
                "name"
            };
            let value =
                |object: &Object| object.value.pointer(&format!("/metadata/{field}")).cloned();
            let (before, after) = (value(old), value(new));
            let difference = Difference { place: format!("metadata.{field}"), before, after };
            vec![effect((difference, renamed(&owner, old, field)))]
        }
        (Some(old), None) => vec![effect((whole(old, true), gone(&owner, old)))],
        (None, Some(new)) => vec![effect((whole(new, false), added(&owner, new)))],
        (None, None) => Vec::new(),
    }
}

fn whole(object: &Object, is_gone: bool) -> Difference {
    let value = Some(Value::String(object.title()));
    let (before, after) = if is_gone { (value, None) } else { (None, value) };
    Difference { place: String::new(), before, after }
}

fn differing(owner: &Owner<'_>, old: &Object, new: &Object) -> Vec<(Difference, Verdict)> {
    let mut found = Vec::new();
    if new.kind() == "StatefulSet" {
        let replicas = |object: &Object| object.value["spec"]["replicas"].as_u64().unwrap_or(1);
        let set = Set {
            name: new.text("/metadata/name"),
            namespace: new.namespace(),
            replicas: replicas(old),
            file: &new.file,
        };
        found.extend(statefulset::judge(owner, &set, &old.value, &new.value));
    }
    let is_members = !new.value["data"]["members"].is_null();
    for difference in differences(&old.value, &new.value) {
        let place = difference.place.clone();
        if new.kind() == "StatefulSet" && place.starts_with("spec.") {
            continue;
        }
        let entry = place
            .strip_prefix("data.")
            .filter(|_| new.kind() == "ConfigMap" && !is_monitoring(new));
        if let Some(entry) = entry {
            found.extend(self::entry(owner, entry, &difference));
        } else if place.starts_with("metadata.labels") || place.starts_with("metadata.annotations")
        {
            let reason = "Labels and annotations of an object select nothing that runs.";
            let scope = if is_monitoring(new) { Scope::Monitoring } else { owner.scope() };
            found.push((difference, Verdict::new(Impact::None, scope, reason)));
        } else {
            let verdict = other(owner, new, &difference, is_members);
            found.push((difference, verdict));
        }
    }
    found
}

fn entry(owner: &Owner<'_>, name: &str, difference: &Difference) -> Vec<(Difference, Verdict)> {
    let text =
        |side: &Option<Value>| side.as_ref().and_then(Value::as_str).map(ToString::to_string);
    let (before, after) = (text(&difference.before), text(&difference.after));
    directory::judge(owner, name, before.as_deref(), after.as_deref())
        .into_iter()
        .map(|(inner, verdict)| {
            let place = [name, inner.place.as_str()];
            let place = place.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>();
            (Difference { place: place.join(": "), ..inner }, verdict)
        })
        .collect()
}

/// A checksum changes because a file did; where the file's effect is told, it says nothing new.
fn without_explained_checksums(effects: Vec<Effect>) -> Vec<Effect> {
    let explained: Vec<String> = effects
        .iter()
        .filter_map(|effect| effect.object.as_deref()?.strip_prefix("ConfigMap "))
        .filter_map(|name| name.strip_suffix("-config"))
        .map(|name| format!("StatefulSet {name}"))
        .collect();
    let is_new = |effect: &Effect| {
        effect.place != CHECKSUM
            || !effect.object.as_ref().is_some_and(|object| explained.contains(object))
    };
    effects.into_iter().filter(is_new).collect()
}
