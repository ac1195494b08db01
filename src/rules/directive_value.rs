use crate::{
    diagnostic::{Finding, Severity},
    directive_fields,
    rules::{Check, Rule},
    spec::{Spec, Value},
};

pub const RULE: Rule = Rule {
    id: "directive-value",
    severity: Severity::Error,
    allowable: false,
    why: "The server does not start with a value that it does not take.",
    bad: "
metadata: { name: cache }
spec:
  redis: { config: { maxmemory-policy: lru } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { config: { maxmemory-policy: allkeys-lru } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for written in directive_fields::written(spec) {
        let Some(directive) = written.directive().filter(|_| written.owner().is_none()) else {
            continue;
        };
        for text in written.value.texts() {
            if let Err(problem) = directive.check(&directive.words(&text)) {
                let finding =
                    Finding::at(written.path.as_str(), format!("`{}`: {problem}", written.name));
                let default = directive.default();
                findings.push(if default.is_empty() {
                    finding
                } else {
                    finding.help(format!("remove it to use the default, `{default}`"))
                });
            }
        }
        let is_empty = matches!(written.value, Value::List(values) if values.is_empty());
        if is_empty {
            let message = format!("the list of `{}` is empty", written.name);
            findings.push(
                Finding::at(written.path.as_str(), message).help("write a value, or remove it"),
            );
        }
    }
}
