use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "unknown-initial-master",
    severity: Severity::Error,
    allowable: false,
    why: "At the very first start one of the master's own nodes has to be master.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  masters: [{ name: orders, initialMaster: d }]
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
  masters: [{ name: orders, initialMaster: b }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_kubernetes() {
        return;
    }
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let Some(initial) = &master.initial_master else {
            continue;
        };
        let hosts: Vec<&str> = spec.hosts_of(master).map(|host| host.name.as_str()).collect();
        if !hosts.is_empty() && !hosts.contains(&initial.as_str()) {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].initialMaster"),
                    format!("no node of `{}` runs on `{initial}`", master.name),
                )
                .help(format!("choose from `{}`", hosts.join("`, `"))),
            );
        }
    }
}
