//! The rows of the dashboard, one module for each.

mod clients;
mod exporter;
mod memory;
mod persistence;
mod replication;
mod sentinel;
mod topology;
mod traffic;

use super::panels::Panel;

pub struct Row {
    pub title: &'static str,
    pub panels: &'static [Panel],
}

pub const ROWS: &[Row] = &[
    topology::ROW,
    replication::ROW,
    sentinel::ROW,
    memory::ROW,
    clients::ROW,
    traffic::ROW,
    persistence::ROW,
    exporter::ROW,
];

/// Texts of 0 and 1.
const NO_YES: &[(&str, &str)] = &[("no", "red"), ("yes", "green")];
