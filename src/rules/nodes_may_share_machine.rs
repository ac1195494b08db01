use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Spec, Spread},
};

pub const RULE: Rule = Rule {
    id: "nodes-may-share-machine",
    severity: Severity::Warning,
    allowable: false,
    why: "With `Disabled` Kubernetes may put all Sentinels, or the master and its replicas, on one machine, and with \
          `Preferred` it does so whenever others are full or away. They then die together, and no failover follows.",
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
    if spec.on_hosts() {
        return;
    }
    let message = match spec.spec.placement.nodes() {
        Spread::Required => return,
        Spread::Preferred => {
            "with too few free machines one holds every Sentinel, or a master with all its replicas"
        }
        Spread::Disabled => {
            "one machine may hold every Sentinel, or a master with all its replicas"
        }
    };
    findings.push(Finding::at("spec.placement.nodes", message).help(
        "write `nodes: Required`, or allow it with the reason where there are too few machines",
    ));
}
