use crate::{
    alerts,
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    schema::closest,
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "unknown-alert",
    severity: Severity::Error,
    allowable: false,
    why: "It switches nothing off, and whoever reads it believes it does.",
    bad: "
metadata: { name: cache }
spec:
  monitoring: { alerts: { disable: [RedisConectionChurn] } }
",
    good: "
metadata: { name: cache }
spec:
  monitoring: { alerts: { disable: [RedisConnectionChurn] } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let known: Vec<String> = alerts::names().map(String::from).collect();
    for (index, alert) in spec.spec.monitoring.alerts.disable.iter().enumerate() {
        if known.contains(alert) {
            continue;
        }
        let help = match closest(alert, &known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "take the name from monitoring/rules.yaml, or delete the entry".into(),
        };
        findings.push(
            Finding::at(
                format!("spec.monitoring.alerts.disable[{index}]"),
                format!("there is no alert `{}`", alert.escape_debug()),
            )
            .help(help),
        );
    }
}
