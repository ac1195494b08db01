//! Every directive that a spec writes under `config`, with the table that judges it.

use crate::{
    directives::{self, Directive, Engine, Table, Version},
    spec::{Config, Spec, Value},
};

/// A directive under `redis.config` of a master, or under `sentinel.config`.
pub struct Written<'a> {
    /// Path of the `config` that it stands in.
    pub section: String,
    pub path: String,
    pub name: &'a str,
    pub value: &'a Value,
    pub table: Table,
    engine: Engine,
    release: Version,
    /// Whether the persistence of the master saves snapshots; nothing for Sentinel.
    saves: Option<bool>,
}

impl Written<'_> {
    /// What the table knows of it.
    #[must_use]
    pub fn directive(&self) -> Option<Directive> {
        self.table.find(self.name)
    }

    /// The field that writes it, or why nothing may.
    #[must_use]
    pub fn owner(&self) -> Option<&'static str> {
        match self.saves {
            Some(false) if self.name.eq_ignore_ascii_case("save") => {
                Some("spec.redis.persistence.type")
            }
            Some(_) => directives::owner(self.name),
            None => directives::sentinel_owner(self.name),
        }
    }

    /// Engine and version as a message names them.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{} {}", self.engine, self.release)
    }
}

/// All of them; none for a version that is not one.
#[must_use]
pub fn written(spec: &Spec) -> Vec<Written<'_>> {
    let engine = Engine::from(spec.spec.engine.r#type);
    let Ok(release) = spec.spec.engine.version().parse::<Version>() else {
        return Vec::new();
    };
    let server = Table::server(engine, release);
    let mut sections: Vec<(String, &Config, Table, Option<bool>)> = Vec::new();
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let saves = master.redis.persistence.r#type.has_rdb();
        sections.push((
            format!("spec.masters[{index}].redis.config"),
            &master.redis.config,
            server,
            Some(saves),
        ));
    }
    let sentinel = &spec.spec.sentinel.config;
    sections.push((
        "spec.sentinel.config".into(),
        sentinel,
        Table::sentinel(engine, release),
        None,
    ));
    let mut all = Vec::new();
    for (section, config, table, saves) in sections {
        all.extend(config.iter().map(|(name, value)| Written {
            path: format!("{section}.{name}"),
            section: section.clone(),
            name,
            value,
            table,
            engine,
            release,
            saves,
        }));
    }
    all
}
