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
    why: "An alert with a share that is never reached, or always exceeded, says nothing.",
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

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let Ok(Value::Object(thresholds)) =
        serde_json::to_value(&spec.spec.monitoring.alerts.thresholds)
    else {
        return;
    };
    for (field, value) in thresholds {
        let is_share = value.as_f64().is_none_or(|percent| percent > 0.0 && percent < 100.0);
        if field.ends_with("Percent") && !is_share {
            findings.push(
                Finding::at(
                    format!("spec.monitoring.alerts.thresholds.{field}"),
                    format!("{value} is not a percentage from 1 to 99"),
                )
                .help(format!("remove it to use the default, or write one such as `{field}: 80`")),
            );
        }
    }
}
