use crate::{
    diagnostic::{Finding, Severity},
    maxmemory, quantity,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "maxmemory-too-tight",
    severity: Severity::Warning,
    allowable: false,
    why: "While Redis saves or feeds a new replica, every page that is written is copied; buffers of clients and \
          replicas come on top. With little room beside the data the kernel kills the node.",
    bad: "
metadata: { name: cache }
spec:
  redis: { maxmemoryPercent: 90 }
",
    good: "
metadata: { name: cache }
spec:
  redis: { maxmemoryPercent: 70 }
",
    check: Check::Spec(check),
};

const PERCENT: u128 = 75;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        let (Some(limit), Some(memory @ 1..)) =
            (maxmemory::bytes(redis), quantity::bytes(&redis.memory))
        else {
            continue;
        };
        let percent = (u128::from(limit) * 100).div_ceil(u128::from(memory));
        if limit <= memory && u128::from(limit) * 100 > u128::from(memory) * PERCENT {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].redis.{}", maxmemory::field(redis)),
                    format!(
                        "{percent} % of {} for data leaves too little for fork and buffers",
                        redis.memory
                    ),
                )
                .help("write `maxmemoryPercent: 70` without `config.maxmemory`, or more `memory`"),
            );
        }
    }
}
