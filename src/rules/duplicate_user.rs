use std::collections::HashSet;

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "duplicate-user",
    severity: Severity::Error,
    allowable: false,
    why: "Redis does not start with two users of one name.",
    bad: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users:
      - { name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@read] }
      - { name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@write] }
",
    good: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users:
      - { name: reader, password: { secretRef: { name: cache, key: reader } }, rules: ['~*', +@read] }
      - { name: writer, password: { secretRef: { name: cache, key: writer } }, rules: ['~*', +@write] }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (index, user) in spec.spec.auth.users.iter().enumerate() {
        if !seen.insert(&user.name) {
            findings.push(
                Finding::at(
                    format!("spec.auth.users[{index}].name"),
                    format!("a second user is named `{}`", user.name),
                )
                .help("join the two, or rename one"),
            );
        }
    }
}
