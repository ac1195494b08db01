use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "reserved-master-name",
    severity: Severity::Error,
    allowable: false,
    why: "On a host the files of a master lie in `/etc/redis/NAME` and its unit is called `redis-NAME`, beside those of Sentinel, the exporter and the server's package.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  masters: [{ name: sentinel }]
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
  masters: [{ name: orders }]
",
    check: Check::Spec(check),
};

/// What lies in `/etc/redis` beside the directories of masters, or is a unit called `redis-NAME` of a package.
const RESERVED: [&str; 4] = ["exporter", "secrets", "sentinel", "server"];

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        if spec.on_hosts() && RESERVED.contains(&master.name.to_ascii_lowercase().as_str()) {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].name"),
                    format!("`{}` is another directory or unit of every host", master.name),
                )
                .help("name the master after what it holds"),
            );
        }
    }
}
