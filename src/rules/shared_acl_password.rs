use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    secret_fields,
    spec::{SecretSource, Spec},
};

pub const RULE: Rule = Rule {
    id: "shared-acl-password",
    severity: Severity::Warning,
    allowable: false,
    why: "Users with few rights protect nothing if whoever knows their password knows that of a user with more.",
    bad: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    users: [{ name: app, password: { secretRef: { name: cache-redis, key: password } }, rules: [+@read] }]
",
    good: "
metadata: { name: cache }
spec:
  auth:
    acl: LeastPrivilege
    sentinelPassword: { secretRef: { name: cache, key: sentinel } }
    exporterPassword: { secretRef: { name: cache, key: exporter } }
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: [+@read] }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if !spec.has_acl() {
        return;
    }
    let auth = &spec.spec.auth;
    let source = |field: &Option<SecretSource>| secret_fields::password(spec, field.as_ref());
    let strong = [
        ("replication", source(&auth.replication_password)),
        ("sentinel", source(&auth.sentinel_auth_password)),
        ("node", source(&auth.node_password)),
    ];
    let mut weak = vec![
        ("spec.auth.sentinelPassword".to_string(), "every client", source(&auth.sentinel_password)),
        ("spec.auth.exporterPassword".to_string(), "the exporter", source(&auth.exporter_password)),
    ];
    for (index, user) in auth.users.iter().enumerate() {
        weak.push((
            format!("spec.auth.users[{index}].password"),
            user.name.as_str(),
            user.password.clone(),
        ));
    }
    for (path, holder, source) in weak {
        let known: Vec<String> = strong
            .iter()
            .filter(|(_, other)| *other == source)
            .map(|(user, _)| format!("`{user}`"))
            .collect();
        if !known.is_empty() {
            let holder = if path.starts_with("spec.auth.users") {
                format!("`{holder}`")
            } else {
                holder.into()
            };
            findings.push(
                Finding::at(path, format!("{holder} knows the password of {}", known.join(", ")))
                    .help("name another key of the Secret, or another file, that holds a password of its own"),
            );
        }
    }
}
