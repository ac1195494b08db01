use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    secret_fields,
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "invalid-path",
    severity: Severity::Error,
    allowable: false,
    why: "Scripts and services start in directories of their own, so a relative path names another file in each.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  auth: { password: { file: secrets/password } }
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  auth: { password: { file: /etc/redis/secrets/password } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (path, source) in secret_fields::written(spec) {
        if let Some(file) = &source.file {
            judge(format!("{path}.file"), file, findings);
        }
    }
    let Some(certificate) = &spec.spec.tls.certificate else {
        return;
    };
    for (field, file) in
        [("ca", &certificate.ca), ("cert", &certificate.cert), ("key", &certificate.key)]
    {
        if let Some(file) = file {
            judge(format!("spec.tls.certificate.{field}"), file, findings);
        }
    }
}

fn judge(path: String, file: &str, findings: &mut Vec<Finding>) {
    let names_a_file = file.starts_with('/') && !file.ends_with('/');
    let is_straight = file.split('/').all(|part| part != ".." && part != ".");
    let is_plain =
        file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:@+%".contains(&byte));
    if !names_a_file || !is_straight || !is_plain {
        findings.push(
            Finding::at(
                path,
                format!(
                    "`{}` is not the absolute path of a file, without blanks and quotes",
                    file.escape_debug()
                ),
            )
            .help("write one such as `/etc/redis/secrets/password`"),
        );
    }
}
