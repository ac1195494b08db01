use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "host-without-role",
    severity: Severity::Error,
    allowable: false,
    why: "Nothing would run there, and its name would stand in no list.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3, roles: [] }
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3, roles: [Sentinel] }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, host) in spec.spec.platform.hosts.iter().enumerate() {
        if host.roles.is_empty() {
            findings.push(
                Finding::at(
                    format!("spec.platform.hosts[{index}].roles"),
                    format!("nothing runs on `{}`", host.name),
                )
                .help("remove `roles` to run both, write `roles: [Sentinel]`, or remove the host"),
            );
        }
    }
}
