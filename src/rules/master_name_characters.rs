use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "master-name-characters",
    severity: Severity::Error,
    allowable: false,
    why: "Sentinels announce the name in a comma-separated line and write it unquoted into their configuration: with a \
          comma they never find each other, with a blank or a quote they do not start again. As the name of files it \
          must not begin with a dot or a dash.",
    bad: "
metadata: { name: cache }
spec:
  masters: [{ name: 'orders,eu' }]
",
    good: "
metadata: { name: cache }
spec:
  masters: [{ name: orders-eu }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        if !fits(&master.name) {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].name"),
                    format!(
                        "`{}` is not a name that Sentinel can keep",
                        master.name.escape_debug()
                    ),
                )
                .help("use 1 to 64 of A-Z a-z 0-9 `.` `_` `-`, beginning with a letter or a digit"),
            );
        }
    }
}

pub(super) fn fits(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
