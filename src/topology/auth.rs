//! Who must show which password, and who is told of what. The passwords themselves never come this way.

use serde::Serialize;

use super::{
    Topology,
    acl::{self, AclUser},
    secrets::{Secret, file, mounted},
};
use crate::spec::Spec;

/// Passwords: files that hold them.
#[derive(Clone, Debug, Serialize)]
pub struct Auth {
    pub acl: bool,
    pub password_file: String,
    pub replication_password_file: String,
    pub sentinel_auth_password_file: String,
    pub sentinel_password_file: String,
    pub exporter_password_file: String,
    pub node_password_file: String,
    /// Users of every data node, with ACL.
    pub users: Vec<AclUser>,
    /// What every pod mounts, on Kubernetes.
    pub secrets: Vec<Secret>,
    /// What data pods mount beside it: the passwords of clients.
    pub user_secrets: Vec<Secret>,
}

/// Who is told about Sentinel events.
#[derive(Clone, Debug, Serialize)]
pub struct Notifications {
    pub alertmanagers: Vec<String>,
    pub events: Vec<String>,
    pub webhooks: Vec<Webhook>,
    /// What Sentinel pods mount for the webhooks, on Kubernetes.
    pub secrets: Vec<Secret>,
}

/// Where each switch of a master is posted.
#[derive(Clone, Debug, Serialize)]
pub struct Webhook {
    pub name: String,
    /// File that holds the URL.
    pub file: String,
}

impl Auth {
    /// Nothing where authentication is off.
    pub(super) fn from_spec(spec: &Spec) -> Option<Self> {
        let auth = &spec.spec.auth;
        if !auth.enabled {
            return None;
        }
        let own = [
            &auth.password,
            &auth.replication_password,
            &auth.sentinel_auth_password,
            &auth.sentinel_password,
            &auth.exporter_password,
            &auth.node_password,
        ];
        let secrets = mounted(spec, own.map(Option::as_ref));
        let user_secrets = mounted(spec, auth.users.iter().map(|user| Some(&user.password)));
        Some(Self {
            acl: spec.has_acl(),
            password_file: file(spec, auth.password.as_ref()),
            replication_password_file: file(spec, auth.replication_password.as_ref()),
            sentinel_auth_password_file: file(spec, auth.sentinel_auth_password.as_ref()),
            sentinel_password_file: file(spec, auth.sentinel_password.as_ref()),
            exporter_password_file: file(spec, auth.exporter_password.as_ref()),
            node_password_file: file(spec, auth.node_password.as_ref()),
            users: acl::data_users(spec),
            user_secrets: user_secrets
                .into_iter()
                .filter(|secret| !secrets.contains(secret))
                .collect(),
            secrets,
        })
    }
}

impl Notifications {
    pub(super) fn from_spec(spec: &Spec) -> Self {
        let notifications = &spec.spec.notifications;
        let webhooks = &notifications.webhooks;
        Self {
            alertmanagers: notifications
                .alertmanagers
                .iter()
                .map(|url| url.trim_end_matches('/').into())
                .collect(),
            events: notifications.events(),
            webhooks: webhooks
                .iter()
                .map(|webhook| Webhook {
                    name: webhook.name.clone(),
                    file: file(spec, Some(&webhook.url)),
                })
                .collect(),
            secrets: mounted(spec, webhooks.iter().map(|webhook| Some(&webhook.url))),
        }
    }
}

/// What must exist before the deployment can start.
pub(super) fn expectations(topology: &Topology) -> Vec<String> {
    let mut expected: Vec<String> = Vec::new();
    let auth = topology.auth.iter();
    let secrets = auth.clone().flat_map(|auth| auth.secrets.iter().chain(&auth.user_secrets));
    for secret in secrets.chain(&topology.notifications.secrets) {
        expected.push(format!("Secret {} key {}", secret.name, secret.key));
    }
    if topology.on_hosts() {
        for auth in auth {
            let own = [
                &auth.password_file,
                &auth.replication_password_file,
                &auth.sentinel_auth_password_file,
                &auth.sentinel_password_file,
                &auth.exporter_password_file,
                &auth.node_password_file,
            ];
            expected.extend(
                own.into_iter()
                    .chain(auth.users.iter().filter_map(|user| user.file.as_ref()))
                    .cloned(),
            );
        }
        expected.extend(topology.notifications.webhooks.iter().map(|webhook| webhook.file.clone()));
        expected.extend(
            topology.tls.iter().flat_map(|tls| [tls.ca.clone(), tls.cert.clone(), tls.key.clone()]),
        );
    } else if let Some(secret) = topology.tls.as_ref().and_then(|tls| tls.secret.as_ref()) {
        expected.extend(
            ["ca.crt", "tls.crt", "tls.key"].map(|key| format!("Secret {secret} key {key}")),
        );
    }
    let mut seen = std::collections::HashSet::new();
    expected.retain(|line| seen.insert(line.clone()));
    expected
}
