use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "duplicate-topology-name",
    severity: Severity::Error,
    allowable: false,
    why: "The files of a topology lie in a directory of its name, so the second would overwrite the first.",
    bad: "
metadata: { name: cache }
spec: {}
---
metadata: { name: cache }
spec: {}
",
    good: "
metadata: { name: cache-eu }
spec: {}
---
metadata: { name: cache-us }
spec: {}
",
    check: Check::Fleet(check),
};

fn check(specs: &[&Spec], own: usize, findings: &mut Vec<Finding>) {
    let Some(name) = specs.get(own).map(|spec| &spec.metadata.name) else {
        return;
    };
    if specs.iter().filter(|other| other.metadata.name == *name).count() > 1 {
        findings.push(
            Finding::at(
                "metadata.name",
                format!("another spec of this run is named `{name}` and has the same directory"),
            )
            .help("rename one, such as after its environment, or run one at a time"),
        );
    }
}
