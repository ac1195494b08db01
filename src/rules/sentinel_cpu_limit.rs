use crate::{
    diagnostic::{Finding, Severity},
    quantity,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "sentinel-cpu-limit",
    severity: Severity::Warning,
    allowable: false,
    why: "A throttled Sentinel sees its own clock jump and stops acting for 30 seconds (TILT), often just when the \
          machine is busy and a failover is due.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { cpu: { request: 50m, limit: 100m } }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { cpu: { request: 50m } }
",
    check: Check::Spec(check),
};

const TIGHT_MILLICPU: u64 = 200;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(limit) = &spec.spec.sentinel.cpu.limit else {
        return;
    };
    if spec.on_kubernetes()
        && quantity::millicpu(limit).is_some_and(|milli| (1..TIGHT_MILLICPU).contains(&milli))
    {
        findings.push(
            Finding::at(
                "spec.sentinel.cpu.limit",
                format!("a limit of `{limit}` throttles Sentinel and its scripts"),
            )
            .help("remove the limit, or write `500m`"),
        );
    }
}
