use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "down-after-too-large",
    severity: Severity::Warning,
    allowable: false,
    why: "Nobody can write to a dead master, and Sentinel does nothing about it for this long.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { downAfterMilliseconds: 80000, failoverTimeoutMilliseconds: 160000 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { downAfterMilliseconds: 10000 }
",
    check: Check::Spec(check),
};

const MAXIMUM: u32 = 60_000;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let down_after = master.sentinel.down_after_milliseconds;
        if down_after > MAXIMUM {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].sentinel.downAfterMilliseconds"),
                    format!(
                        "writes fail for at least {} s whenever a master dies",
                        down_after / 1000
                    ),
                )
                .help("write `downAfterMilliseconds: 10000`"),
            );
        }
    }
}
