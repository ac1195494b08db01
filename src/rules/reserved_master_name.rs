use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "reserved-master-name",
    severity: Severity::Error,
    allowable: false,
    why: "On a host the files of a master lie beside those of Sentinel, under the name of each.",
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

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        if spec.on_hosts() && master.name == "sentinel" {
            findings.push(
                Finding::at(format!("spec.masters[{index}].name"), "`sentinel` is the directory of Sentinel")
                    .help("name the master after what it holds"),
            );
        }
    }
}
