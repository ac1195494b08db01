use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "default-master-name",
    severity: Severity::Warning,
    allowable: false,
    why: "`mymaster` is the name in every tutorial. Two deployments that share it merge as soon as one reuses an \
          address of the other, and one of the two data sets is overwritten.",
    bad: "
metadata: { name: cache }
spec:
  masters: [{ name: mymaster }]
",
    good: "
metadata: { name: cache }
spec:
  masters: [{ name: orders }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        if master.name == "mymaster" {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].name"),
                    "`mymaster` is everybody's name for a master",
                )
                .help("name it after what it holds"),
            );
        }
    }
}
