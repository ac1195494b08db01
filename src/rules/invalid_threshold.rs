use serde_json::Value;

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "invalid-threshold",
    severity: Severity::Error,
    allowable: false,
    why: "An alert with a limit that is never reached, or always exceeded, says nothing.",
    bad: "
metadata: { name: cache }
spec:
  monitoring: { alerts: { thresholds: { memoryUsedPercent: 150 } } }
",
    good: "
metadata: { name: cache }
spec:
  monitoring: { alerts: { thresholds: { memoryUsedPercent: 85 } } }
",
    check: Check::Spec(check),
};

/// Other limits within which an alert can fire, and does not always; where one is usual.
const RANGES: &[(&str, u32, u32, u32)] = &[
    ("backlogSeconds", 1, 86_400, 60),
    ("fullSyncMinutes", 0, WEEK, 15),
    ("loadingMinutes", 0, WEEK, 10),
    ("versionSkewMinutes", 0, WEEK, 60),
    // More does not fit into half an hour of scrapes.
    ("restartsPerHalfHour", 0, 100, 2),
    ("failoversPerHour", 1, 100, 3),
    // Sentinel drops what waits behind 256 others.
    ("queuedScripts", 0, 255, 10),
];
const WEEK: u32 = 7 * 24 * 60;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let Ok(Value::Object(thresholds)) =
        serde_json::to_value(&spec.spec.monitoring.alerts.thresholds)
    else {
        return;
    };
    let mut refuse = |field: &str, message: String, usual: u32| {
        let path = format!("spec.monitoring.alerts.thresholds.{field}");
        let help = format!("remove it to use the default, or write one such as `{field}: {usual}`");
        findings.push(Finding::at(path, message).help(help));
    };
    for (field, value) in thresholds {
        let is_share = value.as_f64().is_none_or(|percent| percent > 0.0 && percent < 100.0);
        if field.ends_with("Percent") && !is_share {
            refuse(&field, format!("{value} is not a percentage from 1 to 99"), 80);
        }
        let range = RANGES.iter().find(|(name, ..)| *name == field);
        if let Some((_, least, most, usual)) = range {
            let number = value.as_u64().unwrap_or(0);
            if !(u64::from(*least)..=u64::from(*most)).contains(&number) {
                refuse(&field, format!("{value} is not from {least} to {most}"), *usual);
            }
        }
    }
}
