//! A StatefulSet: which of its fields the API server lets change in place, and what that does to its pods.

use serde_json::Value;

use super::{
    Impact, Scope,
    documents::{Difference, differences, shown},
    owner::Owner,
    runbook::Set,
    verdict::Verdict,
};
use crate::{image::Image, quantity};

/// Fields of `spec` that may be updated, with the first version of Kubernetes that allows it: `ValidateStatefulSetUpdate` in
/// `pkg/apis/apps/validation`. From 1.28 on, the oldest that is rendered for. `revisionHistoryLimit` was seen refused in 1.31 and
/// allowed in 1.35; in between it counts as refused, because making a StatefulSet anew keeps its pods, and a refused apply is not seen here.
pub const MUTABLE: &[(&str, u32)] = &[
    ("replicas", 28),
    ("template", 28),
    ("updateStrategy", 28),
    ("minReadySeconds", 28),
    ("ordinals", 28),
    ("persistentVolumeClaimRetentionPolicy", 28),
    ("revisionHistoryLimit", 35),
];

/// Whether a field of `spec` may be updated in Kubernetes 1.MINOR.
#[must_use]
pub fn is_mutable(field: &str, minor: u32) -> bool {
    MUTABLE.iter().any(|(name, since)| *name == field && *since <= minor)
}

/// Every difference below `spec`, with what it does.
pub(super) fn judge(
    owner: &Owner<'_>,
    set: &Set<'_>,
    before: &Value,
    after: &Value,
) -> Vec<(Difference, Verdict)> {
    let mut found = Vec::new();
    for difference in differences(&before["spec"], &after["spec"]) {
        let claims = "volumeClaimTemplates";
        let end = difference.place.find(['.', '[']).unwrap_or(difference.place.len());
        let verdict = match &difference.place[..end] {
            field if field == claims => claim(owner, set, &difference, before, after),
            field => spec(owner, set, field, &difference),
        };
        let place = format!("spec.{}", difference.place);
        found.push((Difference { place, ..difference }, verdict));
    }
    found
}

fn minor(owner: &Owner<'_>) -> u32 {
    let kubernetes = owner.topology.and_then(|topology| topology.kubernetes.as_ref());
    let minor = kubernetes.and_then(|kubernetes| kubernetes.version.split_once('.'));
    minor.and_then(|(_, minor)| minor.parse().ok()).unwrap_or(0)
}

fn spec(owner: &Owner<'_>, set: &Set<'_>, field: &str, difference: &Difference) -> Verdict {
    match field {
        "selector" => owner.outage(
            owner.scope(),
            "The pods that run do not belong to the new StatefulSet and have to go before it can make its own.",
        ),
        "serviceName" | "ordinals" => owner.outage(
            Scope::Clients,
            "Pods get other names than those that Sentinel and the clients know.",
        ),
        field if !is_mutable(field, minor(owner)) => Verdict::new(
            Impact::Recreate,
            owner.scope(),
            format!("Kubernetes lets nobody change `{field}` of a StatefulSet in place."),
        )
        .runbook(set.recreate()),
        "replicas" => replicas(owner, set, difference),
        "template" => template(owner, difference),
        "persistentVolumeClaimRetentionPolicy" => Verdict::new(
            Impact::Live,
            Scope::Storage,
            "It decides what becomes of volumes when pods or the StatefulSet go, and restarts nothing.",
        ),
        _ => Verdict::new(
            Impact::Live,
            owner.scope(),
            format!("`{field}` says how later changes are rolled out, and restarts nothing."),
        ),
    }
}

fn replicas(owner: &Owner<'_>, set: &Set<'_>, difference: &Difference) -> Verdict {
    let number = |side: &Option<Value>| side.as_ref().and_then(Value::as_u64).unwrap_or(1);
    let (before, after) = (number(&difference.before), number(&difference.after));
    if after > before {
        let reason = "Pods are added beside those that run, which go on.";
        return Verdict::new(Impact::Live, owner.scope(), reason);
    }
    let name = set.name;
    let pods: Vec<String> = (after..before).map(|pod| format!("{name}-{pod}")).collect();
    let stays = format!(
        "pods that go: {}; volumes that stay until somebody deletes them: data-{}; what makes Sentinels forget who went: {}",
        pods.join(", "),
        pods.join(", data-"),
        owner.runbook.forget()
    );
    if owner.is_data {
        let reason = "Pods go, and the master may be one of them; it hands over first.";
        Verdict::new(Impact::Failover, Scope::Data, reason).note(stays)
    } else {
        let reason = "Sentinels go; the others go on.";
        Verdict::new(Impact::Live, Scope::Sentinels, reason).note(stays)
    }
}

