use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "down-after-too-small",
    severity: Severity::Error,
    allowable: true,
    why: "Sentinel refuses a replica whose link was down for more than ten times this. One pause of TILT lasts 30 \
          seconds, and a replica refused once is refused for ever: no failover until somebody steps in.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { downAfterMilliseconds: 1000 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { downAfterMilliseconds: 5000 }
",
    check: Check::Spec(check),
};

/// Ten times this outlasts the 30 seconds of TILT with room to spare.
const MINIMUM: u32 = 5000;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let down_after = master.sentinel.down_after_milliseconds;
        if (1..MINIMUM).contains(&down_after) {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].sentinel.downAfterMilliseconds"),
                    format!("{down_after} ms is less than {MINIMUM}: one TILT can end automatic failover for good"),
                )
                .help(format!("write `downAfterMilliseconds: {MINIMUM}`")),
            );
        }
    }
}
