//! Label matchers that stand between the braces of an expression.

use tera::{Context, Value};

use crate::topology::{Master, Topology};

/// What each expression selects by; of one master if there is one.
pub struct Selectors {
    /// Data nodes.
    pub data: String,
    /// Sentinels.
    pub sentinel: String,
    /// What Sentinels say of a master.
    pub watched: String,
    /// Recorded series.
    pub recorded: String,
}

impl Selectors {
    #[must_use]
    pub fn new(topology: &Topology, master: Option<&Master>) -> Self {
        let name = &topology.name;
        let master =
            master.map(|master| format!(r#",master="{}""#, master.name)).unwrap_or_default();
        Self {
            data: format!(r#"topology="{name}",component="redis"{master}"#),
            sentinel: format!(r#"topology="{name}",component="sentinel""#),
            watched: format!(r#"topology="{name}",component="sentinel"{master}"#),
            recorded: format!(r#"topology="{name}"{master}"#),
        }
    }

    /// Puts them into a context. They hold names only, which a rule has checked.
    pub fn insert(&self, context: &mut Context) {
        for (key, matchers) in [
            ("data", &self.data),
            ("sentinel", &self.sentinel),
            ("watched", &self.watched),
            ("recorded", &self.recorded),
        ] {
            context.insert_value(key, Value::safe_string(matchers));
        }
    }
}
