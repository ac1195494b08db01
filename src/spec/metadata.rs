//! `metadata`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name, namespace, labels and annotations of the deployment.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Name of the deployment: of its directory, its objects and, unless `masters` says otherwise, of its one master.
    #[schemars(length(max = 255))]
    pub name: String,
    /// Kubernetes namespace. Without it the deployer chooses, and announced names work inside that namespace only.
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub namespace: Option<String>,
    /// Labels for every Kubernetes object; they never reach selectors, pod templates or volume claims.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations for every Kubernetes object; they never reach pod templates.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}
