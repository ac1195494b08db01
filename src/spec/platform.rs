//! `spec.platform`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the deployment runs.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Platform {
    /// `Kubernetes` (default) or `Hosts`.
    pub r#type: PlatformType,
    /// The cluster, for `Kubernetes`.
    pub kubernetes: Kubernetes,
    /// The machines, for `Hosts`. Numbers of nodes and Sentinels follow from them.
    #[schemars(extend("x-key" = "name"))]
    pub hosts: Vec<Host>,
}

impl Platform {
    /// The hosts that have a role, in written order.
    pub fn hosts_with(&self, role: Role) -> impl Iterator<Item = &Host> {
        self.hosts.iter().filter(move |host| host.roles.contains(&role))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum PlatformType {
    #[default]
    Kubernetes,
    Hosts,
}

/// The Kubernetes cluster that the objects go to.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Kubernetes {
    /// Oldest Kubernetes version that the objects are applied to, 1.28 or later. Default: `"1.30"`.
    pub version: String,
    /// Name of the cluster. Two topologies that name one cluster may not share a master name.
    #[schemars(length(max = 255))]
    pub cluster: Option<String>,
    /// DNS domain of the cluster. Default: `cluster.local`.
    #[schemars(length(max = 255))]
    pub cluster_domain: String,
}

impl Default for Kubernetes {
    fn default() -> Self {
        Self { version: "1.30".into(), cluster: None, cluster_domain: "cluster.local".into() }
    }
}

/// One machine.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Host {
    /// Name of the machine; what DNS knows when `network.announce` is `Hostname`.
    pub name: String,
    /// Address that the other machines and the clients reach it by.
    pub address: String,
    /// Room, rack or zone: what fails together. With zones written, the loss of each is judged.
    #[serde(default)]
    pub zone: Option<String>,
    /// What runs here. Default: `[Redis, Sentinel]`.
    #[serde(default = "all_roles")]
    pub roles: Vec<Role>,
    /// Addresses to listen on. Default: `address` and 127.0.0.1. Write it where `address` is not on the machine.
    #[serde(default)]
    pub bind: Option<Vec<String>>,
}

impl Host {
    /// Addresses to listen on: as written, else its own and the loopback address. Redis does not start with an address twice.
    #[must_use]
    pub fn bind(&self) -> Vec<String> {
        self.bind.clone().unwrap_or_else(|| {
            let mut addresses = vec![self.address.clone(), "127.0.0.1".into()];
            addresses.dedup();
            addresses
        })
    }
}

fn all_roles() -> Vec<Role> {
    vec![Role::Redis, Role::Sentinel]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Role {
    Redis,
    Sentinel,
}
