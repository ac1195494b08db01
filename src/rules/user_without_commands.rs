use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "user-without-commands",
    severity: Severity::Error,
    allowable: false,
    why: "A new user may run no command at all, so a client that authenticates as this one can do nothing.",
    bad: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*'] }]
",
    good: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@read] }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let grants =
        |rule: &String| rule.starts_with(['+', '(']) || rule.eq_ignore_ascii_case("allcommands");
    for (index, user) in spec.spec.auth.users.iter().enumerate() {
        if !user.rules.iter().any(grants) {
            findings.push(
                Finding::at(
                    format!("spec.auth.users[{index}].rules"),
                    format!("the user `{}` may run no command", user.name),
                )
                .help("add what it needs, such as `+@read`, `+@write` and `-@dangerous`"),
            );
        }
    }
}
