//! Where a secret is kept. No field of a spec can hold one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a secret is kept: exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct SecretSource {
    /// A key of a Kubernetes Secret in the same namespace.
    #[serde(default)]
    pub secret_ref: Option<SecretKey>,
    /// A file on the host, readable by the user that runs Redis.
    #[serde(default)]
    pub file: Option<String>,
}

/// A key of a Kubernetes Secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretKey {
    /// Name of the Secret.
    pub name: String,
    /// Key in the Secret.
    pub key: String,
}
