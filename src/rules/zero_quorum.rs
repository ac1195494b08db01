use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "zero-quorum",
    severity: Severity::Error,
    allowable: false,
    why: "Sentinel does not start with a quorum below 1.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { quorum: 0 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { quorum: 2 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.quorum() == 0 {
        findings.push(
            Finding::at("spec.sentinel.quorum", "a quorum of 0 keeps Sentinel from starting").help(
                format!("write `quorum: {}`, or leave it out", spec.sentinel_instances() / 2 + 1),
            ),
        );
    }
}
