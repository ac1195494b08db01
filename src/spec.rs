//! The topology spec as typed data with its defaults: what a user may write, field by field.
//!
//! The field comments are the user's documentation: they become the JSON Schema's descriptions and the text of
//! `redisforge explain`.

mod allow;
mod auth;
mod config;
mod engine;
mod logging;
mod masters;
mod metadata;
mod monitoring;
mod network;
mod notifications;
mod placement;
mod platform;
mod redis;
mod secret;
mod sentinel;
mod thresholds;
mod tls;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    allow::Allow,
    auth::{Acl, Auth, OWN_USERS, User},
    config::{Config, Value},
    engine::{Engine, EngineType, LocalObject},
    logging::{Facility, Logging, LoggingType},
    masters::{Master, MasterSentinel},
    metadata::Metadata,
    monitoring::{Alerts, Dashboard, Delivery, Exporter, Monitoring, Scrape, ScrapeType},
    network::{Announce, Expression, IpBlock, LabelSelector, Network, Peer, Policy},
    notifications::{Notifications, Webhook},
    placement::{Placement, Spread, Toleration, Zones},
    platform::{Host, Kubernetes, Platform, PlatformType, Role},
    redis::{Cpu, MinReplicas, Persistence, PersistenceType, Redis},
    secret::{SecretKey, SecretSource},
    sentinel::{Sentinel, SentinelPersistence},
    thresholds::Thresholds,
    tls::{Certificate, CertificateType, ClientCertificates, IssuerRef, Tls, TlsMode},
};

/// What `apiVersion` says.
pub const API_VERSION: &str = "redisforge.dev/v1alpha1";
/// What `kind` says.
pub const KIND: &str = "RedisTopology";
/// What `kind` says in a file that is only a base.
pub const BASE_KIND: &str = "RedisTopologyBase";

/// One Redis Sentinel deployment: its masters, their replicas and the Sentinels that watch them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "RedisTopology")]
pub struct Spec {
    /// Version of this format: `redisforge.dev/v1alpha1`.
    #[schemars(extend("const" = API_VERSION))]
    pub api_version: String,
    /// `RedisTopology`; in a file that others are based on and that is never rendered by itself, `RedisTopologyBase`.
    #[schemars(extend("const" = KIND))]
    pub kind: String,
    /// Name, namespace, labels and annotations of the deployment.
    pub metadata: Metadata,
    /// What is to run.
    pub spec: Body,
}

/// What is to run. Everything has a default; `{}` is a complete deployment.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Body {
    /// Files that this one is based on: others of the same repository, by paths relative to this one. Maps merge by key; lists
    /// of masters, hosts, users and webhooks merge by `name`, other lists replace. Later files win over earlier ones, and this
    /// one over all. `null` takes an inherited value away, `$patch: delete` beside a `name` an inherited item. Bases may have
    /// bases, at most 5 deep.
    pub based_on: Vec<Base>,
    /// Where it runs: Kubernetes or hosts.
    pub platform: Platform,
    /// Redis or Valkey, its version and image.
    pub engine: Engine,
    /// Defaults for the data nodes of every master.
    pub redis: Redis,
    /// The masters that this one set of Sentinels watches. Default: one, named `metadata.name`.
    #[schemars(extend("x-key" = "name"))]
    pub masters: Vec<Master>,
    /// The Sentinels.
    pub sentinel: Sentinel,
    /// How nodes are spread over machines and zones.
    pub placement: Placement,
    /// Passwords and ACL users: where they are kept, never their values.
    pub auth: Auth,
    /// Encryption of all connections.
    pub tls: Tls,
    /// Announced names, NetworkPolicies and Services.
    pub network: Network,
    /// Who is told about Sentinel events.
    pub notifications: Notifications,
    /// Exporter, scraping, alerts and dashboard.
    pub monitoring: Monitoring,
    /// Where Redis and Sentinel write their log.
    pub logging: Logging,
    /// Findings that are accepted, each with a reason.
    pub allow: Vec<Allow>,
}

