//! `spec.monitoring.alerts.thresholds`: one field for every number of the alerts that is a matter of taste.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The numbers in the alerts that are a matter of taste.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Thresholds {
    /// Part of `maxmemory` in use above which `RedisMemoryHigh` fires, in percent. Default: 80.
    pub memory_used_percent: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { memory_used_percent: 80 }
    }
}
