use crate::{
    diagnostic::{Finding, Severity},
    maxmemory, quantity,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "maxmemory-above-memory",
    severity: Severity::Error,
    allowable: false,
    why: "The kernel kills a process that takes more memory than it was given. A full Redis must refuse writes or \
          evict before that.",
    bad: "
metadata: { name: cache }
spec:
  redis: { memory: 1Gi, config: { maxmemory: 2gb } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { memory: 4Gi, config: { maxmemory: 2gb } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        let (Some(limit), Some(memory)) = (maxmemory::bytes(redis), quantity::bytes(&redis.memory))
        else {
            continue;
        };
        let memory_text = &redis.memory;
        let message = if limit == 0 {
            format!("data may grow without limit in {memory_text} of memory")
        } else if limit > memory {
            format!("data may take {} MiB, and the node has {memory_text}", limit >> 20)
        } else {
            continue;
        };
        let field = maxmemory::field(redis);
        let help = if field == "maxmemoryPercent" {
            "write `maxmemoryPercent: 70`".into()
        } else {
            format!("remove it, or write `maxmemory: {}mb`", (memory / 100 * 70) >> 20)
        };
        findings
            .push(Finding::at(format!("spec.masters[{index}].redis.{field}"), message).help(help));
    }
}
