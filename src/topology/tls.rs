//! Certificates: where they lie.

use serde::Serialize;

use super::MOUNT;
use crate::spec::{CertificateType, ClientCertificates, Spec};

#[derive(Clone, Debug, Serialize)]
pub struct Tls {
    pub ca: String,
    pub cert: String,
    pub key: String,
    /// `yes`, `no` or `optional`, as `tls-auth-clients` wants it.
    pub auth_clients: &'static str,
    /// Secret that the user keeps, on Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
}

/// The cert-manager issuer, which signs one certificate for each workload.
#[derive(Clone, Debug, Serialize)]
pub struct Issuer {
    pub kind: String,
    pub name: String,
}

impl Tls {
    /// Nothing without TLS.
    pub(super) fn from_spec(spec: &Spec) -> Option<Self> {
        if !spec.has_tls() {
            return None;
        }
        let certificate = spec.spec.tls.certificate.as_ref();
        let on_host = |path: fn(&crate::spec::Certificate) -> Option<&String>, file: &str| {
            certificate
                .filter(|certificate| certificate.r#type == CertificateType::Files)
                .and_then(path)
                .cloned()
                .unwrap_or_else(|| format!("{MOUNT}/tls/{file}"))
        };
        Some(Self {
            ca: on_host(|certificate| certificate.ca.as_ref(), "ca.crt"),
            cert: on_host(|certificate| certificate.cert.as_ref(), "tls.crt"),
            key: on_host(|certificate| certificate.key.as_ref(), "tls.key"),
            auth_clients: match spec.spec.tls.client_certificates {
                ClientCertificates::Disabled => "no",
                ClientCertificates::Optional => "optional",
                ClientCertificates::Required => "yes",
            },
            secret: certificate.and_then(|certificate| certificate.secret_name.clone()),
            issuer: certificate
                .and_then(|certificate| certificate.issuer_ref.as_ref())
                .map(|issuer| Issuer { kind: issuer.kind.clone(), name: issuer.name.clone() }),
        })
    }
}
