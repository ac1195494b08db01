//! Every field of a spec that says where a secret is kept.

use crate::spec::{Auth, SecretKey, SecretSource, Spec};

/// The fields that are written, by path.
#[must_use]
pub fn written(spec: &Spec) -> Vec<(String, &SecretSource)> {
    let auth = &spec.spec.auth;
    let own = own(auth)
        .into_iter()
        .filter_map(|(field, source)| source.map(|source| (format!("spec.auth.{field}"), source)));
    let users = auth.users.iter().enumerate();
    let webhooks = spec.spec.notifications.webhooks.iter().enumerate();
    own.chain(
        users.map(|(index, user)| (format!("spec.auth.users[{index}].password"), &user.password)),
    )
    .chain(webhooks.map(|(index, webhook)| {
        (format!("spec.notifications.webhooks[{index}].url"), &webhook.url)
    }))
    .collect()
}

/// What a password field says, or what it defaults to.
#[must_use]
pub fn password(spec: &Spec, field: Option<&SecretSource>) -> SecretSource {
    field.or(spec.spec.auth.password.as_ref()).cloned().unwrap_or_else(|| {
        if spec.on_hosts() {
            return SecretSource {
                secret_ref: None,
                file: Some("/etc/redis/secrets/password".into()),
            };
        }
        let name = format!("{}-redis", spec.metadata.name);
        SecretSource { secret_ref: Some(SecretKey { name, key: "password".into() }), file: None }
    })
}

/// A source as a message names it.
#[must_use]
pub fn describe(source: &SecretSource) -> String {
    match source {
        SecretSource { secret_ref: Some(SecretKey { name, key }), .. } => {
            format!("key `{key}` of Secret `{name}`")
        }
        SecretSource { file: Some(file), .. } => format!("file `{file}`"),
        SecretSource { .. } => "nothing".into(),
    }
}

fn own(auth: &Auth) -> [(&'static str, Option<&SecretSource>); 6] {
    [
        ("password", auth.password.as_ref()),
        ("replicationPassword", auth.replication_password.as_ref()),
        ("sentinelAuthPassword", auth.sentinel_auth_password.as_ref()),
        ("sentinelPassword", auth.sentinel_password.as_ref()),
        ("exporterPassword", auth.exporter_password.as_ref()),
        ("nodePassword", auth.node_password.as_ref()),
    ]
}
