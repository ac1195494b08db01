//! A set that runs, seen by the real programs: its exporters, Prometheus, Alertmanager, and the person with the runbook.

mod support;

#[path = "hosts/cluster.rs"]
#[allow(dead_code)]
mod cluster;
#[path = "observed/dashboard.rs"]
mod dashboard;
#[path = "hosts/expected.rs"]
mod expected;
#[path = "observed/exporter.rs"]
mod exporter;
#[path = "hosts/nodes.rs"]
#[allow(dead_code)]
mod nodes;
#[path = "observed/notify.rs"]
mod notify;
#[path = "observed/pod.rs"]
mod pod;
#[path = "observed/programs.rs"]
mod programs;
#[path = "observed/runbook.rs"]
mod runbook;
#[path = "observed/set.rs"]
mod set;
#[path = "observed/stored.rs"]
mod stored;
#[path = "hosts/trees.rs"]
#[allow(dead_code)]
mod trees;
