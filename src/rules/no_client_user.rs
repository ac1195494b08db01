use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "no-client-user",
    severity: Severity::Error,
    allowable: false,
    why: "With `acl: LeastPrivilege` the user `default` is off, so only a user from `auth.users` can connect.",
    bad: "
metadata: { name: cache }
spec:
  auth: { acl: LeastPrivilege }
",
    good: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@read, +@write] }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.has_acl() && spec.spec.auth.users.is_empty() {
        findings.push(
            Finding::at("spec.auth.acl", "no client can connect: `auth.users` is empty").help(
                "write `users: [{name: app, password: …, rules: ['~*', '&*', '+@all', '-@dangerous']}]` beside it",
            ),
        );
    }
}