/// A file that a spec is based on.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Base {
    /// Path of a `RedisTopologyBase` or another spec in the same repository, relative to this file.
    pub path: String,
}

impl Spec {
    /// Whether the platform is Kubernetes.
    #[must_use]
    pub fn on_kubernetes(&self) -> bool {
        self.spec.platform.r#type == PlatformType::Kubernetes
    }

    /// Whether the platform is Hosts.
    #[must_use]
    pub fn on_hosts(&self) -> bool {
        !self.on_kubernetes()
    }

    /// Number of Sentinels: as written, else the hosts with that role, else 3.
    #[must_use]
    pub fn sentinel_instances(&self) -> u32 {
        self.spec.sentinel.instances.unwrap_or_else(|| match self.spec.platform.r#type {
            PlatformType::Kubernetes => sentinel::DEFAULT_INSTANCES,
            PlatformType::Hosts => count(self.spec.platform.hosts_with(Role::Sentinel)),
        })
    }

    /// Number of Sentinels that must agree: as written, else the majority.
    #[must_use]
    pub fn quorum(&self) -> u32 {
        self.spec.sentinel.quorum.unwrap_or_else(|| self.sentinel_instances() / 2 + 1)
    }

    /// The hosts that run a node of this master, in the order of `platform.hosts`.
    pub fn hosts_of<'a>(&'a self, master: &'a Master) -> impl Iterator<Item = &'a Host> {
        self.spec
            .platform
            .hosts_with(Role::Redis)
            .filter(|host| master.hosts.as_ref().is_none_or(|names| names.contains(&host.name)))
    }

    /// Replicas of a master: as written, else its hosts less one, else 2.
    #[must_use]
    pub fn replicas_of(&self, master: &Master) -> u32 {
        master.redis.replicas_per_master.unwrap_or_else(|| match self.spec.platform.r#type {
            PlatformType::Kubernetes => redis::DEFAULT_REPLICAS,
            PlatformType::Hosts => count(self.hosts_of(master)).saturating_sub(1),
        })
    }

    /// Replicas without which a master takes no writes: as written, else 1 if it has 2 or more, which can spare one.
    #[must_use]
    pub fn min_replicas_of(&self, master: &Master) -> u32 {
        let written = master.redis.min_replicas.to_write;
        written.unwrap_or_else(|| u32::from(self.replicas_of(master) >= 2))
    }

    /// How nodes are known to each other: as written, else by name on Kubernetes and by address on hosts.
    #[must_use]
    pub fn announce(&self) -> Announce {
        self.spec.network.announce.unwrap_or(match self.spec.platform.r#type {
            PlatformType::Kubernetes => Announce::Hostname,
            PlatformType::Hosts => Announce::Address,
        })
    }

    /// Whether all connections are encrypted.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.spec.tls.mode == Some(TlsMode::Required)
    }

    /// Whether clients are `auth.users` and every program has a user of its own.
    #[must_use]
    pub fn has_acl(&self) -> bool {
        self.spec.auth.enabled && self.spec.auth.acl == Acl::LeastPrivilege
    }

    /// The image, as written or as follows from type and version.
    #[must_use]
    pub fn image(&self) -> String {
        self.spec.engine.image.clone().unwrap_or_else(|| self.spec.engine.default_image())
    }

    /// How targets are found: as written, else by PodMonitor on Kubernetes and by a plain file on hosts.
    #[must_use]
    pub fn scrape_type(&self) -> ScrapeType {
        self.spec.monitoring.scrape.r#type.unwrap_or(match self.spec.platform.r#type {
            PlatformType::Kubernetes => ScrapeType::PodMonitor,
            PlatformType::Hosts => ScrapeType::Static,
        })
    }

    /// How the dashboard is handed over: as written, else by ConfigMap on Kubernetes and as a file on hosts.
    #[must_use]
    pub fn dashboard_delivery(&self) -> Delivery {
        self.spec.monitoring.dashboard.delivery.unwrap_or(match self.spec.platform.r#type {
            PlatformType::Kubernetes => Delivery::ConfigMap,
            PlatformType::Hosts => Delivery::File,
        })
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
