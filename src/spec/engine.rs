//! `spec.engine`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::directives;

/// The server program.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Engine {
    /// `Redis` (default) or `Valkey`: decides which directives exist and what the programs are called.
    pub r#type: EngineType,
    /// Version, as `major.minor`: decides which directives and ACL commands exist. Default: `"7.4"` for Redis, `"8.1"` for Valkey.
    pub version: Option<String>,
    /// Container image, `name:tag` or `name:tag@digest`. Default: the official Alpine image of type and version.
    pub image: Option<String>,
    /// Secrets that hold the registry's credentials.
    pub image_pull_secrets: Vec<LocalObject>,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            r#type: EngineType::Redis,
            version: None,
            image: None,
            image_pull_secrets: Vec::new(),
        }
    }
}

impl Engine {
    /// The version as written, else the default of the type.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or(match self.r#type {
            EngineType::Redis => "7.4",
            EngineType::Valkey => "8.1",
        })
    }

    /// The official Alpine image of type and version.
    #[must_use]
    pub fn default_image(&self) -> String {
        let name = match self.r#type {
            EngineType::Redis => "redis",
            EngineType::Valkey => "valkey/valkey",
        };
        format!("{name}:{}-alpine", self.version())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum EngineType {
    #[default]
    Redis,
    Valkey,
}

impl From<EngineType> for directives::Engine {
    fn from(engine: EngineType) -> Self {
        match engine {
            EngineType::Redis => Self::Redis,
            EngineType::Valkey => Self::Valkey,
        }
    }
}

/// A Kubernetes object of the same namespace.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LocalObject {
    /// Name of the object.
    pub name: String,
}
