//! Trees for hosts, judged by the programs that read them.

mod support;

#[path = "hosts/cluster.rs"]
mod cluster;
#[path = "hosts/expected.rs"]
mod expected;
#[path = "hosts/exporter.rs"]
mod exporter;
#[path = "hosts/failover.rs"]
mod failover;
#[path = "hosts/install.rs"]
mod install;
#[path = "hosts/machine.rs"]
mod machine;
#[path = "hosts/nodes.rs"]
mod nodes;
#[path = "hosts/systemd.rs"]
mod systemd;
#[path = "hosts/trees.rs"]
mod trees;
#[path = "hosts/twice.rs"]
mod twice;
#[path = "hosts/units.rs"]
mod units;
#[path = "hosts/writer.rs"]
mod writer;
