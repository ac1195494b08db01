use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{CertificateType, Spec},
};

pub const RULE: Rule = Rule {
    id: "certificate-platform",
    severity: Severity::Error,
    allowable: false,
    why: "cert-manager and Secrets exist on Kubernetes only, and a pod has no certificate files of its own.",
    bad: "
metadata: { name: cache }
spec:
  tls: { mode: Required, certificate: { type: Files, ca: /tls/ca.crt, cert: /tls/tls.crt, key: /tls/tls.key } }
",
    good: "
metadata: { name: cache }
spec:
  tls: { mode: Required, certificate: { type: Secret, secretName: cache-tls } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(certificate) = &spec.spec.tls.certificate else {
        return;
    };
    let (message, help) = match (certificate.r#type, spec.on_hosts()) {
        (CertificateType::Files, false) => (
            "a pod has no certificate files of its own",
            "write `type: Secret` or `type: CertManager`",
        ),
        (CertificateType::CertManager, true) => {
            ("hosts have no cert-manager", "write `type: Files`")
        }
        (CertificateType::Secret, true) => {
            ("hosts have no Kubernetes Secrets", "write `type: Files`")
        }
        _ => return,
    };
    findings.push(Finding::at("spec.tls.certificate.type", message).help(help));
}
