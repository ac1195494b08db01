//! `spec.notifications`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::SecretSource;

/// Who is told about Sentinel events.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Notifications {
    /// Base URLs of every Alertmanager of the cluster, not of a load balancer before them.
    pub alertmanagers: Vec<String>,
    /// Where each switch of a master is posted as JSON, once, by the Sentinel that led the failover.
    #[schemars(extend("x-key" = "name"))]
    pub webhooks: Vec<Webhook>,
    /// Sentinel events that go to the Alertmanagers. Default: `+switch-master`, `+odown`, `-odown`, `-failover-abort-no-good-slave`.
    pub events: Option<Vec<String>>,
}

impl Notifications {
    /// The events as written, else the default.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        self.events.clone().unwrap_or_else(|| {
            ["+switch-master", "+odown", "-odown", "-failover-abort-no-good-slave"]
                .map(String::from)
                .to_vec()
        })
    }
}

/// Where each switch of a master is posted.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Webhook {
    /// Name for the log.
    pub name: String,
    /// Where the URL is kept.
    pub url: SecretSource,
}
