//! Rules, scrape configuration and dashboard.

mod dashboard;
mod limits;
mod pretty;
mod routes;
mod rules;
mod selectors;
mod situations;
mod targets;

use std::collections::BTreeMap;

use tera::Context;

use super::Plan;
use crate::{
    templates::BLOCK_MARGIN,
    topology::{Monitoring, Topology},
};

use self::pretty::pretty;
pub use rules::{Alarm, Group, alarms};
pub use situations::all as situations;

/// Seconds after which Prometheus gives a scrape up, if the next one is not due before.
const SCRAPE_TIMEOUT: u32 = 10;
/// With TLS the exporter waits 10 s for a server that hangs, whatever it is told, and then says that it is down.
const SCRAPE_TIMEOUT_WITH_TLS: u32 = 12;

/// Alerts and recording rules, for a Prometheus that reads files.
#[must_use]
pub fn rules(plan: &Plan<'_>) -> Context {
    let text = plan.groups.get_or_init(|| {
        let mut groups = plan.context();
        groups.insert("groups", all_groups(plan));
        plan.partial("monitoring/groups.yaml", &groups)
    });
    let mut context = plan.context();
    context.insert_value("groups", tera::Value::safe_string(text.trim_end_matches('\n')));
    context
}

fn all_groups<'a>(plan: &'a Plan<'_>) -> &'a [Group] {
    plan.rules.get_or_init(|| rules::groups(plan))
}

/// What must make which alerts fire, for promtool.
#[must_use]
pub fn rule_tests(plan: &Plan<'_>) -> Context {
    let holds = rules::Holds::new(all_groups(plan));
    let mut context = plan.context();
    let names: Vec<&str> = all_groups(plan).iter().map(Group::name).collect();
    context.insert("groups", &names);
    let step = situations::step(plan.topology, &holds);
    context.insert("step", &step);
    context.insert("tick", &situations::tick(plan.topology, step));
    context.insert_value("tests", situations::tests(plan, &holds).into());
    context
}

/// Who is told, and which alerts say nothing beside another.
#[must_use]
pub fn alertmanager(plan: &Plan<'_>) -> Context {
    let mut context = plan.context();
    context.insert("routes", &routes::routes());
    context.insert("inhibitions", &routes::inhibitions(&alarms(plan.topology)));
    context
}

/// The rules for the operator.
#[must_use]
pub fn prometheus_rule(plan: &Plan<'_>) -> Context {
    let mut context = rules(plan);
    insert_metadata(&mut context, plan.topology, |monitoring| &monitoring.rule_labels);
    context
}

/// Where the operator finds the exporters.
#[must_use]
pub fn monitor(plan: &Plan<'_>) -> Context {
    let topology = plan.topology;
    let mut context = plan.context();
    insert_metadata(&mut context, topology, |monitoring| &monitoring.scrape_labels);
    context.insert("selector", &BTreeMap::from(targets::selector(topology)));
    let mut endpoint = plan.context();
    endpoint.insert("workloads", &targets::workloads(topology));
    endpoint.insert("domain", &targets::domain(topology));
    endpoint.insert("timeout_seconds", &timeout_seconds(topology));
    context.insert("endpoint", &plan.partial("monitoring/endpoint.yaml", &endpoint));
    context
}

/// Where a Prometheus that reads files finds the exporters.
#[must_use]
pub fn scrape(plan: &Plan<'_>) -> Context {
    let mut context = plan.context();
    context.insert("path", targets::path(plan.topology));
    context.insert("targets", &targets::targets(plan.topology));
    context.insert("timeout_seconds", &timeout_seconds(plan.topology));
    context
}

/// The dashboard.
#[must_use]
pub fn dashboard(plan: &Plan<'_>) -> Context {
    drawn(plan, 0)
}

fn drawn(plan: &Plan<'_>, margin: usize) -> Context {
    let mut context = plan.context();
    let model = pretty(&dashboard::model(plan.topology), margin);
    context.insert_value("dashboard", tera::Value::safe_string(&model));
    context
}

/// The dashboard as Grafana's import page wants it; nothing where nobody collects what it shows.
#[must_use]
pub fn dashboard_for_import(topology: &Topology) -> Option<String> {
    let model = || dashboard::for_import(&dashboard::model(topology));
    topology.is_monitored().then(|| pretty(&model(), 0) + "\n")
}

/// The same for Grafana's sidecar, which writes the files of all namespaces into one folder.
#[must_use]
pub fn dashboard_object(plan: &Plan<'_>) -> Context {
    let topology = plan.topology;
    let mut context = drawn(plan, BLOCK_MARGIN);
    insert_metadata(&mut context, topology, |monitoring| &monitoring.dashboard_labels);
    let mut annotations = topology.annotations.clone();
    let folder =
        topology.monitoring.as_ref().and_then(|monitoring| monitoring.dashboard_folder.clone());
    annotations.extend(folder.map(|folder| ("grafana_folder".into(), folder)));
    context.insert("annotations", &annotations);
    let namespace =
        topology.namespace.as_ref().map(|namespace| format!("{namespace}-")).unwrap_or_default();
    context.insert("file", &format!("redis-{namespace}{}.json", topology.name));
    context
}

fn insert_metadata(
    context: &mut Context,
    topology: &Topology,
    wanted: fn(&Monitoring) -> &BTreeMap<String, String>,
) {
    let none = BTreeMap::new();
    let wanted = topology.monitoring.as_ref().map_or(&none, wanted);
    context.insert("labels", &targets::labels(topology, wanted));
    context.insert("annotations", &topology.annotations);
}

fn timeout_seconds(topology: &Topology) -> u32 {
    let longest = if topology.tls.is_some() { SCRAPE_TIMEOUT_WITH_TLS } else { SCRAPE_TIMEOUT };
    interval_seconds(topology).min(longest)
}

fn interval_seconds(topology: &Topology) -> u32 {
    topology.monitoring.as_ref().map_or(SCRAPE_TIMEOUT, |monitoring| monitoring.interval_seconds)
}

/// What the exporter waits for a server, as Go writes it. It may try twice, and must say that the server is down before
/// Prometheus gives the scrape up.
#[must_use]
pub fn exporter_patience(topology: &Topology) -> String {
    format!("{}ms", interval_seconds(topology).min(SCRAPE_TIMEOUT) * 400)
}

#[must_use]
pub fn has_pod_monitor(topology: &Topology) -> bool {
    is(topology, |monitoring| monitoring.pod_monitor)
}

#[must_use]
pub fn has_service_monitor(topology: &Topology) -> bool {
    is(topology, |monitoring| monitoring.service_monitor)
}

#[must_use]
pub fn has_scrape_file(topology: &Topology) -> bool {
    is(topology, |monitoring| !monitoring.pod_monitor && !monitoring.service_monitor)
}

#[must_use]
pub fn has_rule_object(topology: &Topology) -> bool {
    topology.on_kubernetes() && topology.is_monitored()
}

#[must_use]
pub fn has_dashboard_file(topology: &Topology) -> bool {
    is(topology, |monitoring| monitoring.dashboard && !monitoring.dashboard_config_map)
}

#[must_use]
pub fn has_dashboard_object(topology: &Topology) -> bool {
    is(topology, |monitoring| monitoring.dashboard && monitoring.dashboard_config_map)
}

fn is(topology: &Topology, what: fn(&Monitoring) -> bool) -> bool {
    topology.monitoring.as_ref().is_some_and(what)
}
