use std::collections::HashSet;

use crate::{
    diagnostic::{Finding, Severity},
    directive_fields,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "repeated-directive",
    severity: Severity::Error,
    allowable: false,
    why: "Of a directive that is given twice the server keeps the last and says nothing.",
    bad: "
metadata: { name: cache }
spec:
  redis: { config: { maxclients: [1000, 20000] } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { config: { maxclients: 20000 } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for written in directive_fields::written(spec) {
        let Some(directive) = written.directive().filter(|_| written.owner().is_none()) else {
            continue;
        };
        let path = written.path.as_str();
        if !seen.insert((written.section.clone(), directive.name())) {
            let message = format!(
                "`{}` is written twice, under two of its names or in two cases",
                directive.name()
            );
            findings.push(Finding::at(path, message).help("remove one"));
        } else if written.value.texts().len() > 1 && !directive.is_repeatable() {
            let message = format!(
                "`{}` has one value, and {} are written",
                written.name,
                written.value.texts().len()
            );
            findings.push(Finding::at(path, message).help("write the one that is meant"));
        }
    }
}
