//! One JSON document, described by `schemas/redisforge.dev_diff_1.0.json`. Fields are added, never changed; a reader ignores what it does not know.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::report::{Compared, Report, Status};

pub fn write(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    let topologies: Vec<Value> = report.topologies.iter().map(topology).collect();
    let document = json!({
        "format": "redisforge/diff",
        "formatVersion": "1.0",
        "highestImpact": report.highest_impact(),
        "against": report.against,
        "topologies": topologies,
    });
    writeln!(output, "{document:#}")
}

fn topology(compared: &Compared) -> Value {
    let count = |is: fn(bool, bool) -> bool| {
        let sides =
            compared.changes.iter().map(|file| (file.before.is_some(), file.after.is_some()));
        sides.filter(|(before, after)| is(*before, *after)).count()
    };
    json!({
        "name": compared.name,
        "namespace": compared.namespace,
        "status": match compared.status {
            Status::Unchanged => "unchanged",
            Status::Changed => "changed",
            Status::New => "new",
            Status::Gone => "gone",
        },
        "highestImpact": compared.highest_impact(),
        "files": {
            "added": count(|before, after| !before && after),
            "changed": count(|before, after| before && after),
            "removed": count(|before, after| before && !after),
            "unchanged": compared.unchanged_files,
        },
        "effects": compared.effects,
    })
}
