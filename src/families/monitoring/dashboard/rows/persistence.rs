use super::{NO_YES, Row};
use crate::families::monitoring::dashboard::panels::{Panel, has_aof};

pub const ROW: Row = Row {
    title: "Persistence",
    panels: &[
        Panel::graph(
            "Age of the RDB",
            "Time since the last successful save.",
            "s",
            &[(
                "time() - max by (instance) (redis_rdb_last_save_timestamp_seconds{<data>})",
                "{{instance}}",
            )],
        ),
        Panel::graph(
            "Last write succeeded",
            "Last background save, AOF write and AOF rewrite.",
            "short",
            &[
                ("min by (instance) (redis_rdb_last_bgsave_status{<data>})", "save {{instance}}"),
                (
                    "min by (instance) (redis_aof_last_write_status{<data>})",
                    "AOF write {{instance}}",
                ),
                (
                    "min by (instance) (redis_aof_last_bgrewrite_status{<data>})",
                    "AOF rewrite {{instance}}",
                ),
            ],
        )
        .words(NO_YES),
        Panel::graph(
            "Size of the AOF",
            "On the volume.",
            "bytes",
            &[("max by (instance) (redis_aof_current_size_bytes{<data>})", "{{instance}}")],
        )
        .when(has_aof),
        Panel::graph(
            "Last fork",
            "Time that Redis stood still for it.",
            "s",
            &[("max by (instance) (redis_latest_fork_seconds{<data>})", "{{instance}}")],
        ),
        Panel::graph(
            "Memory copied while saving",
            "What copy-on-write took on top of used memory during the last save.",
            "bytes",
            &[("max by (instance) (redis_rdb_last_cow_size_bytes{<data>})", "{{instance}}")],
        ),
        Panel::graph(
            "Delayed fsyncs",
            "Times that fsync of the AOF took longer than two seconds.",
            "short",
            &[(
                "sum by (instance) (increase(redis_aof_delayed_fsync{<data>}[$__rate_interval]))",
                "{{instance}}",
            )],
        )
        .when(has_aof),
    ],
};
