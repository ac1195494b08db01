//! `spec.masters`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::redis::Redis;

/// One master with its replicas. `redis` and `sentinel` are merged over `spec.redis` and `spec.sentinel`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Master {
    /// Name that Sentinel and its clients know the master by: letters, digits, `.`, `_` and `-`, unique in the cluster.
    pub name: String,
    /// Overrides of `spec.redis` for this master's nodes.
    #[serde(default)]
    pub redis: Redis,
    /// Overrides of `spec.sentinel` for this master.
    #[serde(default)]
    pub sentinel: MasterSentinel,
    /// Hosts that run a node of this master. Default: every host with role `Redis`.
    #[serde(default)]
    pub hosts: Option<Vec<String>>,
    /// Host that is master at the very first start; Sentinel owns the role afterwards. Default: the first.
    #[serde(default)]
    pub initial_master: Option<String>,
}

/// How Sentinel watches one master.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MasterSentinel {
    /// Milliseconds without a valid reply after which a Sentinel takes the master for down. Default: 10000.
    pub down_after_milliseconds: u32,
    /// Milliseconds that bound the steps of a failover; a failed one is tried again after twice this. Default: 60000.
    pub failover_timeout_milliseconds: u32,
    /// Replicas that are pointed at a new master at the same time. Default: 1.
    pub parallel_syncs: u32,
}

impl Default for MasterSentinel {
    fn default() -> Self {
        Self {
            down_after_milliseconds: 10_000,
            failover_timeout_milliseconds: 60_000,
            parallel_syncs: 1,
        }
    }
}

impl MasterSentinel {
    /// What a master may override of `spec.sentinel`.
    pub const FIELDS: [&str; 3] =
        ["downAfterMilliseconds", "failoverTimeoutMilliseconds", "parallelSyncs"];
}
