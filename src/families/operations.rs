//! The runbook: for each alert of a topology what it means, how to see it, what to do and what not to do.

mod reach;

use serde::Serialize;
use tera::Context;

use super::{Plan, monitoring};
use crate::{alerts, topology::Topology};

const PATH: &str = "operations/runbook.md";
/// Where it tells what an alert of `notify.sh` means.
const EVENTS: &str = "what-sentinel-reports";

#[derive(Serialize)]
struct Section {
    name: &'static str,
    severity: &'static str,
    text: String,
}

#[must_use]
pub fn runbook(plan: &Plan<'_>) -> Context {
    let mut context = plan.context();
    reach::insert(&mut context, plan.topology);
    context.insert("master", &plan.topology.masters.first());
    let alarms = monitoring::alarms(plan.topology);
    let absent: Vec<&str> =
        alerts::names().filter(|name| alarms.iter().all(|alarm| alarm.name != *name)).collect();
    let section = |alarm: &monitoring::Alarm| Section {
        name: alarm.name,
        severity: alarm.severity,
        text: unlinked(plan.partial(&format!("runbook/{}.md", alarm.name), &context), &absent),
    };
    let sections: Vec<Section> = alarms.iter().map(section).collect();
    context.insert("sections", &sections);
    if !plan.topology.notifications.alertmanagers.is_empty() {
        context.insert("events", &unlinked(plan.partial("runbook/events.md", &context), &absent));
    }
    context
}

/// Where an alert of `notify.sh` is explained; nowhere without a runbook.
#[must_use]
pub fn events_url(topology: &Topology) -> String {
    let prefix = topology.monitoring.as_ref().map(|monitoring| &monitoring.runbook_url_prefix);
    prefix.map(|prefix| format!("{prefix}{PATH}#{EVENTS}")).unwrap_or_default()
}

/// A text without links to sections that this topology does not have.
fn unlinked(text: String, absent: &[&str]) -> String {
    if !text.contains("](#") {
        return text;
    }
    let link = |name: &str| format!("[{name}](#{})", name.to_ascii_lowercase());
    absent.iter().fold(text, |text, name| text.replace(&link(name), name))
}
