use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "failover-timeout-too-large",
    severity: Severity::Warning,
    allowable: false,
    why: "It does not make a failover gentler: it only delays the next attempt after a failed one, which starts after \
          twice this.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { failoverTimeoutMilliseconds: 600000 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { failoverTimeoutMilliseconds: 60000 }
",
    check: Check::Spec(check),
};

const MAXIMUM: u32 = 180_000;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let timeout = master.sentinel.failover_timeout_milliseconds;
        if timeout > MAXIMUM {
            let minutes = u64::from(timeout) * 2 / 60_000;
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].sentinel.failoverTimeoutMilliseconds"),
                    format!("a failed failover is tried again after {minutes} minutes"),
                )
                .help("write `failoverTimeoutMilliseconds: 60000`"),
            );
        }
    }
}
