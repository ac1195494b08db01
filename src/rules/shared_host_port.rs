use std::collections::HashSet;

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Host, Role, Spec},
};

pub const RULE: Rule = Rule {
    id: "shared-host-port",
    severity: Severity::Warning,
    allowable: false,
    why: "Two processes cannot listen on one port of one machine: the second does not start.",
    bad: "
metadata: { name: shop }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
---
metadata: { name: blog }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
",
    good: "
metadata: { name: shop }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
---
metadata: { name: blog }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  redis: { port: 6380 }
  sentinel: { port: 26380 }
",
    check: Check::Fleet(check),
};

fn check(specs: &[&Spec], own: usize, findings: &mut Vec<Finding>) {
    let Some(spec) = specs.get(own) else {
        return;
    };
    let others = specs.iter().enumerate().filter(|(at, _)| *at != own);
    let taken: Vec<(&Host, u32, &str)> = others
        .flat_map(|(_, other)| {
            listeners(other)
                .into_iter()
                .map(|(host, port, _)| (host, port, other.metadata.name.as_str()))
        })
        .collect();
    let mut reported = HashSet::new();
    for (host, port, path) in listeners(spec) {
        let same = |other: &Host| other.name == host.name && other.address == host.address;
        let taken = taken.iter().find(|(other, other_port, _)| *other_port == port && same(other));
        if let Some((_, _, topology)) = taken
            && reported.insert(path.clone())
        {
            findings.push(
                Finding::at(
                    path,
                    format!(
                        "the topology `{topology}` has port {port} of host `{}` too",
                        host.name
                    ),
                )
                .help("write another port"),
            );
        }
    }
}

/// Who listens where, with the path of the port.
fn listeners(spec: &Spec) -> Vec<(&Host, u32, String)> {
    if spec.on_kubernetes() {
        return Vec::new();
    }
    let port = spec.spec.sentinel.port;
    let sentinels = spec.spec.platform.hosts_with(Role::Sentinel);
    let mut listeners: Vec<_> =
        sentinels.map(|host| (host, port, "spec.sentinel.port".into())).collect();
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let path = format!("spec.masters[{index}].redis.port");
        listeners.extend(spec.hosts_of(master).map(|host| (host, master.redis.port, path.clone())));
    }
    listeners
}
