use crate::{
    claim::Claim,
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
    check: Check::Fleet { claims, taken },
};

fn claims(spec: &Spec) -> Vec<Claim> {
    let claim = |(host, port, path): (&Host, u32, String)| {
        Claim::of(spec, &path, [host.name.as_str(), &host.address, &port.to_string()])
    };
    listeners(spec).into_iter().map(claim).collect()
}

fn taken(own: &Claim, other: &Claim) -> Option<Finding> {
    let [host, _, port] = own.parts().collect::<Vec<_>>()[..] else {
        return None;
    };
    let message =
        format!("the topology `{}` has port {port} of host `{host}` too", other.topology());
    Some(Finding::at(own.path(), message).help("write another port"))
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
