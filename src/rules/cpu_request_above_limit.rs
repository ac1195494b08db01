use crate::{
    diagnostic::{Finding, Severity},
    quantity,
    rules::{Check, Rule},
    spec::{Cpu, Spec},
};

pub const RULE: Rule = Rule {
    id: "cpu-request-above-limit",
    severity: Severity::Error,
    allowable: false,
    why: "Kubernetes refuses a pod that asks for more than it may use.",
    bad: "
metadata: { name: cache }
spec:
  redis: { cpu: { request: '2', limit: '1' } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { cpu: { request: '1', limit: '2' } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        judge(&format!("spec.masters[{index}].redis"), &master.redis.cpu, findings);
    }
    judge("spec.sentinel", &spec.spec.sentinel.cpu, findings);
    judge("spec.monitoring.exporter", &spec.spec.monitoring.exporter.cpu, findings);
}

fn judge(at: &str, cpu: &Cpu, findings: &mut Vec<Finding>) {
    let (Some(request), Some(limit)) = (&cpu.request, &cpu.limit) else {
        return;
    };
    if quantity::millicpu(request) > quantity::millicpu(limit)
        && quantity::millicpu(limit).is_some()
    {
        findings.push(
            Finding::at(
                format!("{at}.cpu.request"),
                format!("a request of `{request}` is above the limit of `{limit}`"),
            )
            .help("write `limit` at least as high, or leave it out"),
        );
    }
}
