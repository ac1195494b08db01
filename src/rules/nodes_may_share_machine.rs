use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Spec, Spread},
};

pub const RULE: Rule = Rule {
    id: "nodes-may-share-machine",
    severity: Severity::Warning,
    allowable: false,
    why: "With `Disabled` Kubernetes may put all Sentinels, or the master and its replicas, on one machine, and they \
          die together.",
    bad: "
metadata: { name: cache }
spec:
  placement: { nodes: Disabled }
",
    good: "
metadata: { name: cache }
spec:
  placement: { nodes: Required }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_kubernetes() && spec.spec.placement.nodes() == Spread::Disabled {
        findings.push(
            Finding::at(
                "spec.placement.nodes",
                "one machine may hold every Sentinel, or a master with all its replicas",
            )
            .help(
                "write `nodes: Required`, or `nodes: Preferred` where there are too few machines",
            ),
        );
    }
}