fn template(owner: &Owner<'_>, difference: &Difference) -> Verdict {
    let place = difference.place.trim_start_matches("template.");
    if place.ends_with("].image")
        && !place.contains("[exporter]")
        && let Some(reason) = backwards(&difference.before_text(), &difference.after_text())
    {
        let outage = owner.outage(owner.scope(), reason);
        return if is_copy(&difference.before_text(), &difference.after_text()) {
            outage.note("if it is a copy of the same image, nobody notices but for the restart")
        } else {
            outage
        };
    }
    let what = match place {
        "metadata.annotations.redisforge.dev/config-checksum" => {
            "the text of their configuration changed, though nothing in it says anything else"
        }
        _ if place.contains("[exporter]") => "the exporter shares their pods",
        _ if place.rsplit('.').next() == Some("image") => "they get another image",
        _ => "their pod template changed",
    };
    owner.restart(what)
}

/// Whether two images have one name and version, in different registries.
fn is_copy(before: &str, after: &str) -> bool {
    let last = |image: &str| image.rsplit('/').next().map(String::from);
    last(before) == last(after)
}

/// Why a server may not be able to read what the one before wrote.
fn backwards(before: &str, after: &str) -> Option<&'static str> {
    let (before, after) = (Image::parse(before)?, Image::parse(after)?);
    if before.repository() != after.repository() {
        return Some(
            "Another image may hold a server that cannot read what this one wrote, nor replicate from it.",
        );
    }
    let (old, new) = (before.version(), after.version());
    let is_older =
        !old.is_empty() && !new.is_empty() && new[..new.len().min(2)] < old[..old.len().min(2)];
    is_older.then_some("An older server cannot read what a newer one wrote, nor replicate from it.")
}

fn claim(
    owner: &Owner<'_>,
    set: &Set<'_>,
    difference: &Difference,
    before: &Value,
    after: &Value,
) -> Verdict {
    let place = difference.place.as_str();
    let Some(name) =
        place.strip_prefix("volumeClaimTemplates[").and_then(|rest| rest.split(']').next())
    else {
        return whole_claims(owner, set, before, after);
    };
    let lost = |reason: &str| {
        Verdict::new(Impact::DataLoss, Scope::Storage, reason).runbook(set.replace_volumes(name))
    };
    let field = place.split_once("].").map_or("", |(_, field)| field);
    match field {
        "" if difference.before.is_none() => Verdict::new(
            Impact::Recreate,
            Scope::Storage,
            "A StatefulSet gets another volume only when it is made anew; each pod then starts with an empty one.",
        )
        .runbook(set.recreate()),
        "" => lost("The pods lose their volume: what is only there is gone."),
        "spec.resources.requests.storage" => {
            let bytes = |value: &Option<Value>| quantity::bytes(&value.as_ref().map(shown)?);
            match (bytes(&difference.before), bytes(&difference.after)) {
                (Some(old), Some(new)) if new == old => {
                    Verdict::new(Impact::Recreate, Scope::Storage, "The same size, written otherwise.")
                        .runbook(set.recreate())
                }
                (Some(old), Some(new)) if new > old => Verdict::new(
                    Impact::Recreate,
                    Scope::Storage,
                    "Volumes grow while they are in use, but the StatefulSet has to be made anew to know of it.",
                )
                .runbook(set.grow(name, &difference.after_text(), class(after, name))),
                _ => lost("A volume cannot shrink: each has to be deleted and filled anew."),
            }
        }
        "spec.storageClassName" => {
            let verdict = lost("A volume cannot change its class: each has to be deleted and filled anew.");
            if difference.before.is_none() || difference.after.is_none() {
                verdict.note("if it names the cluster's default class, the StatefulSet need only be made anew")
            } else {
                verdict
            }
        }
        "spec.accessModes" | "spec.volumeMode" => {
            lost("A volume cannot change this: each has to be deleted and filled anew.")
        }
        _ => Verdict::new(
            Impact::Recreate,
            Scope::Storage,
            "Kubernetes lets nobody change volume claim templates in place.",
        )
        .runbook(set.recreate()),
    }
}

/// All volume claim templates come or go.
fn whole_claims(owner: &Owner<'_>, set: &Set<'_>, before: &Value, after: &Value) -> Verdict {
    let has =
        |object: &Value| object.pointer("/spec/volumeClaimTemplates").is_some_and(Value::is_array);
    if has(before) && !has(after) {
        return Verdict::new(
            Impact::DataLoss,
            Scope::Storage,
            "The pods lose their volumes: after a stop of all of them every key is gone.",
        )
        .runbook([owner.runbook.keep_the_data(), set.recreate()].concat());
    }
    Verdict::new(
        Impact::Recreate,
        Scope::Storage,
        "A StatefulSet gets volumes only when it is made anew; each pod then starts with an empty one.",
    )
    .runbook(set.recreate())
}

fn class<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let claims = object.pointer("/spec/volumeClaimTemplates")?.as_array()?;
    let claim = claims.iter().find(|claim| claim["metadata"]["name"] == name)?;
    claim.pointer("/spec/storageClassName")
}
