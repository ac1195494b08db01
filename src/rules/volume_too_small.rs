use crate::{
    diagnostic::{Finding, Severity},
    maxmemory, quantity,
    rules::{Check, Rule},
    spec::{PersistenceType, Spec},
};

pub const RULE: Rule = Rule {
    id: "volume-too-small",
    severity: Severity::Warning,
    allowable: false,
    why: "Saving and rewriting write a second copy before the first is removed. A full volume stops writes and, with \
          it, every failover to this node.",
    bad: "
metadata: { name: cache }
spec:
  redis: { memory: 8Gi, persistence: { size: 8Gi } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { memory: 8Gi, persistence: { size: 20Gi } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() {
        return;
    }
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        let persistence = &redis.persistence;
        let (Some(data), Some(size)) =
            (maxmemory::bytes(redis), quantity::bytes(&persistence.size))
        else {
            continue;
        };
        let needed = data.saturating_mul(2);
        if persistence.r#type != PersistenceType::None && size < needed {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].redis.persistence.size"),
                    format!(
                        "{} does not hold two copies of {} MiB of data",
                        persistence.size,
                        data >> 20
                    ),
                )
                .help(format!("write `size: {}Gi` or more", needed.div_ceil(1 << 30))),
            );
        }
    }
}
