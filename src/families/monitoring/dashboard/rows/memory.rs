use super::Row;
use crate::families::monitoring::dashboard::panels::{Panel, red_above};

pub const ROW: Row = Row {
    title: "Memory",
    panels: &[
        Panel::graph(
            "Use of maxmemory",
            "Memory that counts for eviction, as a share of maxmemory.",
            "percentunit",
            &[("redisforge:redis_memory_pressure:ratio{<recorded>}", "{{instance}}")],
        )
        .steps(|n| {
            vec![(None, "green"), (Some(n.memory_used), "orange"), (Some(n.memory_full), "red")]
        }),
        Panel::graph(
            "Memory",
            "Used, its peak, what the process occupies, and maxmemory; in a container that occupies what the line says, the kernel kills it.",
            "bytes",
            &[
                ("max by (instance) (redis_memory_used_bytes{<data>})", "used {{instance}}"),
                ("max by (instance) (redis_memory_used_peak_bytes{<data>})", "peak {{instance}}"),
                (
                    "max by (instance) (redis_memory_used_rss_bytes{<data>})",
                    "occupied {{instance}}",
                ),
                ("max by (master) (redis_memory_max_bytes{<data>})", "maxmemory {{master}}"),
            ],
        )
        .steps(|n| n.container_bytes.map_or_else(|| vec![(None, "green")], red_above)),
        Panel::graph(
            "Fragmentation",
            "Memory occupied by memory used.",
            "short",
            &[("max by (instance) (redis_mem_fragmentation_ratio{<data>})", "{{instance}}")],
        )
        .steps(|n| red_above(n.fragmentation)),
        Panel::graph(
            "Keys that went",
            "Evicted for lack of memory, or expired.",
            "ops",
            &[
                (
                    "sum by (instance) (rate(redis_evicted_keys_total{<data>}[$__rate_interval]))",
                    "evicted {{instance}}",
                ),
                (
                    "sum by (instance) (rate(redis_expired_keys_total{<data>}[$__rate_interval]))",
                    "expired {{instance}}",
                ),
            ],
        ),
        Panel::graph(
            "Keys",
            "In all databases.",
            "short",
            &[("sum by (instance) (redis_db_keys{<data>})", "{{instance}}")],
        ),
        Panel::graph(
            "Buffers of replicas",
            "Memory that output buffers of replicas take.",
            "bytes",
            &[("max by (instance) (redis_mem_clients_slaves{<data>})", "{{instance}}")],
        ),
    ],
};
