//! One Kubernetes object: what becomes of those that run when one of its kind comes, goes or changes.

use std::path::Path;

use serde_json::Value;

use super::{Impact, Scope, documents::Difference, owner::Owner, verdict::Verdict};

/// An object, and the file it is in.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) file: String,
    pub(super) value: Value,
}

impl Object {
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn kind(&self) -> &str {
        self.text("/kind")
    }

    pub(super) fn title(&self) -> String {
        format!("{} {}", self.kind(), self.text("/metadata/name")).trim_end().into()
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        Some(self.text("/metadata/namespace")).filter(|name| !name.is_empty())
    }

    pub(super) fn identity(&self) -> [&str; 3] {
        [self.kind(), self.text("/metadata/namespace"), self.text("/metadata/name")]
    }

    pub(super) fn component(&self) -> &str {
        self.text("/metadata/labels/app.kubernetes.io~1component")
    }
}

fn is_json(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "json")
}

pub(super) fn is_monitoring(object: &Object) -> bool {
    let is_dashboard = || {
        let data = object.value["data"].as_object();
        data.is_some_and(|data| !data.is_empty() && data.keys().all(|key| is_json(key)))
    };
    match object.kind() {
        "PrometheusRule" | "PodMonitor" | "ServiceMonitor" => true,
        "ConfigMap" => object.component().is_empty() && is_dashboard(),
        _ => false,
    }
}

pub(super) fn renamed(owner: &Owner<'_>, old: &Object, field: &str) -> Verdict {
    let verdict = gone(owner, old);
    if old.kind() != "StatefulSet" || !owner.is_data {
        return verdict;
    }
    let verdict = Verdict {
        reason: format!(
            "Under another {field} a new, empty set takes over; the data stays with the old one."
        ),
        ..verdict
    };
    if field == "namespace" {
        verdict.note("if the objects are in this namespace already, the volumes are too: then clients and nodes only see other names")
    } else {
        verdict
    }
}

pub(super) fn gone(owner: &Owner<'_>, old: &Object) -> Verdict {
    let kind = old.kind();
    if is_monitoring(old) {
        return Verdict::new(Impact::None, Scope::Monitoring, "Only what watches goes.");
    }
    match kind {
        "StatefulSet" if owner.is_data => Verdict::new(
            Impact::DataLoss,
            Scope::Data,
            "The data nodes go: nothing serves their keys any more.",
        )
        .note(format!(
            "the volumes data-{}-N stay until somebody deletes them",
            old.text("/metadata/name")
        ))
        .runbook(owner.runbook.keep_the_data()),
        "StatefulSet" => {
            owner.outage(Scope::Clients, "No Sentinel is left that tells clients the master.")
        }
        "Service" => owner
            .outage(Scope::Clients, "Whoever uses the name of this Service finds nobody.")
            .runbook(owner.runbook.clients_first()),
        "NetworkPolicy" => {
            Verdict::new(Impact::Live, Scope::Clients, "Everybody may connect from now on.")
        }
        "PodDisruptionBudget" => Verdict::new(
            Impact::None,
            owner.scope(),
            "Only drains of machines ask for it; they may now stop several nodes at once.",
        ),
        "ConfigMap" if old.value["data"]["members"].is_null() => {
            owner.restart("their configuration lies elsewhere")
        }
        "Kustomization" => Verdict::new(Impact::None, owner.scope(), "It only lists the objects."),
        "Certificate" => Verdict::new(
            Impact::Live,
            owner.scope(),
            "Its Secret stays, and nobody renews it any more.",
        )
        .note("with cert-manager's --enable-certificate-owner-ref the Secret goes too, and pods that still mount it do not start"),
        _ => owner.outage(owner.scope(), &format!("Pods need this {kind} when they start.")),
    }
}

pub(super) fn added(owner: &Owner<'_>, new: &Object) -> Verdict {
    if is_monitoring(new) {
        return Verdict::new(Impact::None, Scope::Monitoring, "It only watches.");
    }
    match new.kind() {
        "PodDisruptionBudget" | "Kustomization" => {
            Verdict::new(Impact::None, owner.scope(), "Nothing that runs notices it.")
        }
        "NetworkPolicy" => Verdict::new(
            Impact::Live,
            Scope::Clients,
            "Only those whom it allows may connect from now on.",
        )
        .note("see that it allows every client before it is applied"),
        _ => Verdict::new(Impact::Live, owner.scope(), "It is added beside what runs."),
    }
}

pub(super) fn other(
    owner: &Owner<'_>,
    new: &Object,
    difference: &Difference,
    is_members: bool,
) -> Verdict {
    let place = difference.place.as_str();
    let none = |scope: Scope, reason: &str| Verdict::new(Impact::None, scope, reason);
    let live = |scope: Scope, reason: &str| Verdict::new(Impact::Live, scope, reason);
    if is_monitoring(new) {
        return none(Scope::Monitoring, "It only watches.");
    }
    match new.kind() {
        "Kustomization" if place == "resources" => none(owner.scope(), "It only lists the objects."),
        "NetworkPolicy" => {
            let verdict = live(Scope::Clients, "Who may connect changes at once; no node restarts.");
            let last = place.rsplit('.').next().unwrap_or(place);
            if difference.after.is_none() || last == "from" || last.ends_with("ingress") {
                verdict.note("whoever is not allowed any more is cut off")
            } else {
                verdict
            }
        }
        "PodDisruptionBudget" => none(owner.scope(), "Only drains of machines ask for it."),
        "Service" if place.contains("[metrics]") => {
            none(Scope::Monitoring, "Only scrapers use this port.")
        }
        "Service" if place.ends_with("publishNotReadyAddresses") => {
            live(owner.scope(), "Which pods are found by name changes at once.")
        }
        "Service" => owner
            .outage(Scope::Clients, "Clients find the Service otherwise than before.")
            .runbook(owner.runbook.clients_first()),
        "Certificate" if place.contains("issuerRef") => owner.outage(
            Scope::Clients,
            "Certificates come from another issuer, which nodes and clients that run do not trust yet.",
        ),
        "Certificate" if place.contains("dnsNames") || place.contains("ipAddresses") || place.contains("usages")
            || place.contains("duration") || place.contains("renewBefore") =>
        {
            live(owner.scope(), "The certificate is issued anew; nodes read it at their next start.")
        }
        "ServiceAccount" => live(owner.scope(), "Pods use it from their next start on."),
        "ConfigMap" if !is_members => owner.restart("their configuration changed"),
        kind => owner.outage(owner.scope(), &format!("What this field of a {kind} does is not known.")),
    }
}
