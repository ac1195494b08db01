//! The alerts: their names, how grave they are, and what each needs to mean anything. What an alert says is the template
//! `_partials/monitoring/NAME.yaml`, what to do about it `_partials/runbook/NAME.md`.

/// Alerts that belong together; a group of rules in Prometheus.
pub struct Group {
    pub name: &'static str,
    pub alerts: &'static [Alert],
}

/// One alert.
pub struct Alert {
    pub name: &'static str,
    pub severity: Severity,
    pub about: About,
    pub needs: Needs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Critical,
    Warning,
    Info,
}

/// What one rule of an alert looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The deployment.
    Topology,
    /// The masters: one rule for all of them where it would be the same for each, else one for each.
    Master,
    /// One master, by its name: only so can it be seen that nothing at all is measured of it.
    NamedMaster,
}

/// What must be true of a master or of the deployment, or the alert could never fire or would always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Replicas,
    SeveralReplicas,
    /// Replicas whose lag is seen before Redis drops them for it.
    VisibleLag,
    /// Enough scrapes to see that often a node is restarted.
    VisibleRestarts,
    MinReplicas,
    Backlog,
    /// A limit, and writes that are refused beyond it.
    NoEviction,
    /// A limit, and keys that make room for others beyond it.
    Eviction,
    MemoryLimit,
    Aof,
    Rdb,
    SavePoints,
    Persistence,
    Passwords,
    LatencyMonitor,
    NotificationScripts,
    CertManager,
}

impl Severity {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Names of all alerts, whether a topology has them or not.
pub fn names() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|group| group.alerts).map(|alert| alert.name)
}

const fn critical(name: &'static str, about: About, needs: Needs) -> Alert {
    Alert { name, severity: Severity::Critical, about, needs }
}

const fn warning(name: &'static str, about: About, needs: Needs) -> Alert {
    Alert { name, severity: Severity::Warning, about, needs }
}

const fn info(name: &'static str, about: About, needs: Needs) -> Alert {
    Alert { name, severity: Severity::Info, about, needs }
}

use About::{Master, NamedMaster, Topology};
use Needs::Nothing;

pub const GROUPS: &[Group] = &[
    Group {
        name: "availability",
        alerts: &[
            critical("RedisMetricsAbsent", NamedMaster, Nothing),
            critical("RedisSentinelMetricsAbsent", Topology, Nothing),
            warning("RedisExporterDown", Topology, Nothing),
            warning("RedisInstanceDown", Master, Nothing),
            warning("RedisInstancesMissing", Master, Nothing),
            critical("RedisAllInstancesDown", Master, Nothing),
            critical("RedisNoMaster", Master, Nothing),
            critical("RedisMultipleMasters", Master, Nothing),
            critical("RedisMasterNotWhatSentinelSays", Master, Nothing),
            warning("RedisVersionSkew", Topology, Nothing),
            warning("RedisRestartLoop", Topology, Needs::VisibleRestarts),
        ],
    },
    Group {
        name: "sentinel",
        alerts: &[
            warning("RedisSentinelDown", Topology, Nothing),
            critical("RedisSentinelMajorityDown", Topology, Nothing),
            critical("RedisSentinelQuorumUnreachable", Topology, Nothing),
            critical("RedisSentinelPeersBelowMajority", Topology, Nothing),
            warning("RedisSentinelPeerCountDrift", Topology, Nothing),
            warning("RedisSentinelReplicaCountDrift", Master, Nothing),
            critical("RedisSentinelNoFailoverCandidate", Master, Needs::Replicas),
            critical("RedisNoPromotableReplica", Master, Needs::Replicas),
            warning("RedisSentinelSeesMasterDown", Topology, Nothing),
            critical("RedisFailoverStuck", Master, Nothing),
            critical("RedisSentinelsDisagree", Topology, Nothing),
            critical("RedisSentinelNotMonitoring", Topology, Nothing),
            warning("RedisSentinelTilt", Topology, Nothing),
            warning("RedisSentinelScriptsBacklog", Topology, Needs::NotificationScripts),
            warning("RedisSentinelConfigDrift", Master, Nothing),
            info("RedisFailoverHappened", Topology, Nothing),
            critical("RedisFailoverFlapping", Topology, Nothing),
        ],
    },
    Group {
        name: "replication",
        alerts: &[
            warning("RedisReplicationLinkDown", Master, Needs::Replicas),
            warning("RedisReplicasConnectedLow", Master, Needs::Replicas),
            critical("RedisWritesRefusedMinReplicas", Master, Needs::MinReplicas),
            warning("RedisReplicationLagSeconds", Master, Needs::VisibleLag),
            warning("RedisReplicationLagBytes", Master, Needs::Backlog),
            warning("RedisBacklogTooSmall", Master, Needs::Backlog),
            warning("RedisPartialResyncDenied", Master, Needs::Replicas),
            critical("RedisFullResyncLoop", Master, Needs::Replicas),
            warning("RedisSyncTooLong", Master, Needs::Replicas),
            warning("RedisReplicasFollowDifferentMasters", Master, Needs::SeveralReplicas),
            warning("RedisReplicaWritable", Master, Needs::Replicas),
        ],
    },
    Group {
        name: "memory",
        alerts: &[
            warning("RedisMemoryHigh", Master, Needs::NoEviction),
            critical("RedisMemoryFull", Master, Needs::NoEviction),
            critical("RedisUnexpectedEvictions", Master, Needs::NoEviction),
            warning("RedisEvictionRateHigh", Master, Needs::Eviction),
            critical("RedisRssNearContainerLimit", Master, Needs::MemoryLimit),
            warning("RedisFragmentationHigh", Master, Nothing),
        ],
    },
    Group {
        name: "clients",
        alerts: &[
            warning("RedisClientsNearMax", Master, Nothing),
            critical("RedisRejectedConnections", Master, Nothing),
            warning("RedisConnectionChurn", Master, Nothing),
            critical("RedisWriteErrors", Master, Nothing),
            warning("RedisAuthFailures", Master, Needs::Passwords),
            warning("RedisSlowCommands", Master, Nothing),
            warning("RedisLatencySpike", Master, Needs::LatencyMonitor),
        ],
    },
    Group {
        name: "persistence",
        alerts: &[
            critical("RedisRdbSaveFailed", Master, Needs::Rdb),
            critical("RedisAofWriteFailed", Master, Needs::Aof),
            warning("RedisRdbSaveStale", Master, Needs::SavePoints),
            warning("RedisAofRewriteFailed", Master, Needs::Aof),
            warning("RedisAofFsyncDelayed", Master, Needs::Aof),
            warning("RedisLoadingTooLong", Master, Needs::Persistence),
        ],
    },
    Group {
        name: "configuration",
        alerts: &[
            warning("RedisConfigDrift", Master, Nothing),
            warning("RedisTlsCertExpiring", Topology, Needs::CertManager),
        ],
    },
];
