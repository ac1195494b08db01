//! Directives of redis.conf and sentinel.conf: which ones only restart something, and which ones lock out, or lose, something.

use serde_json::Value;

use super::{Impact, Scope, documents::Difference, owner::Owner, texts, verdict::Verdict};
use crate::{
    directives::{Directive, Engine, Table, Version},
    topology::Topology,
};

/// What a changed directive does; `after` is the whole new file.
pub(super) fn directive(owner: &Owner<'_>, difference: &Difference, after: &str) -> Verdict {
    let name = difference.place.as_str();
    match name {
        "port" | "tls-port" => owner.outage(
            Scope::Clients,
            "Clients and nodes know the old port, or talk to it with TLS or without.",
        ),
        "tls-replication" => owner.outage(
            owner.scope(),
            "A node that replicates with TLS and one without cannot talk to each other.",
        ),
        "tls-auth-clients" if refused(difference, after).is_some() => owner
            .outage(Scope::Clients, refused(difference, after).unwrap_or_default())
            .runbook(owner.runbook.clients_first()),
        "databases" if is_less(difference) => owner.outage(
            Scope::Data,
            "A node with keys in a database that is gone does not start any more.",
        ),
        "appendonly" | "save" if owner.is_data && keeps_nothing(after) => Verdict::new(
            Impact::DataLoss,
            Scope::Storage,
            "Nothing is kept on disk any more: after a stop of all nodes every key is gone.",
        )
        .runbook(owner.runbook.keep_the_data()),
        _ => {
            let verdict = owner.restart(&format!("`{name}` is read at the start"));
            match note(owner, difference) {
                Some(note) => verdict.note(note),
                None => verdict,
            }
        }
    }
}

/// What else helps to decide about a directive that restarts its processes.
fn note(owner: &Owner<'_>, difference: &Difference) -> Option<String> {
    if owner.is_data
        && let Some(default) = default(owner.topology?, difference)
    {
        return Some(format!("its value stays {default}, which is the default"));
    }
    let live = if owner.is_data {
        config_set(owner.topology?, difference)
            .map(|command| format!("could also be set live, on every data node: {command}"))
    } else {
        sentinel_set(difference)
            .map(|command| format!("could also be set live, on every Sentinel: {command}"))
    };
    let caution = match difference.place.as_str() {
        "maxmemory" if is_less(difference) => {
            Some("what does not fit any more is evicted, or writes are refused")
        }
        "maxmemory" => Some("only where that much memory is there already"),
        "appendonly" if difference.after_text() == "yes" => Some(
            "set it live before, so that each node has a complete append-only file when it restarts",
        ),
        "tls-protocols" | "tls-ciphers" | "tls-ciphersuites" => {
            Some("clients that know only what is left out are refused")
        }
        _ => None,
    };
    match (live, caution) {
        (Some(live), Some(caution)) => Some(format!("{live}; {caution}")),
        (live, caution) => live.or(caution.map(Into::into)),
    }
}

/// The default of a directive that was not written and now has it, or the other way round.
fn default(topology: &Topology, difference: &Difference) -> Option<&'static str> {
    let default = find(topology, &difference.place)?.default();
    let is_default = |side: &Option<Value>| {
        side.as_ref().is_none_or(|value| value.as_str().is_some_and(|text| text == default))
    };
    (is_default(&difference.before) && is_default(&difference.after)).then_some(default)
}

/// The command that sets a directive of redis.conf while the server runs, where there is one.
#[must_use]
pub fn config_set(topology: &Topology, difference: &Difference) -> Option<String> {
    let directive = find(topology, &difference.place)?;
    if directive.is_immutable() {
        return None;
    }
    let value = match &difference.after {
        Some(_) => difference.after_text(),
        None => directive.default().into(),
    };
    let needs_quotes = value.is_empty() || value.contains(char::is_whitespace);
    let value = match value.as_str() {
        "\"\"" => value,
        _ if needs_quotes => format!("\"{value}\""),
        _ => value,
    };
    Some(format!("CONFIG SET {} {value}", directive.name()))
}

fn find(topology: &Topology, name: &str) -> Option<Directive> {
    let engine = if topology.engine.name == "Valkey" { Engine::Valkey } else { Engine::Redis };
    let version = topology.engine.version.parse().unwrap_or(Version::new(u16::MAX, 0));
    let table = Table::server(engine, version);
    // Modules and renamed commands have no value of their own to set; the server protects where it writes, and reads some old names only to ignore them.
    table.find(name).filter(|found| {
        !matches!(
            found.name(),
            "loadmodule"
                | "include"
                | "rename-command"
                | "user"
                | "dir"
                | "dbfilename"
                | "lua-replicate-commands"
                | "list-max-ziplist-entries"
                | "list-max-ziplist-value"
        )
    })
}

/// What `SENTINEL SET` knows.
const SETTABLE: &[&str] = &["down-after-milliseconds", "failover-timeout", "parallel-syncs"];

fn sentinel_set(difference: &Difference) -> Option<String> {
    let mut words = difference.place.split(' ').skip(1);
    let (name, master) = (words.next()?, words.next()?);
    let after = difference.after.as_ref().map(|_| difference.after_text())?;
    if name == "monitor" {
        let before = difference.before.as_ref().map(|_| difference.before_text())?;
        let (address, quorum) = after.rsplit_once(' ')?;
        let is_quorum = before.rsplit_once(' ').is_some_and(|(old, _)| old == address);
        return is_quorum.then(|| format!("SENTINEL SET {master} quorum {quorum}"));
    }
    SETTABLE.contains(&name).then(|| format!("SENTINEL SET {master} {name} {after}"))
}

/// Whom a server with TLS refuses from now on. Without TLS, which is told by itself, nobody shows a certificate.
fn refused(difference: &Difference, after: &str) -> Option<&'static str> {
    let set = texts::conf("", after);
    let port = set.iter().find(|found| found.place == "tls-port")?;
    if port.after_text() == "0" {
        return None;
    }
    match (difference.before_text().as_str(), difference.after_text().as_str()) {
        (_, "yes" | "") => Some("Clients without a certificate are refused."),
        ("no", "optional") => {
            Some("Clients that show a certificate of another authority are refused.")
        }
        _ => None,
    }
}

fn is_less(difference: &Difference) -> bool {
    let number = |text: String| crate::directives::bytes(&text).unwrap_or(0);
    let (before, after) = (number(difference.before_text()), number(difference.after_text()));
    difference.before.is_some() && after != 0 && after < before
}

/// Whether a redis.conf keeps neither an append-only file nor snapshots.
fn keeps_nothing(after: &str) -> bool {
    let set = texts::conf("", after);
    let value = |name: &str| set.iter().find(|found| found.place == name);
    let appends = value("appendonly").is_some_and(|found| found.after_text() == "yes");
    let saves = value("save").is_none_or(|found| !found.after_text().ends_with("\"\""));
    !appends && !saves
}
