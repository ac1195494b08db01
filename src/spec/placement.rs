//! `spec.placement`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How nodes are spread over machines and zones, and where they may run.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Placement {
    /// No two data nodes of a master, and no two Sentinels, on one machine: `Required` (default), `Preferred` or `Disabled`.
    pub nodes: Option<Spread>,
    /// Spread over zones.
    pub zones: Zones,
    /// Labels of the machines that may be used.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that are tolerated, as in a pod.
    pub tolerations: Vec<Toleration>,
    /// PriorityClass of all pods.
    pub priority_class_name: Option<String>,
}

/// Spread over zones.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Zones {
    /// `Required`, `Preferred` (default) or `Disabled`. On hosts, which have their zones, `Required` makes it an error if the
    /// loss of one zone or host stops failovers.
    pub spread: Option<Spread>,
    /// Names of the zones. Without them the loss of a zone is not judged.
    pub names: Vec<String>,
}

impl Placement {
    /// The spread over machines, as written or `Required`.
    #[must_use]
    pub fn nodes(&self) -> Spread {
        self.nodes.unwrap_or(Spread::Required)
    }
}

impl Zones {
    /// The spread over zones, as written or `Preferred`.
    #[must_use]
    pub fn spread(&self) -> Spread {
        self.spread.unwrap_or(Spread::Preferred)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Spread {
    Required,
    Preferred,
    Disabled,
}

/// A taint that is tolerated.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Toleration {
    /// Key of the taint; without it every taint is tolerated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `Equal` or `Exists`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Value of the taint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// Seconds that a `NoExecute` taint is tolerated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toleration_seconds: Option<i64>,
}
