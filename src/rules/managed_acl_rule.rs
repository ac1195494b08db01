use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "managed-acl-rule",
    severity: Severity::Error,
    allowable: false,
    why: "Whether a user is on and what its password is follows from the spec: the start script adds the hash of the \
          secret. A password or its hash in a rule would end in rendered files.",
    bad: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: [nopass, '~*', +@read] }]
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

const WORDS: &[&str] = &["on", "off", "nopass", "resetpass", "reset"];

fn sets_password(rule: &str) -> bool {
    rule.starts_with(['>', '<', '#', '!'])
}

pub(super) fn is_managed(rule: &str) -> bool {
    sets_password(rule) || WORDS.iter().any(|word| rule.eq_ignore_ascii_case(word))
}

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (at, user) in spec.spec.auth.users.iter().enumerate() {
        for (index, rule) in user.rules.iter().enumerate() {
            let path = format!("spec.auth.users[{at}].rules[{index}]");
            // The message must not repeat what may be a password.
            if sets_password(rule) {
                findings.push(
                    Finding::at(path, format!("a rule of `{}` sets a password", user.name))
                        .help("remove the rule; say under `password` where the secret is kept"),
                );
            } else if is_managed(rule) {
                findings.push(
                    Finding::at(
                        path,
                        format!("`{rule}` is not for `rules`: redisforge turns users on and gives passwords"),
                    )
                    .help("remove the rule"),
                );
            }
        }
    }
}
