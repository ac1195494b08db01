use std::collections::HashSet;

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "duplicate-zone",
    severity: Severity::Error,
    allowable: false,
    why: "A zone that is counted twice hides that there is one fewer.",
    bad: "
metadata: { name: cache }
spec:
  placement: { zones: { names: [eu-1a, eu-1b, eu-1b] } }
",
    good: "
metadata: { name: cache }
spec:
  placement: { zones: { names: [eu-1a, eu-1b, eu-1c] } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (index, zone) in spec.spec.placement.zones.names.iter().enumerate() {
        if !seen.insert(zone) {
            findings.push(
                Finding::at(
                    format!("spec.placement.zones.names[{index}]"),
                    format!("`{zone}` is in the list twice"),
                )
                .help("remove it, or name the zone that was meant"),
            );
        }
    }
}
