//! The views: what each template shows, one module for each family of files.

pub mod config;
pub mod hosts;
pub mod kubernetes;
pub mod monitoring;
pub mod operations;

use std::{collections::BTreeMap, sync::OnceLock};

use tera::{Context, Value};

use crate::{
    templates::Templates,
    topology::{Master, Topology},
};

/// What every view is made from.
pub struct Plan<'a> {
    pub topology: &'a Topology,
    pub templates: &'a Templates,
    /// Paths of all files of this topology, in the order of the catalog.
    pub paths: Vec<String>,
    pub scripts: Scripts,
    shared: Value,
    masters: BTreeMap<&'a str, Value>,
    /// The groups of rules, and their text, which the rule file and the PrometheusRule both hold.
    rules: OnceLock<Vec<monitoring::Group>>,
    groups: OnceLock<String>,
    /// What the objects of each `StatefulSet` share.
    workloads: OnceLock<BTreeMap<String, Context>>,
    /// The files of a process's directory, which a ConfigMap and a checksum are made of.
    data_files: OnceLock<BTreeMap<String, Vec<config::File>>>,
    sentinel_files: OnceLock<Vec<config::File>>,
}

/// Templates of the scripts that lie beside a process's configuration.
#[derive(Clone, Copy)]
pub struct Scripts {
    pub data: &'static [&'static str],
    pub sentinel: &'static [&'static str],
}

impl<'a> Plan<'a> {
    #[must_use]
    pub fn new(
        topology: &'a Topology,
        templates: &'a Templates,
        paths: Vec<String>,
        scripts: Scripts,
    ) -> Self {
        let shared = Value::from_serializable(topology);
        let master = |master: &'a Master| (master.name.as_str(), Value::from_serializable(master));
        Self {
            topology,
            templates,
            paths,
            scripts,
            shared,
            masters: topology.masters.iter().map(master).collect(),
            rules: OnceLock::new(),
            groups: OnceLock::new(),
            workloads: OnceLock::new(),
            data_files: OnceLock::new(),
            sentinel_files: OnceLock::new(),
        }
    }

    /// A context that holds the topology.
    #[must_use]
    pub fn context(&self) -> Context {
        let mut context = Context::new();
        context.insert_value("topology", self.shared.clone());
        context
    }

    /// A master as templates see it.
    #[must_use]
    pub fn master(&self, master: &Master) -> Value {
        self.masters[master.name.as_str()].clone()
    }

    /// Text of a partial template.
    #[must_use]
    pub fn partial(&self, name: &str, context: &Context) -> String {
        self.templates.render(&format!("_partials/{name}"), context)
    }
}
