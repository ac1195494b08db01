use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "users-without-acl",
    severity: Severity::Error,
    allowable: false,
    why: "Users exist only with `acl: LeastPrivilege`. Without it there is one password for everybody, with all \
          rights.",
    bad: "
metadata: { name: cache }
spec:
  auth:
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@read] }]
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
    let auth = &spec.spec.auth;
    if auth.enabled && !spec.has_acl() && !auth.users.is_empty() {
        findings.push(
            Finding::at("spec.auth.users", "`users` are written, and `acl` is Disabled")
                .help("write `acl: LeastPrivilege`, or remove the users"),
        );
    }
}
