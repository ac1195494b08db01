//! `spec.monitoring.alerts.thresholds`: one field for every number of the alerts that is a matter of taste.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The numbers in the alerts that are a matter of taste.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Thresholds {
    /// Part of `maxmemory` in use above which `RedisMemoryHigh` fires, in percent; with policy `noeviction`. Default: 80.
    pub memory_used_percent: u32,
    /// Part of `maxmemory` in use above which `RedisMemoryFull` fires, in percent; with policy `noeviction`. Default: 95.
    pub memory_full_percent: u32,
    /// Keys that one node may evict per second, with a policy that evicts; `RedisEvictionRateHigh`. Default: 1000.
    pub evicted_keys_per_second: u32,
    /// Part of the container's memory that a node may occupy, in percent; `RedisRssNearContainerLimit`. Default: 90.
    pub container_memory_percent: u32,
    /// Occupied by used memory above which `RedisFragmentationHigh` fires. Default: 1.5.
    #[schemars(range(min = 1))]
    pub fragmentation_ratio: f64,
    /// Mebibytes that fragmentation must waste before `RedisFragmentationHigh` fires. Default: 100.
    pub fragmentation_mebibytes: u32,
    /// Part of `maxclients` in use above which `RedisClientsNearMax` fires, in percent. Default: 80.
    pub clients_used_percent: u32,
    /// New connections that one node may take per second; `RedisConnectionChurn`. Default: 50.
    pub connections_per_second: u32,
    /// Refused logins and commands that one node may answer per minute; `RedisAuthFailures`. Default: 0.
    pub auth_failures_per_minute: u32,
    /// Commands that may enter one node's slow log per minute; `RedisSlowCommands`. Default: 2.
    pub slow_commands_per_minute: u32,
    /// Longest event that Redis' latency monitor may see, in milliseconds; `RedisLatencySpike`, which is rendered if
    /// `config` sets `latency-monitor-threshold`. Default: 500.
    pub latency_spike_milliseconds: u32,
    /// Part of the replication backlog that a replica may lag behind, in percent; `RedisReplicationLagBytes`. Default: 50.
    pub backlog_lag_percent: u32,
    /// Seconds of writes that the replication backlog must hold; `RedisBacklogTooSmall`. Default: 60.
    pub backlog_seconds: u32,
    /// Minutes that a full copy to a replica may take; `RedisSyncTooLong`. Default: 15.
    pub full_sync_minutes: u32,
    /// Minutes that a node may load its data at its start; `RedisLoadingTooLong`. Default: 10.
    pub loading_minutes: u32,
    /// Times per minute that the AOF's fsync may take longer than two seconds; `RedisAofFsyncDelayed`. Default: 0.
    pub delayed_fsyncs_per_minute: u32,
    /// Restarts of one process in half an hour that are still usual; `RedisRestartLoop`. Default: 2.
    pub restarts_per_half_hour: u32,
    /// Minutes that nodes may differ in their version, as during an upgrade; `RedisVersionSkew`. Default: 60.
    pub version_skew_minutes: u32,
    /// Failovers of one master in an hour at which `RedisFailoverFlapping` fires. Default: 3.
    pub failovers_per_hour: u32,
    /// Notification scripts that may wait for their turn; `RedisSentinelScriptsBacklog`. Default: 10.
    pub queued_scripts: u32,
    /// Days before a certificate ends at which `RedisTlsCertExpiring` fires. Default: 14.
    pub certificate_days: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            memory_used_percent: 80,
            memory_full_percent: 95,
            evicted_keys_per_second: 1000,
            container_memory_percent: 90,
            fragmentation_ratio: 1.5,
            fragmentation_mebibytes: 100,
            clients_used_percent: 80,
            connections_per_second: 50,
            auth_failures_per_minute: 0,
            slow_commands_per_minute: 2,
            latency_spike_milliseconds: 500,
            backlog_lag_percent: 50,
            backlog_seconds: 60,
            full_sync_minutes: 15,
            loading_minutes: 10,
            delayed_fsyncs_per_minute: 0,
            restarts_per_half_hour: 2,
            version_skew_minutes: 60,
            failovers_per_hour: 3,
            queued_scripts: 10,
            certificate_days: 14,
        }
    }
}
