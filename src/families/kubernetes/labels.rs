//! Labels of objects and pods, and the selectors that find them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::topology::Topology;

/// Labels that select: those that stay the same as long as the pods live.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// Everything of a topology.
    pub fn of(topology: &Topology) -> Self {
        let labels =
            [("app.kubernetes.io/name", "redis"), ("app.kubernetes.io/instance", &topology.name)];
        Self(labels.map(|(key, value)| (key.into(), value.into())).into())
    }

    pub fn component(self, component: &str) -> Self {
        self.with("app.kubernetes.io/component", component)
    }

    pub fn master(self, master: &str) -> Self {
        self.with("redisforge.dev/master", master)
    }

    /// Labels of an object: the user's and these.
    pub fn on_object(&self, topology: &Topology) -> Self {
        self.over(&topology.labels)
    }

    /// Labels of a pod: the user's for pods and these.
    pub fn on_pod(&self, labels: &BTreeMap<String, String>) -> Self {
        self.over(labels)
    }

    fn over(&self, below: &BTreeMap<String, String>) -> Self {
        let mut labels = below.clone();
        labels.extend(self.0.clone());
        Self(labels).with("app.kubernetes.io/managed-by", "redisforge")
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.0.insert(key.into(), value.into());
        self
    }
}
