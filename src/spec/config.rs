//! Free directives: `redis.config` and `sentinel.config`.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Directives by name.
pub type Config = BTreeMap<String, Value>;

/// Value of a directive: text, a number, a boolean (`true` is written as `yes`), or a list for a directive given several times.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Value {
    Boolean(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Value>),
}

impl Value {
    /// The text of each time that the directive is given.
    #[must_use]
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Boolean(true) => vec!["yes".into()],
            Self::Boolean(false) => vec!["no".into()],
            Self::Number(number) => vec![number.to_string().into()],
            Self::Text(text) => vec![text.into()],
            Self::List(values) => values.iter().flat_map(Value::texts).collect(),
        }
    }
}

impl JsonSchema for Value {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Text, a number, a boolean (`true` is written as `yes`), or a list for a directive given several times.",
            "type": ["string", "number", "boolean", "array"],
            "items": { "type": ["string", "number", "boolean"] },
        })
    }
}
