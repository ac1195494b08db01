//! `redisforge explain`: a field, a rule or an impact.

use std::io::Write;

use anyhow::{Result, bail};

use clap::ValueEnum;

use super::{CLEAN, Streams, diff::word};
use crate::{
    diagnostic::Severity,
    findings::{KINDS, Kind},
    impact::Impact,
    load,
    rules::{RULES, Rule},
    schema::{self, Field, closest},
    source::Source,
    spec::{API_VERSION, KIND},
};

pub fn explain(what: &str, streams: &mut Streams) -> Result<u8> {
    if let Some(rule) = RULES.iter().find(|rule| rule.id == what) {
        explain_rule(rule, streams)?;
        return Ok(CLEAN);
    }
    if let Some(kind) = KINDS.iter().find(|kind| kind.id == what) {
        explain_kind(kind, streams)?;
        return Ok(CLEAN);
    }
    if let Ok(impact) = Impact::from_str(what, false) {
        explain_impact(impact, streams)?;
        return Ok(CLEAN);
    }
    let in_spec = format!("spec.{what}");
    if let Some(field) = schema::field(what).or_else(|| schema::field(&in_spec)) {
        explain_field(&field, streams)?;
        return Ok(CLEAN);
    }
    let ids = RULES.iter().map(|rule| rule.id).chain(KINDS.iter().map(|kind| kind.id));
    let words = Impact::value_variants().iter().map(|impact| word(*impact));
    let ids: Vec<String> = ids.chain(words).map(String::from).collect();
    let known = schema::siblings(what);
    let close = closest(what, &ids).or_else(|| {
        let (parent, last) = what.rsplit_once('.')?;
        closest(last, &known).map(|close| format!("{parent}.{close}"))
    });
    match close {
        Some(close) => bail!("no field, finding or impact is called {what}; did you mean {close}?"),
        None => {
            bail!("no field, finding or impact is called {what}; try `redisforge explain spec`")
        }
    }
}

/// One word, and where it stands among the others.
fn explain_impact(impact: Impact, streams: &mut Streams) -> Result<()> {
    let output = &mut streams.stdout;
    writeln!(output, "{}: an impact of `redisforge diff`\n\n{}.\n", word(impact), means(impact))?;
    writeln!(output, "For example: {}.", example(impact))?;
    if impact >= Impact::Recreate {
        writeln!(output, "`redisforge diff --runbook` prints the steps.")?;
    }
    writeln!(output, "\nFrom the worst:")?;
    for other in Impact::value_variants().iter().rev() {
        let mark = if *other == impact { ">" } else { " " };
        writeln!(output, "{mark} {:<9}  {}", word(*other), means(*other))?;
    }
    Ok(())
}

fn means(impact: Impact) -> String {
    let help = impact.to_possible_value().and_then(|value| value.get_help().cloned());
    help.unwrap_or_default().to_string()
}

fn example(impact: Impact) -> &'static str {
    match impact {
        Impact::None => "alerts, the dashboard, labels of objects",
        Impact::Live => "more replicas, a NetworkPolicy",
        Impact::Rolling => "sentinel.conf, the notification script",
        Impact::Failover => "an image, redis.conf, a sidecar, tolerations",
        Impact::Recreate => "a larger volume",
        Impact::Outage => "a port, the TLS mode, the source of a password, a Service that goes",
        Impact::DataLoss => {
            "another name or namespace, a smaller volume, another storage class, persistence off"
        }
    }
}

fn explain_rule(rule: &Rule, streams: &mut Streams) -> Result<()> {
    let output = &mut streams.stdout;
    let allow = match (rule.severity, rule.allowable) {
        (Severity::Error, true) | (Severity::Warning, _) => {
            "; `spec.allow` lowers it to a note, with a reason"
        }
        (Severity::Error, false) => "; it cannot be allowed",
        (Severity::Note, _) => "",
    };
    writeln!(output, "{}: {}{allow}\n\n{}\n", rule.id, rule.severity.name(), rule.why)?;
    writeln!(output, "Wrong:\n{}\nRight:\n{}", indented(rule.bad), indented(rule.good))?;
    Ok(())
}

fn explain_kind(kind: &Kind, streams: &mut Streams) -> Result<()> {
    let output = &mut streams.stdout;
    let (wrong, right) = (String::from_utf8_lossy(kind.wrong), String::from_utf8_lossy(kind.right));
    writeln!(output, "{}: {}\n\n{}\n", kind.id, kind.severity.name(), kind.why)?;
    writeln!(output, "Wrong:\n{}\nRight:\n{}", indented(&wrong), indented(&right))?;
    Ok(())
}

fn explain_field(field: &Field, streams: &mut Streams) -> Result<()> {
    let output = &mut streams.stdout;
    writeln!(output, "{} <{}>\n\n{}", field.path, field.kind, field.description)?;
    if !field.values.is_empty() {
        writeln!(output, "\nValues: {}", field.values.join(", "))?;
    }
    if !field.fields.is_empty() {
        writeln!(output, "\nFields:")?;
        for (name, about) in &field.fields {
            writeln!(output, "  {name:<28} {about}")?;
        }
    }
    let rules: Vec<&str> =
        RULES.iter().filter(|rule| mentions(rule, &field.path)).map(|rule| rule.id).collect();
    if !rules.is_empty() {
        writeln!(output, "\nRules: {}", rules.join(", "))?;
    }
    Ok(())
}

/// A rule is about a field if its finding in its bad example stands there.
fn mentions(rule: &Rule, path: &str) -> bool {
    let field = plain(path);
    let sources = rule.bad.split("\n---\n").map(|text| {
        let text = text.trim_matches('\n');
        Source::read(rule.id, format!("apiVersion: {API_VERSION}\nkind: {KIND}\n{text}\n"))
    });
    load::load(sources.collect())
        .iter()
        .flat_map(|loaded| &loaded.diagnostics)
        .any(|found| found.id == rule.id && nearest_field(plain(&found.path)) == field)
}

/// The field that a path is in: the keys of a map such as `config` are no fields.
fn nearest_field(mut path: String) -> String {
    while schema::field(&path).is_none() {
        let Some(end) = path.rfind('.') else { break };
        path.truncate(end);
    }
    path
}

/// A path without indices; what a master inherits by the name that it is inherited from.
fn plain(path: &str) -> String {
    let mut parts = path.split('[');
    let first = parts.next().unwrap_or_default().to_string();
    let plain = parts
        .fold(first, |plain, part| plain + part.split_once(']').map_or(part, |(_, rest)| rest));
    ["redis", "sentinel"].iter().fold(plain, |plain, part| {
        let own = format!("spec.masters.{part}");
        match plain.strip_prefix(&own) {
            Some(rest) if rest.is_empty() || rest.starts_with('.') => format!("spec.{part}{rest}"),
            _ => plain,
        }
    })
}

fn indented(example: &str) -> String {
    example.trim_matches('\n').lines().map(|line| format!("  {line}\n")).collect()
}
