use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{CertificateType, Spec},
};

pub const RULE: Rule = Rule {
    id: "certificate-fields",
    severity: Severity::Error,
    allowable: false,
    why: "`type` decides where certificates come from, and each type has fields of its own.",
    bad: "
metadata: { name: cache }
spec:
  tls: { mode: Required, certificate: { type: CertManager, secretName: cache-tls } }
",
    good: "
metadata: { name: cache }
spec:
  tls: { mode: Required, certificate: { type: CertManager, issuerRef: { kind: Issuer, name: ca } } }
",
    check: Check::Spec(check),
};

const AT: &str = "spec.tls.certificate";

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(certificate) = &spec.spec.tls.certificate else {
        return;
    };
    let (name, wanted): (_, &[&str]) = match certificate.r#type {
        CertificateType::CertManager => ("CertManager", &["issuerRef"]),
        CertificateType::Secret => ("Secret", &["secretName"]),
        CertificateType::Files => ("Files", &["ca", "cert", "key"]),
    };
    let fields = [
        ("issuerRef", certificate.issuer_ref.is_some()),
        ("secretName", certificate.secret_name.is_some()),
        ("ca", certificate.ca.is_some()),
        ("cert", certificate.cert.is_some()),
        ("key", certificate.key.is_some()),
    ];
    for (field, written) in fields {
        let belongs = wanted.contains(&field);
        if belongs && !written {
            findings.push(
                Finding::at(AT, format!("`type: {name}` needs `{field}`"))
                    .help(format!("write `{}`", example(field))),
            );
        }
        if !belongs && written {
            findings.push(
                Finding::at(format!("{AT}.{field}"), format!("`type: {name}` has no `{field}`"))
                    .help(format!("remove it; `{name}` takes `{}`", wanted.join("`, `"))),
            );
        }
    }
    if let Some(issuer) = &certificate.issuer_ref
        && !["Issuer", "ClusterIssuer"].contains(&issuer.kind.as_str())
    {
        findings.push(
            Finding::at(
                format!("{AT}.issuerRef.kind"),
                format!("cert-manager has no `{}`", issuer.kind),
            )
            .help("write `kind: ClusterIssuer`, or `kind: Issuer` for one of the same namespace"),
        );
    }
}

fn example(field: &str) -> &'static str {
    match field {
        "issuerRef" => "issuerRef: {kind: ClusterIssuer, name: ISSUER}",
        "secretName" => "secretName: SECRET",
        "ca" => "ca: /etc/redis/tls/ca.crt",
        "cert" => "cert: /etc/redis/tls/tls.crt",
        _ => "key: /etc/redis/tls/tls.key",
    }
}
