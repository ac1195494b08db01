use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    secret_fields,
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "mismatched-passwords",
    severity: Severity::Error,
    allowable: false,
    why: "Without ACL a node has one password, and any node becomes master: replicas and Sentinels that know another \
          password are locked out after the first failover.",
    bad: "
metadata: { name: cache }
spec:
  auth:
    password: { secretRef: { name: cache, key: password } }
    replicationPassword: { secretRef: { name: cache, key: replication } }
",
    good: "
metadata: { name: cache }
spec:
  auth:
    password: { secretRef: { name: cache, key: password } }
    replicationPassword: { secretRef: { name: cache, key: password } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let auth = &spec.spec.auth;
    if !auth.enabled || spec.has_acl() {
        return;
    }
    let password = secret_fields::password(spec, None);
    let others = [
        ("replicationPassword", &auth.replication_password),
        ("sentinelAuthPassword", &auth.sentinel_auth_password),
    ];
    for (field, source) in others {
        let source = secret_fields::password(spec, source.as_ref());
        if source != password {
            findings.push(
                Finding::at(
                    format!("spec.auth.{field}"),
                    format!(
                        "{} is not the password of the nodes, which is {}",
                        secret_fields::describe(&source),
                        secret_fields::describe(&password)
                    ),
                )
                .help(format!(
                    "remove `{field}`, or write `acl: LeastPrivilege` to give it a user of its own"
                )),
            );
        }
    }
}
