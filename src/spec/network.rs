//! `spec.network`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Announced names, NetworkPolicies and Services.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Network {
    /// How nodes are known to each other and to clients: `Hostname` (default on Kubernetes) or `Address` (default on hosts).
    pub announce: Option<Announce>,
    /// NetworkPolicies of data nodes and Sentinels.
    pub policy: Policy,
    /// A Service over all ready nodes of a master, for reads that may be stale. Default: true.
    pub read_service: bool,
}

impl Default for Network {
    fn default() -> Self {
        Self { announce: None, policy: Policy::default(), read_service: true }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Announce {
    Hostname,
    Address,
}

/// Who may connect. Peers, DNS, notification targets and scrapers of the metrics port are always allowed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// Whether NetworkPolicies are rendered. Default: true.
    pub enabled: bool,
    /// Clients, as NetworkPolicy peers. Default: the pods of the same namespace.
    pub allow_from: Vec<Peer>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { enabled: true, allow_from: Vec::new() }
    }
}

/// A NetworkPolicy peer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub struct Peer {
    /// Namespaces; alone it means all their pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
    /// Pods; alone it means those of the same namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_selector: Option<LabelSelector>,
    /// Addresses; not together with a selector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_block: Option<IpBlock>,
}

/// A Kubernetes label selector.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelSelector {
    /// Labels that must have these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Further conditions, all of which must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Expression>,
}

/// A condition of a label selector.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expression {
    /// Label.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: String,
    /// Values, for `In` and `NotIn`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// A range of addresses.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IpBlock {
    /// The range, such as `10.0.0.0/8`.
    pub cidr: String,
    /// Ranges inside it that do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}
