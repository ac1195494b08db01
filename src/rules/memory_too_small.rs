use crate::{
    diagnostic::{Finding, Severity},
    quantity,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "memory-too-small",
    severity: Severity::Error,
    allowable: false,
    why: "The programs need some megabytes before they hold any data. A number without a unit is bytes.",
    bad: "
metadata: { name: cache }
spec:
  redis: { memory: '512' }
",
    good: "
metadata: { name: cache }
spec:
  redis: { memory: 512Mi }
",
    check: Check::Spec(check),
};

const MINIMUM: u64 = 16 << 20;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        judge(
            &format!("spec.masters[{index}].redis.memory"),
            &master.redis.memory,
            "1Gi",
            findings,
        );
    }
    judge("spec.sentinel.memory", &spec.spec.sentinel.memory, "128Mi", findings);
    judge(
        "spec.monitoring.exporter.memory",
        &spec.spec.monitoring.exporter.memory,
        "64Mi",
        findings,
    );
}

fn judge(path: &str, memory: &str, usual: &str, findings: &mut Vec<Finding>) {
    if let Some(bytes @ 1..MINIMUM) = quantity::bytes(memory) {
        findings.push(
            Finding::at(path, format!("no node runs in {bytes} bytes; the least is 16Mi"))
                .help(format!("write `memory: {usual}`")),
        );
    }
}
