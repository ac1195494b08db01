//! SARIF 2.1.0, as code scanning services read it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::Located;
use crate::diagnostic::Severity;

pub fn write(findings: &[Located<'_>], output: &mut dyn Write) -> io::Result<()> {
    let mut rules = BTreeMap::new();
    for finding in findings {
        rules.entry(finding.diagnostic.id).or_insert_with(|| rule(finding));
    }
    let results: Vec<Value> = findings.iter().map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "redisforge",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    writeln!(output, "{document:#}")
}

fn rule(finding: &Located<'_>) -> Value {
    let diagnostic = finding.diagnostic;
    let text = diagnostic.why.as_ref().unwrap_or(&diagnostic.message);
    json!({ "id": diagnostic.id, "shortDescription": { "text": diagnostic.id.replace('-', " ") }, "help": { "text": text } })
}

fn result(finding: &Located<'_>) -> Value {
    let ((line, column), (end_line, end_column)) = finding.region();
    let diagnostic = finding.diagnostic;
    let text = match &diagnostic.help {
        Some(help) => format!("{}; {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let related = finding.related().into_iter().map(|(file, (line, column), message)| {
        json!({
            "physicalLocation": {
                "artifactLocation": { "uri": uri(file) },
                "region": { "startLine": line, "startColumn": column },
            },
            "message": { "text": message },
        })
    });
    let mut result = json!({
        "ruleId": diagnostic.id,
        "level": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(finding.file()) },
            "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
        }}],
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    result
}

/// A path as a relative reference: what a URI cannot hold is written as `%HH`.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.trim_start_matches("./")
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
