use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{OWN_USERS, Spec},
};

pub const RULE: Rule = Rule {
    id: "reserved-user",
    severity: Severity::Error,
    allowable: false,
    why: "`default` is switched off with `acl: LeastPrivilege`, and redisforge makes `replication`, `sentinel`, \
          `exporter` and `node` for its own programs; Redis does not start with two users of one name.",
    bad: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users: [{ name: default, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@read] }]
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
    for (index, user) in spec.spec.auth.users.iter().enumerate() {
        if OWN_USERS.contains(&user.name.as_str()) {
            findings.push(
                Finding::at(
                    format!("spec.auth.users[{index}].name"),
                    format!("`{}` is redisforge's own user", user.name),
                )
                .help("name it after the client, such as `app`"),
            );
        }
    }
}
