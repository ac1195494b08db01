//! A set that runs, seen by the real programs: its exporters, Prometheus, Alertmanager, and the person with the runbook.

mod support;

#[path = "hosts/cluster.rs"]
#[expect(dead_code, reason = "only hosts.rs stops a process in good order")]
mod cluster;
#[path = "observed/dashboard.rs"]
mod dashboard;
#[path = "hosts/expected.rs"]
mod expected;
#[path = "observed/exporter.rs"]
mod exporter;
#[path = "hosts/nodes.rs"]
#[expect(dead_code, reason = "only hosts.rs asks for roles")]
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
