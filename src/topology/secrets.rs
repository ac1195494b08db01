//! Where secrets lie on a node. Their values never come this way.

use serde::Serialize;

use super::MOUNT;
use crate::{
    secret_fields,
    spec::{SecretKey, SecretSource, Spec},
};

/// A key of a Kubernetes Secret, and the file that it becomes in a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Secret {
    pub name: String,
    pub key: String,
    /// Path below the mount of secrets.
    pub path: String,
}

/// The file that holds a secret on a node; `password` where nothing is written.
pub(super) fn file(spec: &Spec, source: Option<&SecretSource>) -> String {
    match secret_fields::password(spec, source) {
        SecretSource { secret_ref: Some(secret), .. } => {
            format!("{MOUNT}/secrets/{}", mount_path(&secret))
        }
        SecretSource { file, .. } => file.unwrap_or_default(),
    }
}

/// Each Secret's key once, in the order of first use.
pub(super) fn mounted<'a>(
    spec: &Spec,
    sources: impl IntoIterator<Item = Option<&'a SecretSource>>,
) -> Vec<Secret> {
    let mut secrets: Vec<Secret> = Vec::new();
    for source in sources {
        if let Some(secret) = secret_fields::password(spec, source).secret_ref {
            let secret = Secret { path: mount_path(&secret), name: secret.name, key: secret.key };
            if !secrets.contains(&secret) {
                secrets.push(secret);
            }
        }
    }
    secrets
}

fn mount_path(secret: &SecretKey) -> String {
    format!("{}/{}", secret.name, secret.key)
}
