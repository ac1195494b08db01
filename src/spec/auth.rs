//! `spec.auth`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::SecretSource;

/// ACL users that redisforge makes for its own programs, and the one that Redis has anyway.
pub const OWN_USERS: &[&str] = &["default", "replication", "sentinel", "exporter", "node"];

/// Passwords and ACL users: where they are kept, never their values.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Auth {
    /// Default: true. `false` needs a reason in `allow`.
    pub enabled: bool,
    /// Password of every data node (`requirepass`), and the default of the others here.
    /// Default: Secret `NAME-redis` key `password`; on hosts `/etc/redis/secrets/password`.
    pub password: Option<SecretSource>,
    /// Password that replicas give to their master (`masterauth`).
    pub replication_password: Option<SecretSource>,
    /// Password that Sentinels give to data nodes (`sentinel auth-pass`).
    pub sentinel_auth_password: Option<SecretSource>,
    /// Password of the Sentinels themselves.
    pub sentinel_password: Option<SecretSource>,
    /// Password of the user `exporter`, with `acl: LeastPrivilege`.
    pub exporter_password: Option<SecretSource>,
    /// Password of the user `node` (start and stop scripts, probes), with `acl: LeastPrivilege`.
    pub node_password: Option<SecretSource>,
    /// `Disabled` (default) or `LeastPrivilege`: user `default` is off, clients are `users`, and replication, Sentinel,
    /// exporter and scripts have users of their own with the rights they need.
    pub acl: Acl,
    /// Users of the clients, with `acl: LeastPrivilege`.
    #[schemars(extend("x-key" = "name"))]
    pub users: Vec<User>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            enabled: true,
            password: None,
            replication_password: None,
            sentinel_auth_password: None,
            sentinel_password: None,
            exporter_password: None,
            node_password: None,
            acl: Acl::Disabled,
            users: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Acl {
    Disabled,
    LeastPrivilege,
}

/// A user for clients.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    /// Name that the client authenticates with.
    pub name: String,
    /// Where its password is kept.
    pub password: SecretSource,
    /// ACL rules such as `~shop:*`, `&shop:*`, `+@read`.
    pub rules: Vec<String>,
}
