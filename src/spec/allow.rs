//! `spec.allow`.

use schemars::JsonSchema;
use serde::Deserialize;

/// A finding that is accepted: the only way to lower one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Allow {
    /// Id of the rule, as the finding shows it.
    pub rule: String,
    /// Why it is right here.
    pub reason: String,
}
