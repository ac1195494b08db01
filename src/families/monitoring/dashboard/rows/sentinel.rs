use super::{NO_YES, Row};
use crate::families::monitoring::dashboard::panels::{
    Panel, has_replicas, lines_at, red_above, red_below,
};

pub const ROW: Row = Row {
    title: "Sentinel",
    panels: &[
        Panel::graph(
            "Sentinels that each Sentinel reaches",
            "Itself included; below the line it could not be elected to fail a master over.",
            "short",
            &[(
                "max by (instance, master) (redis_sentinel_master_ok_sentinels{<watched>})",
                "{{instance}} {{master}}",
            )],
        )
        .steps(|n| red_below(n.majority)),
        Panel::graph(
            "Replicas that each Sentinel reaches",
            "Candidates for a failover.",
            "short",
            &[("max by (instance, master) (redis_sentinel_master_ok_slaves{<watched>})", "{{instance}} {{master}}")],
        )
        .steps(|_| red_below(1.0))
        .when(has_replicas),
        Panel::graph(
            "CKQUORUM",
            "Whether each Sentinel could fail each master over.",
            "short",
            &[(
                "max by (instance, master) (redis_sentinel_master_ckquorum_status{<watched>})",
                "{{instance}} {{master}}",
            )],
        )
        .words(NO_YES),
        Panel::graph(
            "Age of the master's last reply",
            "At the line a Sentinel takes the master for down.",
            "s",
            &[(
                "max by (instance, master) (redis_sentinel_master_last_ok_ping_reply_seconds{<watched>})",
                "{{instance}} {{master}}",
            )],
        )
        .steps(|n| red_above(n.down_after_seconds)),
        Panel::graph(
            "TILT",
            "Sentinels that saw their clock jump take no part in failovers.",
            "short",
            &[("max by (instance) (redis_sentinel_tilt{<sentinel>})", "{{instance}}")],
        )
        .words(&[("no", "green"), ("yes", "red")]),
        Panel::graph(
            "Scripts",
            "Notification scripts that run or wait.",
            "short",
            &[
                ("max by (instance) (redis_sentinel_running_scripts{<sentinel>})", "running {{instance}}"),
                ("max by (instance) (redis_sentinel_scripts_queue_length{<sentinel>})", "waiting {{instance}}"),
            ],
        )
        .steps(|n| red_above(n.queued_scripts)),
        Panel::graph(
            "Quorum setting",
            "As each Sentinel has it; away from the line it has drifted from the spec.",
            "short",
            &[(
                "max by (instance, master) (redis_sentinel_master_setting_ckquorum{<watched>})",
                "{{instance}} {{master}}",
            )],
        )
        .steps(|n| lines_at(&[n.quorum])),
        Panel::graph(
            "Timing settings",
            "As each Sentinel has them; away from the lines they have drifted from the spec.",
            "ms",
            &[
                (
                    "max by (instance, master) (redis_sentinel_master_setting_down_after_milliseconds{<watched>})",
                    "down-after {{instance}} {{master}}",
                ),
                (
                    "max by (instance, master) (redis_sentinel_master_setting_failover_timeout{<watched>})",
                    "failover-timeout {{instance}} {{master}}",
                ),
            ],
        )
        .steps(|n| lines_at(&n.timings)),
        Panel::graph(
            "Setting of parallel copies",
            "How many replicas each Sentinel turns to a new master at a time; away from the lines it has drifted from the spec.",
            "short",
            &[(
                "max by (instance, master) (redis_sentinel_master_setting_parallel_syncs{<watched>})",
                "{{instance}} {{master}}",
            )],
        )
        .steps(|n| lines_at(&n.parallel_syncs)),
    ],
};
