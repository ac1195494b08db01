use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "quorum-not-majority",
    severity: Severity::Error,
    allowable: true,
    why: "With a quorum below the majority, one Sentinel with a broken link can have a healthy master replaced. Above \
          it, fewer lost Sentinels stop every failover.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { instances: 5, quorum: 2 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { instances: 5, quorum: 3 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let (instances, quorum) = (spec.sentinel_instances(), spec.quorum());
    let majority = instances / 2 + 1;
    if quorum == majority || quorum == 0 || quorum > instances {
        return;
    }
    let effect = if quorum < majority {
        format!("lets a minority of {instances} Sentinels start a failover")
    } else {
        format!(
            "stops every failover once {} of {instances} Sentinels are lost",
            instances - quorum + 1
        )
    };
    findings.push(
        Finding::at("spec.sentinel.quorum", format!("a quorum of {quorum} {effect}"))
            .help(format!("write `quorum: {majority}`, or leave it out")),
    );
}
