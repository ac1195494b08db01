//! The runbook: for each alert of a topology what it means, how to see it, what to do and what not to do.

use serde::Serialize;
use tera::{Context, Value};

use super::{Plan, monitoring};
use crate::{alerts, topology::Topology};

#[derive(Serialize)]
struct Section {
    name: &'static str,
    severity: &'static str,
    text: String,
}

/// How a person reaches the processes of a topology: words of commands, with the names of the first node and Sentinel.
struct Reach {
    data: String,
    sentinel: String,
    data_log: String,
    sentinel_log: String,
    restart_data: String,
    restart_sentinel: String,
    volume: String,
    on_node: String,
}

#[must_use]
pub fn runbook(plan: &Plan<'_>) -> Context {
    let mut context = plan.context();
    Reach::new(plan.topology).insert(&mut context);
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
    context
}

/// A section's text without links to sections that this topology does not have.
fn unlinked(text: String, absent: &[&str]) -> String {
    let link = |name: &str| format!("[{name}](#{})", name.to_ascii_lowercase());
    absent.iter().fold(text, |text, name| text.replace(&link(name), name))
}

impl Reach {
    fn new(topology: &Topology) -> Self {
        let master = topology.masters.first();
        let name = master.map_or("", |master| &master.name);
        let sentinel = &topology.sentinel.object;
        if topology.on_hosts() {
            return Self {
                data: name.into(),
                sentinel: "sentinel".into(),
                data_log: format!("journalctl -u redis-{name}"),
                sentinel_log: "journalctl -u redis-sentinel".into(),
                restart_data: format!("systemctl restart redis-{name}"),
                restart_sentinel: "systemctl restart redis-sentinel".into(),
                volume: format!("/var/lib/redis/{name}"),
                on_node: String::new(),
            };
        }
        let object = master.map_or("", |master| &master.object);
        let namespace = topology
            .namespace
            .as_ref()
            .map(|namespace| format!(" -n {namespace}"))
            .unwrap_or_default();
        Self {
            data: format!("{object}-0"),
            sentinel: format!("{sentinel}-0"),
            data_log: format!("kubectl logs{namespace} {object}-0 -c redis"),
            sentinel_log: format!("kubectl logs{namespace} {sentinel}-0 -c sentinel"),
            restart_data: format!("kubectl delete pod{namespace} {object}-0"),
            restart_sentinel: format!("kubectl delete pod{namespace} {sentinel}-0"),
            volume: "/data".into(),
            on_node: format!("kubectl exec{namespace} {object}-0 -c redis -- "),
        }
    }

    /// Puts them into a context. They are commands made of names that rules have checked.
    fn insert(&self, context: &mut Context) {
        for (key, words) in [
            ("data", &self.data),
            ("sentinel", &self.sentinel),
            ("data_log", &self.data_log),
            ("sentinel_log", &self.sentinel_log),
            ("restart_data", &self.restart_data),
            ("restart_sentinel", &self.restart_sentinel),
            ("volume", &self.volume),
            ("on_node", &self.on_node),
        ] {
            context.insert_value(key, Value::safe_string(words));
        }
    }
}
