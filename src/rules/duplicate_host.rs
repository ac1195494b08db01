use std::{collections::HashSet, net::IpAddr};

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "duplicate-host",
    severity: Severity::Error,
    allowable: false,
    why: "One machine under two names, or two under one, makes a majority of one: it dies as a whole.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.1, bind: [10.0.0.3] }
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3, bind: [10.0.0.3] }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let (mut names, mut addresses) = (HashSet::new(), HashSet::new());
    for (index, host) in spec.spec.platform.hosts.iter().enumerate() {
        let at = format!("spec.platform.hosts[{index}]");
        if !names.insert(host.name.to_ascii_lowercase()) {
            findings.push(
                Finding::at(
                    format!("{at}.name"),
                    format!("a second host is named `{}`", host.name),
                )
                .help("write each machine once"),
            );
        }
        if !addresses.insert(canonical(&host.address)) {
            findings.push(
                Finding::at(
                    format!("{at}.address"),
                    format!("another host has the address {} too", host.address),
                )
                .help("write each machine once"),
            );
        }
    }
    for (at, master) in spec.spec.masters.iter().enumerate() {
        let mut seen = HashSet::new();
        for (index, name) in master.hosts.iter().flatten().enumerate() {
            if !seen.insert(name) {
                findings.push(
                    Finding::at(
                        format!("spec.masters[{at}].hosts[{index}]"),
                        format!("`{name}` is in the list twice"),
                    )
                    .help("remove it"),
                );
            }
        }
    }
}

/// One spelling of an address, which IPv6 has many of.
fn canonical(address: &str) -> String {
    address
        .parse::<IpAddr>()
        .map_or_else(|_| address.to_ascii_lowercase(), |address| address.to_canonical().to_string())
}
