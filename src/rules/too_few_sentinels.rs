use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "too-few-sentinels",
    severity: Severity::Error,
    allowable: true,
    why: "A failover needs a majority of all Sentinels. Of one or two, the loss of one leaves none, and it is often \
          lost together with the master.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { instances: 2 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { instances: 3 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let message = match spec.sentinel_instances() {
        1 => "no failover is possible once the only Sentinel is lost",
        2 => "no failover is possible once one of 2 Sentinels is lost",
        _ => return,
    };
    findings.push(if spec.on_hosts() {
        Finding::at("spec.platform.hosts", message)
            .help("give 3 hosts the role `Sentinel`; a small third machine will do")
    } else {
        Finding::at("spec.sentinel.instances", message).help("write `instances: 3`")
    });
}
