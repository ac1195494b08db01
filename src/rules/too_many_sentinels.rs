use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "too-many-sentinels",
    severity: Severity::Error,
    allowable: false,
    why: "Every pair of Sentinels talks, and each new leader needs a majority of all of them. More than 7 add traffic \
          and slow elections, not safety.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { instances: 1001 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { instances: 7 }
",
    check: Check::Spec(check),
};

/// More pods than anybody means.
const LIMIT: u32 = 99;
const USEFUL: u32 = 7;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let instances = spec.sentinel_instances();
    if instances <= USEFUL {
        return;
    }
    let finding = Finding::at(
        "spec.sentinel.instances",
        format!("{instances} Sentinels are no safer than {USEFUL}"),
    )
    .help("write `instances: 5`; 5 survive the loss of 2");
    findings.push(if instances > LIMIT { finding } else { finding.warning() });
}
