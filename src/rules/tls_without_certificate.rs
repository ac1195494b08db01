use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "tls-without-certificate",
    severity: Severity::Error,
    allowable: false,
    why: "A TLS port does not open without a certificate.",
    bad: "
metadata: { name: cache }
spec:
  tls: { mode: Required }
",
    good: "
metadata: { name: cache }
spec:
  tls: { mode: Required, certificate: { type: Secret, secretName: cache-tls } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if !spec.has_tls() || spec.spec.tls.certificate.is_some() {
        return;
    }
    let example = if spec.on_hosts() {
        "{type: Files, ca: /etc/redis/tls/ca.crt, cert: /etc/redis/tls/tls.crt, key: /etc/redis/tls/tls.key}"
    } else {
        "{type: CertManager, issuerRef: {kind: ClusterIssuer, name: ISSUER}}"
    };
    findings.push(
        Finding::at("spec.tls.mode", "`mode: Required` needs a certificate")
            .help(format!("write `certificate: {example}` beside it")),
    );
}
