use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "no-sentinel",
    severity: Severity::Error,
    allowable: false,
    why: "Without a Sentinel nobody promotes a replica, and no start script can learn who is master.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { instances: 0 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { instances: 3 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.sentinel_instances() > 0 {
        return;
    }
    findings.push(if spec.on_hosts() {
        Finding::at("spec.platform.hosts", "no host has the role `Sentinel`")
            .help("give 3 hosts the role: `roles: [Redis, Sentinel]`")
    } else {
        Finding::at("spec.sentinel.instances", "0 Sentinels never fail over")
            .help("write `instances: 3`")
    });
}
