//! `spec.monitoring`, and the namespace, which on hosts only the dashboard reads.

use serde_json::Value;

use super::{Ignored, NOT_ON_HOSTS, differs};
use crate::spec::{Delivery, Exporter, Scrape, ScrapeType, Spec, Thresholds};

pub(super) fn judge(spec: &Spec, ignored: &mut Ignored) {
    let is_monitored = spec.scrape_type() != ScrapeType::Disabled;
    if is_monitored {
        on_hosts(spec, ignored);
        without_operator(spec, ignored);
        without_dashboard_object(spec, ignored);
        without_alert(spec, ignored);
    } else {
        unmonitored(spec, ignored);
    }
    let has_dashboard = is_monitored && spec.dashboard_delivery() != Delivery::Disabled;
    ignored.note(
        "metadata.namespace",
        spec.on_hosts() && spec.metadata.namespace.is_some() && !has_dashboard,
        "is read on Hosts by the dashboard only, and there is none",
    );
}

fn on_hosts(spec: &Spec, ignored: &mut Ignored) {
    if spec.on_kubernetes() {
        return;
    }
    exporter(&spec.spec.monitoring.exporter, ignored, NOT_ON_HOSTS);
    let labels = &spec.spec.monitoring.alerts.labels;
    ignored.note("spec.monitoring.alerts.labels", !labels.is_empty(), NOT_ON_HOSTS);
}

fn exporter(exporter: &Exporter, ignored: &mut Ignored, why: &'static str) {
    let default = Exporter::default();
    let fields = [
        ("image", exporter.image != default.image),
        ("memory", exporter.memory != default.memory),
        ("cpu", differs(&exporter.cpu, &default.cpu)),
    ];
    for (field, is_written) in fields {
        ignored.note(format!("spec.monitoring.exporter.{field}"), is_written, why);
    }
}

/// Labels of a PodMonitor or ServiceMonitor that there is not.
fn without_operator(spec: &Spec, ignored: &mut Ignored) {
    let why =
        if spec.on_hosts() { NOT_ON_HOSTS } else { "has no effect with `scrape.type: Static`" };
    let is_written =
        spec.scrape_type() == ScrapeType::Static && !spec.spec.monitoring.scrape.labels.is_empty();
    ignored.note("spec.monitoring.scrape.labels", is_written, why);
}

/// Labels and folder of a ConfigMap that there is not.
fn without_dashboard_object(spec: &Spec, ignored: &mut Ignored) {
    if spec.dashboard_delivery() == Delivery::ConfigMap {
        return;
    }
    let why = if spec.on_hosts() {
        NOT_ON_HOSTS
    } else {
        "has no effect without `dashboard.delivery: ConfigMap`"
    };
    let dashboard = &spec.spec.monitoring.dashboard;
    ignored.note("spec.monitoring.dashboard.labels", dashboard.labels.is_some(), why);
    ignored.note("spec.monitoring.dashboard.folder", dashboard.folder.is_some(), why);
}

/// Thresholds of alerts that this deployment cannot have.
fn without_alert(spec: &Spec, ignored: &mut Ignored) {
    let body = &spec.spec;
    let (tls, notifications) = (&body.tls, &body.notifications);
    let has_issuer = spec.has_tls()
        && tls.certificate.as_ref().is_some_and(|certificate| certificate.issuer_ref.is_some());
    let has_scripts = !notifications.alertmanagers.is_empty() || !notifications.webhooks.is_empty();
    for field in changed(&body.monitoring.alerts.thresholds) {
        let why = match field.as_str() {
            "containerMemoryPercent" if spec.on_hosts() => NOT_ON_HOSTS,
            "certificateDays" if !has_issuer => "has no effect without `certificate.issuerRef`",
            "queuedScripts" if !has_scripts => {
                "has no effect without `notifications.alertmanagers` or `notifications.webhooks`"
            }
            _ => continue,
        };
        ignored.note(format!("spec.monitoring.alerts.thresholds.{field}"), true, why);
    }
}

fn unmonitored(spec: &Spec, ignored: &mut Ignored) {
    let why = "has no effect with `scrape.type: Disabled`";
    let monitoring = &spec.spec.monitoring;
    let (scrape, alerts, dashboard) =
        (&monitoring.scrape, &monitoring.alerts, &monitoring.dashboard);
    exporter(&monitoring.exporter, ignored, why);
    let fields = [
        ("scrape.intervalSeconds", scrape.interval_seconds != Scrape::default().interval_seconds),
        ("scrape.labels", !scrape.labels.is_empty()),
        ("alerts.labels", !alerts.labels.is_empty()),
        ("alerts.disable", !alerts.disable.is_empty()),
        ("alerts.runbookUrlPrefix", !alerts.runbook_url_prefix.is_empty()),
        ("dashboard.delivery", dashboard.delivery.is_some()),
        ("dashboard.labels", dashboard.labels.is_some()),
        ("dashboard.folder", dashboard.folder.is_some()),
    ];
    for (field, is_written) in fields {
        ignored.note(format!("spec.monitoring.{field}"), is_written, why);
    }
    for field in changed(&alerts.thresholds) {
        ignored.note(format!("spec.monitoring.alerts.thresholds.{field}"), true, why);
    }
}

/// Names of the thresholds that differ from their default.
fn changed(thresholds: &Thresholds) -> Vec<String> {
    let fields = |thresholds: &Thresholds| match serde_json::to_value(thresholds) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let default = fields(&Thresholds::default());
    fields(thresholds)
        .into_iter()
        .filter(|(name, value)| default.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect()
}
