use std::collections::HashSet;

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "duplicate-master-name",
    severity: Severity::Error,
    allowable: false,
    why: "Sentinel does not start with two masters of one name, and where case does not tell names of files apart, the files of \
          one would overwrite those of the other.",
    bad: "
metadata: { name: cache }
spec:
  masters: [{ name: orders }, { name: orders }]
",
    good: "
metadata: { name: cache }
spec:
  masters: [{ name: orders }, { name: sessions }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (index, master) in spec.spec.masters.iter().enumerate() {
        if !seen.insert(master.name.to_ascii_lowercase()) {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].name"),
                    format!("a second master is named `{}`", master.name),
                )
                .help("name it after what it holds"),
            );
        }
    }
}
