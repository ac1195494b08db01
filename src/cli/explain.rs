//! `redisforge explain`: a field or a rule.

use std::io::Write;

use anyhow::{Result, bail};

use super::{CLEAN, Streams};
use crate::{
    diagnostic::Severity,
    rules::{RULES, Rule},
    schema::{self, Field, closest},
};

pub fn explain(what: &str, streams: &mut Streams) -> Result<u8> {
    if let Some(rule) = RULES.iter().find(|rule| rule.id == what) {
        explain_rule(rule, streams)?;
        return Ok(CLEAN);
    }
    let in_spec = format!("spec.{what}");
    if let Some(field) = schema::field(what).or_else(|| schema::field(&in_spec)) {
        explain_field(&field, streams)?;
        return Ok(CLEAN);
    }
    let ids: Vec<String> = RULES.iter().map(|rule| rule.id.into()).collect();
    let known = schema::siblings(what);
    let close = closest(what, &ids).or_else(|| {
        let (parent, last) = what.rsplit_once('.')?;
        closest(last, &known).map(|close| format!("{parent}.{close}"))
    });
    match close {
        Some(close) => bail!("no field and no rule is called {what}; did you mean {close}?"),
        None => bail!("no field and no rule is called {what}; try `redisforge explain spec`"),
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

/// A rule is about a field if its bad example writes it.
fn mentions(rule: &Rule, path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or(path);
    path.matches('.').count() > 1 && rule.bad.contains(&format!("{name}:"))
}

fn indented(example: &str) -> String {
    example.trim_matches('\n').lines().map(|line| format!("  {line}\n")).collect()
}
