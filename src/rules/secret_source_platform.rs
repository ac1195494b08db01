use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    secret_fields,
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "secret-source-platform",
    severity: Severity::Error,
    allowable: false,
    why: "A pod reads secrets from Kubernetes Secrets; a host has only files.",
    bad: "
metadata: { name: cache }
spec:
  auth: { password: { file: /etc/redis/secrets/password } }
",
    good: "
metadata: { name: cache }
spec:
  auth: { password: { secretRef: { name: cache, key: password } } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (path, source) in secret_fields::written(spec) {
        if spec.on_kubernetes() && source.file.is_some() {
            findings.push(
                Finding::at(format!("{path}.file"), "a pod has no file with this secret")
                    .help("write `secretRef: {name: SECRET, key: KEY}`"),
            );
        }
        if spec.on_hosts() && source.secret_ref.is_some() {
            findings.push(
                Finding::at(format!("{path}.secretRef"), "a host has no Kubernetes Secrets")
                    .help("write `file: /etc/redis/secrets/NAME`"),
            );
        }
    }
}
