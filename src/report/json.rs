//! One JSON document. Fields are added, never changed; a reader ignores what it does not know.

use std::io::{self, Write};

use serde_json::json;

use super::Located;

pub fn write(findings: &[Located<'_>], output: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            let ((line, column), (end_line, end_column)) = finding.region();
            let diagnostic = finding.diagnostic;
            json!({
                "id": diagnostic.id,
                "severity": diagnostic.severity,
                "file": finding.file(),
                "line": line,
                "column": column,
                "endLine": end_line,
                "endColumn": end_column,
                "path": diagnostic.path,
                "message": diagnostic.message,
                "why": diagnostic.why,
                "help": diagnostic.help,
                "related": finding.related().map(|(file, (line, column), message)| {
                    json!({ "file": file, "line": line, "column": column, "message": message })
                }),
            })
        })
        .collect();
    let document =
        json!({ "format": "redisforge/findings", "formatVersion": "1.0", "findings": findings });
    writeln!(output, "{document:#}")
}
