use super::Row;
use crate::families::monitoring::dashboard::panels::Panel;

pub const ROW: Row = Row {
    title: "Traffic and latency",
    panels: &[
        Panel::graph(
            "Commands",
            "Commands per second.",
            "ops",
            &[(
                "sum by (instance) (rate(redis_commands_processed_total{<data>}[$__rate_interval]))",
                "{{instance}}",
            )],
        ),
        Panel::graph(
            "Hit ratio",
            "Lookups that found their key.",
            "percentunit",
            &[(
                "sum by (instance) (rate(redis_keyspace_hits_total{<data>}[$__rate_interval])) \
                 / (sum by (instance) (rate(redis_keyspace_hits_total{<data>}[$__rate_interval]) \
                 + rate(redis_keyspace_misses_total{<data>}[$__rate_interval])) > 0)",
                "{{instance}}",
            )],
        ),
        Panel::graph(
            "99th percentile of latency",
            "Time inside Redis over all commands; network and queueing come on top.",
            "µs",
            &[(
                "histogram_quantile(0.99, sum by (instance, le) \
                 (rate(redis_commands_latencies_usec_bucket{<data>}[$__rate_interval])))",
                "{{instance}}",
            )],
        ),
        Panel::graph(
            "Time by command",
            "Share of the main thread's time that each command takes; the ten busiest.",
            "percentunit",
            &[(
                "topk(10, sum by (instance, cmd) \
                 (rate(redis_commands_duration_seconds_total{<data>}[$__rate_interval])))",
                "{{cmd}} {{instance}}",
            )],
        ),
        Panel::graph(
            "Slow commands",
            "Commands that entered the slow log.",
            "short",
            &[(
                "sum by (instance) (increase(redis_slowlog_last_id{<data>}[$__rate_interval]))",
                "{{instance}}",
            )],
        ),
        Panel::graph(
            "Network",
            "Bytes received and sent.",
            "Bps",
            &[
                (
                    "sum by (instance) (rate(redis_net_input_bytes_total{<data>}[$__rate_interval]))",
                    "received {{instance}}",
                ),
                (
                    "sum by (instance) (rate(redis_net_output_bytes_total{<data>}[$__rate_interval]))",
                    "sent {{instance}}",
                ),
            ],
        ),
    ],
};
