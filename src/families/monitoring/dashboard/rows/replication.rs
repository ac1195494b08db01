use super::{NO_YES, Row};
use crate::families::monitoring::dashboard::panels::{Panel, has_replicas, red_above, red_below};

pub const ROW: Row = Row {
    title: "Replication",
    panels: &[
        Panel::graph(
            "Silence of replicas",
            "Seconds since each replica's last acknowledgement; above the line it does not count for min-replicas-to-write.",
            "s",
            &[(
                "max by (instance, slave_ip, slave_port) (redis_connected_slave_lag_seconds{<data>})",
                "{{slave_ip}}:{{slave_port}}",
            )],
        )
        .steps(|n| red_above(n.max_lag_seconds))
        .when(has_replicas),
        Panel::graph(
            "Lag",
            "What replicas have not acknowledged yet; beyond the line a broken link means a full copy.",
            "bytes",
            &[("redisforge:redis_replication_lag:bytes{<recorded>}", "{{slave_ip}}:{{slave_port}}")],
        )
        .steps(|n| red_above(n.lag_bytes))
        .when(has_replicas),
        Panel::graph(
            "Time that the backlog holds",
            "A replica that is away for longer needs a full copy.",
            "s",
            &[(
                "max by (instance) (redis_replication_backlog_bytes{<data>}) \
                 / (max by (instance) (rate(redis_master_repl_offset{<data>}[$__rate_interval])) > 0)",
                "{{instance}}",
            )],
        )
        .steps(|n| red_below(n.backlog_seconds))
        .when(has_replicas),
        Panel::graph(
            "Link to the master",
            "Whether each replica is connected.",
            "short",
            &[("min by (instance) (redis_master_link_up{<data>})", "{{instance}}")],
        )
        .words(NO_YES)
        .when(has_replicas),
        Panel::graph(
            "Connected replicas",
            "As each node counts them.",
            "short",
            &[("max by (instance) (redis_connected_slaves{<data>})", "{{instance}}")],
        ),
        Panel::graph(
            "Copies to replicas",
            "Full copies, and links that were resumed or refused.",
            "short",
            &[
                ("sum by (instance) (increase(redis_replica_resyncs_full{<data>}[$__rate_interval]))", "full {{instance}}"),
                (
                    "sum by (instance) (increase(redis_replica_partial_resync_accepted{<data>}[$__rate_interval]))",
                    "resumed {{instance}}",
                ),
                (
                    "sum by (instance) (increase(redis_replica_partial_resync_denied{<data>}[$__rate_interval]))",
                    "refused {{instance}}",
                ),
            ],
        ),
    ],
};
