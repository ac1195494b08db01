use crate::{
    diagnostic::{Finding, Severity},
    directive_fields,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "directive-not-in-version",
    severity: Severity::Error,
    allowable: false,
    why: "The server does not start with a directive that its version does not know.",
    bad: "
metadata: { name: cache }
spec:
  engine: { version: '6.2' }
  redis: { config: { shutdown-timeout: 20 } }
",
    good: "
metadata: { name: cache }
spec:
  engine: { version: '7.4' }
  redis: { config: { shutdown-timeout: 20 } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for written in directive_fields::written(spec) {
        if written.owner().is_some() || written.directive().is_some() {
            continue;
        }
        let Some(elsewhere) = written.table.elsewhere(written.name) else {
            continue;
        };
        findings.push(
            Finding::at(
                written.path.as_str(),
                format!("{} does not know `{}`: {elsewhere}", written.version(), written.name),
            )
            .help("remove it, or write another `engine.version`"),
        );
    }
}
