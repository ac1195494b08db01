use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "no-redis-host",
    severity: Severity::Error,
    allowable: false,
    why: "On hosts the nodes of a master run where the role `Redis` is.",
    bad: "
metadata: { name: cache }
spec:
  platform: { type: Hosts }
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_kubernetes() {
        return;
    }
    for (index, master) in spec.spec.masters.iter().enumerate() {
        if spec.hosts_of(master).next().is_some() {
            continue;
        }
        findings.push(if master.hosts.is_some() {
            Finding::at(
                format!("spec.masters[{index}].hosts"),
                format!("no host runs a node of `{}`", master.name),
            )
            .help("name 3 hosts with the role `Redis`, or remove `hosts` to use all of them")
        } else {
            Finding::at("spec.platform.hosts", "no host has the role `Redis`")
                .help("write 3 hosts, such as `- {name: db-a, address: 10.20.1.11}`")
        });
    }
}
