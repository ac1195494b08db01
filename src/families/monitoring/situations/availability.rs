//! Targets that vanish, processes that die, and who is master.

use super::{
    Situation, fires,
    scene::{Scene, address, last, replicas, seed},
    series::{STRANGER, info},
    values::{beginning, flat, rising},
};

pub const SITUATIONS: &[Situation] = &[
    fires("RedisMetricsAbsent", "no data node is scraped", |scene| {
        for master in scene.masters("RedisMetricsAbsent") {
            scene.lose("", &master.name, "");
            scene.fires("RedisMetricsAbsent", master, 1);
        }
    }),
    fires("RedisSentinelMetricsAbsent", "no Sentinel is scraped", |scene| {
        scene.show_roles();
        for sentinel in scene.sentinels() {
            scene.lose("", "", sentinel);
        }
        scene.topology_fires("RedisSentinelMetricsAbsent", 1);
        // Nobody says another word than the master.
        scene.waits_for("RedisMasterNotWhatSentinelSays");
    }),
    fires("RedisExporterDown", "the exporter of a Sentinel is down", |scene| {
        let sentinel = scene.last_sentinel();
        scene.set("up", "", &sentinel, &flat(0.0));
        scene.lose("redis_up", "", &sentinel);
        scene.topology_fires("RedisExporterDown", 1);
        sentinels_left(scene, 1);
    }),
    fires("RedisInstanceDown", "the master refuses its exporter, not the Sentinels", |scene| {
        scene.show_roles();
        for master in &scene.topology.masters {
            scene.kill(&address(seed(master)));
            scene.fires("RedisInstanceDown", master, 1);
            scene.fires("RedisInstancesMissing", master, 1);
            if replicas(master).is_empty() {
                scene.fires("RedisAllInstancesDown", master, 1);
            }
        }
        scene.waits_for("RedisNoMaster");
    }),
    fires("RedisInstancesMissing", "one data node is not scraped", |scene| {
        for master in &scene.topology.masters {
            if replicas(master).is_empty() {
                scene.set("redis_up", &master.name, "", &flat(0.0));
                scene.fires("RedisInstanceDown", master, 1);
                scene.fires("RedisAllInstancesDown", master, 1);
            } else {
                scene.lose("redis_up", &master.name, &last(master));
            }
            scene.fires("RedisInstancesMissing", master, 1);
        }
    }),
    fires("RedisAllInstancesDown", "the master follows its replicas down", |scene| {
        let sentinels = scene.sentinels().len();
        let then_down = flat(1.0).until(1, flat(0.0));
        scene.set("redis_sentinel_master_status", "", "", &then_down);
        scene.set("redis_sentinel_master_ok_slaves", "", "", &flat(0.0));
        for master in &scene.topology.masters {
            let replicas = replicas(master).len();
            scene.set("redis_up", &master.name, "", &flat(0.0));
            scene.set("redis_up", &master.name, &address(seed(master)), &then_down);
            scene.fires("RedisInstanceDown", master, replicas);
            scene.fires("RedisInstancesMissing", master, replicas.min(1));
            scene.fires("RedisSentinelNoFailoverCandidate", master, 1);
        }
        scene.starts(1);
        for master in &scene.topology.masters {
            for (alert, count) in [
                ("RedisAllInstancesDown", 1),
                ("RedisInstanceDown", master.nodes.len()),
                ("RedisInstancesMissing", usize::from(replicas(master).is_empty())),
                ("RedisSentinelSeesMasterDown", sentinels),
                ("RedisFailoverStuck", 1),
            ] {
                scene.fires(alert, master, count);
            }
        }
    }),
    fires("RedisNoMaster", "a master that no Sentinel reaches becomes a replica too", |scene| {
        let sentinels = scene.sentinels().len();
        scene.set("redis_sentinel_master_status", "", "", &flat(0.0));
        scene.show(&["redis_instance_info", "redis_sentinel_master_config_epoch"]);
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelSeesMasterDown", master, sentinels);
            scene.fires("RedisFailoverStuck", master, 1);
        }
        scene.starts(1);
        for master in &scene.topology.masters {
            let own = address(seed(master));
            scene.lose("redis_instance_info", &master.name, &own);
            scene.put(info(scene, master, &own, "master", flat(1.0).ending(1)));
            scene.put(info(scene, master, &own, "slave", beginning(1, flat(1.0))));
            scene.fires("RedisNoMaster", master, 1);
        }
    }),
    fires("RedisMultipleMasters", "a second node is master", |scene| {
        scene.show_roles();
        for master in &scene.topology.masters {
            let second = replicas(master).pop().map_or(STRANGER.into(), address);
            scene.lose("redis_instance_info", &master.name, &second);
            scene.put(info(scene, master, &second, "master", flat(1.0)));
            scene.fires("RedisMultipleMasters", master, 1);
            scene.fires("RedisMasterNotWhatSentinelSays", master, 1);
            scene.fires("RedisWritesRefusedMinReplicas", master, 1);
        }
    }),
    fires("RedisMasterNotWhatSentinelSays", "the Sentinels name a stranger", |scene| {
        scene.show_roles();
        for master in &scene.topology.masters {
            let (name, own) = (&master.name, address(seed(master)));
            scene.relabel("redis_sentinel_master_status", name, "", &named(&own), &named(STRANGER));
            scene.fires("RedisMasterNotWhatSentinelSays", master, 1);
        }
    }),
    fires("RedisVersionSkew", "one Sentinel runs another version", |scene| {
        scene.show_roles();
        let (own, version) = (scene.last_sentinel(), &scene.topology.engine.version);
        let label = |version: &str| format!(r#"redis_version="{version}""#);
        let other = label(&format!("{version}.99"));
        scene.relabel("redis_instance_info", "", &own, &label(version), &other);
        scene.topology_fires("RedisVersionSkew", 1);
    }),
    fires("RedisRestartLoop", "one Sentinel starts again and again", |scene| {
        let restarts = scene.thresholds.restarts_per_half_hour + 1;
        let again = rising(restarts.into(), -1.0).until(restarts + 1, flat(15.0));
        let own = scene.last_sentinel();
        scene.set("redis_uptime_in_seconds", "", &own, &again);
        scene.builds_up(restarts * scene.step);
        scene.topology_fires("RedisRestartLoop", 1);
    }),
];

fn named(address: &str) -> String {
    format!(r#"master_address="{address}""#)
}

/// What it means that some Sentinels do not count.
pub fn sentinels_left(scene: &mut Scene<'_>, lost: u32) {
    let sentinel = &scene.topology.sentinel;
    if sentinel.instances - lost < sentinel.majority {
        scene.topology_fires("RedisSentinelMajorityDown", 1);
    }
}
