use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "writable-replica",
    severity: Severity::Error,
    allowable: true,
    why: "What a client writes to a replica is on no other node, and the next full copy from the master removes it.",
    bad: "
metadata: { name: cache }
spec:
  redis: { config: { replica-read-only: false } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { config: { replica-read-only: true } }
",
    check: Check::Spec(check),
};

const NAMES: &[&str] = &["replica-read-only", "slave-read-only"];

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        for (name, value) in &master.redis.config {
            let read_only = NAMES.iter().any(|other| name.eq_ignore_ascii_case(other));
            if read_only && value.texts().last().is_some_and(|text| text.eq_ignore_ascii_case("no"))
            {
                findings.push(
                    Finding::at(
                        format!("spec.masters[{index}].redis.config.{name}"),
                        "writes to a replica are lost without a word",
                    )
                    .help("remove it"),
                );
            }
        }
    }
}
