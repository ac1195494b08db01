use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "failover-timeout-too-small",
    severity: Severity::Error,
    allowable: true,
    why: "It bounds every step of a failover, and a failed one is tried again after twice this. Below the time that \
          detection and promotion take, attempts end before they succeed.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { failoverTimeoutMilliseconds: 5000 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { failoverTimeoutMilliseconds: 20000 }
",
    check: Check::Spec(check),
};

const MINIMUM: u64 = 10_000;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let timeout = master.sentinel.failover_timeout_milliseconds;
        let down_after = master.sentinel.down_after_milliseconds;
        let minimum = MINIMUM.max(2 * u64::from(down_after));
        if timeout > 0 && u64::from(timeout) < minimum {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].sentinel.failoverTimeoutMilliseconds"),
                    format!("{timeout} ms is too short for a failover that is noticed after {down_after} ms"),
                )
                .help(format!("write `failoverTimeoutMilliseconds: {minimum}` or more; 60000 is usual")),
            );
        }
    }
}
