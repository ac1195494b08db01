use super::Row;
use crate::families::monitoring::dashboard::panels::{Panel, red_above};

pub const ROW: Row = Row {
    title: "Clients and errors",
    panels: &[
        Panel::graph(
            "Use of maxclients",
            "Connections as a share of maxclients.",
            "percentunit",
            &[(
                "max by (instance) (redis_connected_clients{<data>} / redis_max_clients{<data>})",
                "{{instance}}",
            )],
        )
        .steps(|n| red_above(n.clients_used)),
        Panel::graph(
            "Connections",
            "Open ones, and those that wait in a blocking command.",
            "short",
            &[
                ("max by (instance) (redis_connected_clients{<data>})", "open {{instance}}"),
                ("max by (instance) (redis_blocked_clients{<data>})", "blocked {{instance}}"),
            ],
        ),
        Panel::graph(
            "New connections",
            "Taken and refused ones.",
            "cps",
            &[
                (
                    "sum by (instance) (rate(redis_connections_received_total{<data>}[$__rate_interval]))",
                    "taken {{instance}}",
                ),
                (
                    "sum by (instance) (rate(redis_rejected_connections_total{<data>}[$__rate_interval]))",
                    "refused {{instance}}",
                ),
            ],
        ),
        Panel::graph(
            "Errors",
            "Error replies by kind; NOAUTH includes the liveness probes, ERR one for each scrape of an exporter before 1.61.",
            "ops",
            &[(
                "sum by (instance, err) (rate(redis_errors_total{<data>}[$__rate_interval]))",
                "{{err}} {{instance}}",
            )],
        ),
        Panel::graph(
            "Failed and rejected commands",
            "Commands that failed while they ran, or before.",
            "ops",
            &[
                (
                    "sum by (instance) (rate(redis_commands_failed_calls_total{<data>}[$__rate_interval]))",
                    "failed {{instance}}",
                ),
                (
                    "sum by (instance) (rate(redis_commands_rejected_calls_total{<data>}[$__rate_interval]))",
                    "rejected {{instance}}",
                ),
            ],
        ),
    ],
};
