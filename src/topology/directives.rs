//! Free directives as lines of a .conf file: what follows from other fields, overlaid by what the user wrote.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    directives::{self, Engine, Scope, Table, Version},
    quantity,
    spec::{self, Config, Spec},
};

/// The replication backlog counts inside maxmemory: a sixteenth of it, between these.
const BACKLOG_BYTES: std::ops::RangeInclusive<u64> = 1 << 20..=64 << 20;
const MEGABYTE: u64 = 1 << 20;

/// One line of a .conf file.
#[derive(Clone, Debug, Serialize)]
pub struct Directive {
    /// First word: the name, or `sentinel`.
    pub name: String,
    /// The other words, not quoted yet: the value, after `sentinel` the name and the master before it.
    pub words: Vec<String>,
}

type Texts = BTreeMap<String, Vec<String>>;

/// Free directives of a master's redis.conf, sorted by name.
pub(super) fn server(spec: &Spec, master: &spec::Master) -> Vec<Directive> {
    let redis = &master.redis;
    let maxmemory = written_size(&redis.config, "maxmemory").unwrap_or_else(|| {
        let memory = quantity::bytes(&redis.memory).unwrap_or(0);
        u64::try_from(u128::from(memory) * u128::from(redis.maxmemory_percent) / 100).unwrap_or(0)
    });
    let backlog = (maxmemory / 16).clamp(*BACKLOG_BYTES.start(), *BACKLOG_BYTES.end());
    let mut texts: Texts = BTreeMap::from([
        ("maxmemory".into(), vec![megabytes(maxmemory)]),
        ("maxmemory-policy".into(), vec!["noeviction".into()]),
        ("repl-backlog-size".into(), vec![megabytes(backlog)]),
    ]);
    if redis.persistence.r#type.has_aof() {
        texts.insert("appendfsync".into(), vec!["everysec".into()]);
    }
    if redis.persistence.r#type.has_rdb() {
        texts.insert("save".into(), ["3600 1", "300 100", "60 10000"].map(String::from).to_vec());
    }
    overlay(&mut texts, &redis.config);
    let table = Table::server(engine(spec), version(spec));
    lines(table, &texts, &[])
}

/// Free directives of sentinel.conf, sorted by name; one that belongs to a master stands there for each.
pub(super) fn sentinel(spec: &Spec) -> Vec<Directive> {
    let mut texts = Texts::new();
    overlay(&mut texts, &spec.spec.sentinel.config);
    let masters: Vec<&str> = spec.spec.masters.iter().map(|master| master.name.as_str()).collect();
    let table = Table::sentinel(engine(spec), version(spec));
    lines(table, &texts, &masters)
}

/// Bytes that the directive of this name says, if it is among these.
pub(super) fn size(directives: &[Directive], name: &str) -> Option<u64> {
    directives
        .iter()
        .find(|directive| directive.name == name)?
        .words
        .first()
        .and_then(|text| directives::bytes(text))
}

/// Text of the directive of this name; empty if it is not among these.
pub(super) fn text(directives: &[Directive], name: &str) -> String {
    directives
        .iter()
        .find(|directive| directive.name == name)
        .map(|found| found.words.join(" "))
        .unwrap_or_default()
}

fn overlay(texts: &mut Texts, config: &Config) {
    for (name, value) in config {
        texts
            .insert(name.to_ascii_lowercase(), value.texts().into_iter().map(Into::into).collect());
    }
}

fn lines(table: Table, texts: &Texts, masters: &[&str]) -> Vec<Directive> {
    let mut lines = Vec::new();
    for (name, values) in texts {
        let known = table.find(name);
        let scope = known.map_or(Scope::Server, |directive| directive.scope());
        let owners = if scope == Scope::Master { masters } else { &[""] };
        for (owner, value) in
            owners.iter().flat_map(|owner| values.iter().map(move |value| (owner, value)))
        {
            let before = scope.before_value(name, owner);
            let mut words = before.split(' ');
            let name = words.next().unwrap_or_default().into();
            let value = known.map_or_else(
                || value.split_ascii_whitespace().collect(),
                |directive| directive.words(value),
            );
            lines.push(Directive { name, words: words.chain(value).map(String::from).collect() });
        }
    }
    lines
}

fn written_size(config: &Config, name: &str) -> Option<u64> {
    let (_, value) = config.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    directives::bytes(value.texts().last()?)
}

fn megabytes(bytes: u64) -> String {
    format!("{}mb", bytes / MEGABYTE)
}

fn engine(spec: &Spec) -> Engine {
    spec.spec.engine.r#type.into()
}

fn version(spec: &Spec) -> Version {
    spec.spec.engine.version().parse().unwrap_or(Version::new(u16::MAX, 0))
}
