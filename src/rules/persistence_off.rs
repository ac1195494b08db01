use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{PersistenceType, Spec},
};

pub const RULE: Rule = Rule {
    id: "persistence-off",
    severity: Severity::Error,
    allowable: false,
    why: "A master that restarts empty before Sentinel notices empties all its replicas.",
    bad: "
metadata: { name: cache }
spec:
  redis: { persistence: { type: None } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { persistence: { type: None, cacheOnly: true } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let persistence = &master.redis.persistence;
        if persistence.r#type == PersistenceType::None && !persistence.cache_only {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].redis.persistence.type"),
                    "a crash of the master can lose all data on all nodes",
                )
                .help("write `type: AOF`, or `cacheOnly: true` beside it if all data may vanish"),
            );
        }
    }
}
