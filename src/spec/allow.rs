//! `spec.allow`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A finding that is accepted: the only way to lower one.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Allow {
    /// Id of the rule, as the finding shows it.
    pub rule: String,
    /// Why it is right here.
    pub reason: String,
}
