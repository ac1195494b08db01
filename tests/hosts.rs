//! Trees for hosts, judged by the programs that read them.

mod support;

#[path = "hosts/cluster.rs"]
mod cluster;
#[path = "hosts/exporter.rs"]
mod exporter;
#[path = "hosts/failover.rs"]
mod failover;
#[path = "hosts/install.rs"]
mod install;
#[path = "hosts/trees.rs"]
mod trees;
#[path = "hosts/units.rs"]
mod units;
