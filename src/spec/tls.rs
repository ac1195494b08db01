//! `spec.tls`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Encryption of all connections: data, replication, Sentinel, probes, exporter.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Tls {
    /// `Required`: everything is encrypted and plain ports are closed. `Disabled` (default): nothing is.
    /// Leaving it out is a warning, so that clear text is somebody's decision.
    pub mode: Option<TlsMode>,
    /// Where certificates come from; needed with `mode: Required`.
    pub certificate: Option<Certificate>,
    /// Whether clients must show a certificate: `Disabled`, `Optional` or `Required`. Default: `Optional`.
    pub client_certificates: ClientCertificates,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum TlsMode {
    Disabled,
    Required,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum ClientCertificates {
    Disabled,
    #[default]
    Optional,
    Required,
}

/// Where certificates come from.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Certificate {
    /// `CertManager` (with `issuerRef`), `Secret` (with `secretName`) or `Files` (with `ca`, `cert`, `key`).
    pub r#type: CertificateType,
    /// Issuer that cert-manager asks, with `CertManager`.
    #[serde(default)]
    pub issuer_ref: Option<IssuerRef>,
    /// Secret with the keys `ca.crt`, `tls.crt` and `tls.key`, with `Secret`.
    #[serde(default)]
    pub secret_name: Option<String>,
    /// Path of the CA certificates on the host, with `Files`.
    #[serde(default)]
    pub ca: Option<String>,
    /// Path of the certificate on the host, with `Files`.
    #[serde(default)]
    pub cert: Option<String>,
    /// Path of the private key on the host, with `Files`.
    #[serde(default)]
    pub key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum CertificateType {
    CertManager,
    Secret,
    Files,
}

/// A cert-manager issuer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerRef {
    /// `Issuer` or `ClusterIssuer`.
    pub kind: String,
    /// Name of the issuer.
    pub name: String,
}
