//! ACL users with the least rights that each program needs, proven by taking one right away at a time.

use serde::Serialize;

use super::secrets;
use crate::spec::{EngineType, SecretSource, Spec};

/// An ACL user. Its password's hash is added where the secret is: on the node, at its start.
#[derive(Clone, Debug, Serialize)]
pub struct AclUser {
    pub name: String,
    /// File that holds its password; none for a user that is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub rules: Vec<String>,
}

/// What Sentinel does to a data node. `slaveof` is what it sends, in every version, Valkey included; `config|rewrite` and
/// `client|kill` stand in one MULTI, so lacking one aborts the promotion.
const SENTINEL_ON_DATA: &str = "resetchannels &__sentinel__:hello -@all +ping +info +subscribe +publish +multi +exec +slaveof \
                                +config|rewrite +client|setname +client|kill +script|kill";
const REPLICATION: &str = "resetchannels -@all +ping +psync +replconf";
/// Start, stop, watcher and readiness.
const NODE_ON_DATA: &str =
    "resetchannels -@all +ping +info +client|pause +client|unpause +config|set";
const NODE_ON_SENTINEL: &str =
    "resetchannels -@all +ping +info +sentinel|master +sentinel|ckquorum +sentinel|failover";
const EXPORTER_ON_DATA: &str = "resetchannels -@all +info +client|setname +slowlog|len +slowlog|get +latency|latest +command|info";
const EXPORTER_ON_SENTINEL: &str = "resetchannels -@all +info +client|setname +sentinel|masters +sentinel|sentinels \
                                    +sentinel|slaves +sentinel|ckquorum +command|info";
const SENTINEL_ON_SENTINEL: &str = "resetchannels &__sentinel__:hello -@all +ping +publish +client|setname \
                                    +sentinel|is-master-down-by-addr";
/// Clients look up masters and follow switches.
const DEFAULT_ON_SENTINEL: &str = "allchannels -@all +ping +hello +client|setname +subscribe +psubscribe +unsubscribe \
                                   +punsubscribe +role +info +sentinel|get-master-addr-by-name +sentinel|sentinels \
                                   +sentinel|replicas +sentinel|slaves +sentinel|masters +sentinel|master \
                                   +sentinel|ckquorum";

/// Users of every data node; none without ACL.
pub(super) fn data_users(spec: &Spec) -> Vec<AclUser> {
    if !spec.has_acl() {
        return Vec::new();
    }
    let auth = &spec.spec.auth;
    let mut users = vec![
        AclUser {
            name: "default".into(),
            file: None,
            rules: vec!["off".into(), "-@all".into(), "resetchannels".into()],
        },
        user(spec, "replication", auth.replication_password.as_ref(), words(REPLICATION)),
        user(spec, "sentinel", auth.sentinel_auth_password.as_ref(), words(SENTINEL_ON_DATA)),
        user(spec, "exporter", auth.exporter_password.as_ref(), exporter_on_data(spec)),
        user(spec, "node", auth.node_password.as_ref(), words(NODE_ON_DATA)),
    ];
    // A new user has every channel in 6.2 and none from 7.0 on; here it has those that its rules name.
    let written = |rules: &[String]| {
        ["resetchannels".to_string()].into_iter().chain(rules.iter().cloned()).collect()
    };
    users.extend(
        auth.users
            .iter()
            .map(|own| user(spec, &own.name, Some(&own.password), written(&own.rules))),
    );
    users
}

/// Users of every Sentinel; none without ACL.
pub(super) fn sentinel_users(spec: &Spec) -> Vec<AclUser> {
    if !spec.has_acl() {
        return Vec::new();
    }
    let auth = &spec.spec.auth;
    let mut default = words(DEFAULT_ON_SENTINEL);
    if knows_setinfo(spec) {
        default.push("+client|setinfo".into());
    }
    vec![
        user(spec, "default", auth.sentinel_password.as_ref(), default),
        user(spec, "sentinel", auth.sentinel_auth_password.as_ref(), words(SENTINEL_ON_SENTINEL)),
        user(spec, "exporter", auth.exporter_password.as_ref(), words(EXPORTER_ON_SENTINEL)),
        user(spec, "node", auth.node_password.as_ref(), words(NODE_ON_SENTINEL)),
    ]
}

fn user(spec: &Spec, name: &str, source: Option<&SecretSource>, rules: Vec<String>) -> AclUser {
    AclUser {
        name: name.into(),
        file: Some(secrets::file(spec, source)),
        rules: ["on".into()].into_iter().chain(rules).collect(),
    }
}

fn exporter_on_data(spec: &Spec) -> Vec<String> {
    let mut rules = words(EXPORTER_ON_DATA);
    let version = spec.spec.engine.version();
    if version != "6.2" {
        rules.push("+latency|histogram".into());
    }
    if spec.spec.engine.r#type == EngineType::Valkey && !["7.2", "8.0"].contains(&version) {
        rules.extend(["+commandlog|len".into(), "+commandlog|get".into()]);
    }
    rules
}

/// Client libraries send it on connecting; it is fatal in the rules of a version that lacks it.
fn knows_setinfo(spec: &Spec) -> bool {
    !["6.2", "7.0"].contains(&spec.spec.engine.version())
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}
