use super::{NO_YES, Row};
use crate::families::monitoring::dashboard::panels::{Panel, red_below};

pub const ROW: Row = Row {
    title: "Topology",
    panels: &[
        Panel::stat(
            "Masters",
            "Data nodes that say that they are master.",
            |n| vec![(None, "red"), (Some(n.masters), "green"), (Some(n.masters + 1.0), "red")],
            &[("sum(redisforge:redis_is_master:bool{<topology>}) or vector(0)", "")],
        ),
        Panel::stat(
            "Data nodes up",
            "Data nodes that answer.",
            |n| vec![(None, "red"), (Some(n.nodes - 1.0), "orange"), (Some(n.nodes), "green")],
            &[(r#"sum(redis_up{<topology>,component="redis"}) or vector(0)"#, "")],
        ),
        Panel::stat(
            "Sentinels up",
            "Sentinels that answer; red below the majority.",
            |n| vec![(None, "red"), (Some(n.majority), "orange"), (Some(n.sentinels), "green")],
            &[(r#"sum(redis_up{<topology>,component="sentinel"}) or vector(0)"#, "")],
        ),
        Panel::stat(
            "Quorum",
            "Whether every master could be failed over by some Sentinel.",
            |_| red_below(1.0),
            &[("min(max by (master) (redis_sentinel_master_ckquorum_status{<topology>}))", "")],
        )
        .words(NO_YES),
        Panel::stat(
            "Failovers in 24 h",
            "Changes of Sentinel's configuration epoch, or of roles before an exporter without it.",
            |_| vec![(None, "green"), (Some(1.0), "orange")],
            &[(
                "sum(changes(redisforge:sentinel_config_epoch:max{<topology>}[24h])) \
                 or ceil(sum(changes(redisforge:redis_is_master:bool{<topology>}[24h])) / 2)",
                "",
            )],
        ),
        Panel::stat(
            "Writes accepted",
            "Whether each master has the replicas that it needs to take writes; no where nobody is master.",
            |_| red_below(1.0),
            &[(
                "max by (master) (redisforge:redis_good_replicas:count{<one>} >= bool <min_replicas> \
                 and on (topology, master, instance) redisforge:redis_is_master:bool{<one>} == 1 \
                 or redisforge:redis_is_master:bool{<one>} * 0)",
                "{{master}}",
            )],
        )
        .words(NO_YES),
        Panel::table(
            "Nodes",
            "Every process with its role and version.",
            &["master", "instance", "component", "role", "redis_version", "valkey_version", "maxmemory_policy"],
            &[("redis_instance_info{<topology>}", "")],
        ),
        Panel::table(
            "What Sentinels say",
            "The master that each Sentinel names, and whether it takes it for down.",
            &["master", "master_address", "master_status", "instance"],
            &[("redis_sentinel_master_status{<topology>}", "")],
        ),
        Panel::timeline(
            "Master over time",
            "Which data node was master when.",
            &[("replica", "blue"), ("master", "green")],
            &[("redisforge:redis_is_master:bool{<recorded>}", "{{instance}}")],
        ),
    ],
};
