use crate::{
    diagnostic::{Finding, Severity},
    quantity,
    rules::{Check, Rule},
    spec::{Cpu, Spec},
};

pub const RULE: Rule = Rule {
    id: "invalid-quantity",
    severity: Severity::Error,
    allowable: false,
    why: "Kubernetes refuses it, and redisforge cannot derive `maxmemory` from it.",
    bad: "
metadata: { name: cache }
spec:
  redis: { memory: 4GB }
",
    good: "
metadata: { name: cache }
spec:
  redis: { memory: 4Gi }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let sentinel = &spec.spec.sentinel;
    let exporter = &spec.spec.monitoring.exporter;
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let at = format!("spec.masters[{index}].redis");
        size(format!("{at}.memory"), &master.redis.memory, findings);
        size(format!("{at}.persistence.size"), &master.redis.persistence.size, findings);
        cpu(&at, &master.redis.cpu, findings);
    }
    size("spec.sentinel.memory".into(), &sentinel.memory, findings);
    size("spec.sentinel.persistence.size".into(), &sentinel.persistence.size, findings);
    cpu("spec.sentinel", &sentinel.cpu, findings);
    size("spec.monitoring.exporter.memory".into(), &exporter.memory, findings);
    cpu("spec.monitoring.exporter", &exporter.cpu, findings);
}

fn size(path: String, text: &str, findings: &mut Vec<Finding>) {
    if quantity::bytes(text).is_none_or(|bytes| bytes == 0) {
        findings.push(
            Finding::at(path, format!("`{text}` is not an amount of bytes above 0"))
                .help("write a number with Ki, Mi, Gi or Ti, such as `4Gi`"),
        );
    }
}

fn cpu(at: &str, cpu: &Cpu, findings: &mut Vec<Finding>) {
    for (field, text) in [("request", &cpu.request), ("limit", &cpu.limit)] {
        if let Some(text) = text
            && quantity::millicpu(text).is_none_or(|milli| milli == 0)
        {
            findings.push(
                Finding::at(
                    format!("{at}.cpu.{field}"),
                    format!("`{text}` is not an amount of CPU above 0"),
                )
                .help("write thousandths such as `500m`, or cores such as `2`"),
            );
        }
    }
}
