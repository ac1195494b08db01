//! `spec.logging`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where Redis and Sentinel write their log.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Logging {
    /// `Stdout` (default; the journal on hosts), `File` (below `/var/log/redis`, with logrotate) or `Syslog`. The last two on hosts only.
    pub r#type: LoggingType,
    /// Syslog facility, with `Syslog`. Default: `local0`.
    pub facility: Facility,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum LoggingType {
    #[default]
    Stdout,
    File,
    Syslog,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Facility {
    User,
    #[default]
    Local0,
    Local1,
    Local2,
    Local3,
    Local4,
    Local5,
    Local6,
    Local7,
}

impl Facility {
    /// As Redis spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Local0 => "local0",
            Self::Local1 => "local1",
            Self::Local2 => "local2",
            Self::Local3 => "local3",
            Self::Local4 => "local4",
            Self::Local5 => "local5",
            Self::Local6 => "local6",
            Self::Local7 => "local7",
        }
    }
}
