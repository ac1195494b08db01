use crate::{
    diagnostic::{Finding, Severity},
    directive_fields,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "managed-directive",
    severity: Severity::Error,
    allowable: false,
    why: "redisforge writes it from the spec on every node alike; a second value would contradict the scripts, the \
          probes or Sentinel.",
    bad: "
metadata: { name: cache }
spec:
  redis: { config: { appendonly: false } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { persistence: { type: RDB } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for written in directive_fields::written(spec) {
        let Some(owner) = written.owner() else {
            continue;
        };
        let finding =
            Finding::at(written.path.as_str(), format!("redisforge writes `{}`", written.name));
        findings.push(if owner.starts_with("spec.") {
            finding.help(format!("remove it; the field `{owner}` decides"))
        } else {
            finding.help(format!("remove it: {owner}"))
        });
    }
}
