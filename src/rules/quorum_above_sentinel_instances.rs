use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "quorum-above-sentinel-instances",
    severity: Severity::Error,
    allowable: false,
    why: "The master is down only once `quorum` Sentinels say so. Fewer can never say so, and no failover starts.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { instances: 3, quorum: 4 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { instances: 3, quorum: 2 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let (instances, quorum) = (spec.sentinel_instances(), spec.quorum());
    if instances > 0 && instances < quorum {
        findings.push(
            Finding::at(
                "spec.sentinel.quorum",
                format!("{instances} Sentinels can never reach a quorum of {quorum}"),
            )
            .help(format!("write `quorum: {}`", instances / 2 + 1)),
        );
    }
}
