use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Role, Spec},
};

pub const RULE: Rule = Rule {
    id: "unknown-host",
    severity: Severity::Error,
    allowable: false,
    why: "The nodes of a master run on hosts of `platform.hosts` that have the role `Redis`.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  masters: [{ name: orders, hosts: [a, b, d] }]
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
  masters: [{ name: orders, hosts: [a, b, c] }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_kubernetes() {
        return;
    }
    let hosts = &spec.spec.platform.hosts;
    let known: Vec<String> =
        spec.spec.platform.hosts_with(Role::Redis).map(|host| format!("`{}`", host.name)).collect();
    for (at, master) in spec.spec.masters.iter().enumerate() {
        for (index, name) in master.hosts.iter().flatten().enumerate() {
            let message = match hosts.iter().find(|host| host.name == *name) {
                Some(host) if host.roles.contains(&Role::Redis) => continue,
                Some(_) => format!("host `{name}` does not have the role `Redis`"),
                None => format!("there is no host `{name}`"),
            };
            findings.push(
                Finding::at(format!("spec.masters[{at}].hosts[{index}]"), message)
                    .help(format!("choose from {}", known.join(", "))),
            );
        }
    }
}
