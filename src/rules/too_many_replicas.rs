use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "too-many-replicas",
    severity: Severity::Error,
    allowable: false,
    why: "Every replica of a master has its own connection and output buffer there, and all of them copy the whole \
          data set when they lose it.",
    bad: "
metadata: { name: cache }
spec:
  redis: { replicasPerMaster: 1000 }
",
    good: "
metadata: { name: cache }
spec:
  redis: { replicasPerMaster: 2 }
",
    check: Check::Spec(check),
};

/// More pods than anybody means.
const LIMIT: u32 = 99;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let replicas = spec.replicas_of(master);
        if replicas > LIMIT {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].redis.replicasPerMaster"),
                    format!("one master does not feed {replicas} replicas"),
                )
                .help("write `replicasPerMaster: 2`; split the data over several masters if reads need more"),
            );
        }
    }
}
