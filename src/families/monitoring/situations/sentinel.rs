//! What Sentinels say of each other and of their masters.

use super::{
    Situation,
    availability::sentinels_left,
    fires,
    series::{STRANGER, opinion},
    values::{Values, flat, rising},
};

/// Samples before it happens.
const CALM: u32 = 20;

pub const SITUATIONS: &[Situation] = &[
    fires("RedisSentinelDown", "one Sentinel is down", |scene| {
        let own = scene.last_sentinel();
        scene.kill(&own);
        scene.topology_fires("RedisSentinelDown", 1);
        sentinels_left(scene, 1);
    }),
    fires("RedisSentinelMajorityDown", "fewer Sentinels than a majority are left", |scene| {
        let sentinel = &scene.topology.sentinel;
        let left = (sentinel.majority - 1) as usize;
        let dead = &scene.sentinels()[left..];
        scene.show_roles();
        let reached = flat(f64::from(sentinel.majority) - 1.0);
        scene.set("redis_sentinel_master_ok_sentinels", "", "", &reached);
        scene.set("redis_sentinel_master_ckquorum_status", "", "", &flat(0.0));
        for own in dead {
            scene.kill(own);
        }
        scene.topology_fires("RedisSentinelMajorityDown", 1);
        scene.topology_fires("RedisSentinelDown", dead.len());
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelPeersBelowMajority", master, left);
            scene.fires("RedisSentinelQuorumUnreachable", master, left.min(1));
        }
    }),
    fires("RedisSentinelQuorumUnreachable", "every CKQUORUM is an error", |scene| {
        scene.set("redis_sentinel_master_ckquorum_status", "", "", &flat(0.0));
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelQuorumUnreachable", master, 1);
        }
    }),
    fires("RedisSentinelPeersBelowMajority", "one Sentinel is cut off from the others", |scene| {
        let reached = flat(f64::from(scene.topology.sentinel.majority) - 1.0);
        let own = scene.last_sentinel();
        scene.set("redis_sentinel_master_ok_sentinels", "", &own, &reached);
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelPeersBelowMajority", master, 1);
        }
    }),
    fires("RedisSentinelPeerCountDrift", "a Sentinel that was removed is remembered", |scene| {
        let counted = flat(f64::from(scene.topology.sentinel.instances) + 1.0);
        let own = scene.last_sentinel();
        scene.set("redis_sentinel_master_sentinels", "", &own, &counted);
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelPeerCountDrift", master, 1);
        }
    }),
    fires("RedisSentinelReplicaCountDrift", "a replica that was removed is remembered", |scene| {
        let own = scene.last_sentinel();
        for master in &scene.topology.masters {
            let counted = flat(f64::from(master.replicas) + 1.0);
            scene.set("redis_sentinel_master_slaves", &master.name, &own, &counted);
            scene.fires("RedisSentinelReplicaCountDrift", master, 1);
        }
    }),
    fires("RedisSentinelNoFailoverCandidate", "no Sentinel reaches a replica", |scene| {
        scene.set("redis_sentinel_master_ok_slaves", "", "", &flat(0.0));
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelNoFailoverCandidate", master, 1);
        }
    }),
    fires("RedisNoPromotableReplica", "no replica may be promoted", |scene| {
        scene.set("redis_slave_priority", "", "", &flat(0.0));
        for master in &scene.topology.masters {
            scene.fires("RedisNoPromotableReplica", master, 1);
        }
    }),
    fires("RedisSentinelSeesMasterDown", "one Sentinel does not reach the master", |scene| {
        scene.show_roles();
        let own = scene.last_sentinel();
        scene.set("redis_sentinel_master_status", "", &own, &flat(0.0));
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelSeesMasterDown", master, 1);
            if scene.topology.sentinel.quorum == 1 {
                scene.fires("RedisFailoverStuck", master, 1);
            }
        }
    }),
    fires("RedisFailoverStuck", "a quorum of Sentinels waits for a new master", |scene| {
        scene.show_roles();
        let quorum = scene.topology.sentinel.quorum as usize;
        for own in scene.sentinels().iter().take(quorum) {
            scene.set("redis_sentinel_master_status", "", own, &flat(0.0));
        }
        for master in &scene.topology.masters {
            scene.fires("RedisSentinelSeesMasterDown", master, quorum);
            scene.fires("RedisFailoverStuck", master, 1);
        }
    }),
    fires("RedisSentinelsDisagree", "one Sentinel names a stranger", |scene| {
        let own = scene.last_sentinel();
        let status = "redis_sentinel_master_status";
        scene.show(&[status]);
        for master in &scene.topology.masters {
            if scene.topology.sentinel.instances > 1 {
                scene.lose(status, &master.name, &own);
            }
            scene.put(opinion(scene, status, &own, master, STRANGER, flat(1.0)));
            scene.fires("RedisSentinelsDisagree", master, 1);
        }
    }),
    fires("RedisSentinelNotMonitoring", "one Sentinel has forgotten a master", |scene| {
        let own = scene.last_sentinel();
        let watched = u32::try_from(scene.topology.masters.len()).unwrap_or(1) - 1;
        scene.set("redis_sentinel_masters", "", &own, &flat(watched.into()));
        scene.topology_fires("RedisSentinelNotMonitoring", 1);
    }),
    fires("RedisSentinelTilt", "the clock of one Sentinel jumps", |scene| {
        let own = scene.last_sentinel();
        scene.set("redis_sentinel_tilt", "", &own, &flat(1.0));
        scene.topology_fires("RedisSentinelTilt", 1);
    }),
    fires("RedisSentinelScriptsBacklog", "notifications wait on one Sentinel", |scene| {
        let own = scene.last_sentinel();
        let waiting = flat(f64::from(scene.thresholds.queued_scripts) + 1.0);
        scene.set("redis_sentinel_scripts_queue_length", "", &own, &waiting);
        scene.topology_fires("RedisSentinelScriptsBacklog", 1);
    }),
    fires("RedisSentinelConfigDrift", "settings were changed by SENTINEL SET", |scene| {
        let sentinels = scene.sentinels();
        let quorum = scene.topology.sentinel.quorum;
        for master in &scene.topology.masters {
            let watch = &master.watch;
            let settings = [
                ("redis_sentinel_master_setting_ckquorum", quorum),
                (
                    "redis_sentinel_master_setting_down_after_milliseconds",
                    watch.down_after_milliseconds,
                ),
                (
                    "redis_sentinel_master_setting_failover_timeout",
                    watch.failover_timeout_milliseconds,
                ),
                ("redis_sentinel_master_setting_parallel_syncs", watch.parallel_syncs),
            ];
            for ((metric, value), own) in settings.iter().zip(sentinels.iter().cycle()) {
                scene.set(metric, &master.name, own, &flat(f64::from(*value) + 1.0));
            }
            let changed = sentinels.len().min(settings.len());
            scene.fires("RedisSentinelConfigDrift", master, changed);
        }
    }),
    fires("RedisFailoverHappened", "a failover raises the epoch", |scene| {
        scene.starts(CALM);
        let epochs = flat(4.0).until(CALM, flat(5.0));
        scene.set("redis_sentinel_master_config_epoch", "", "", &epochs);
        for master in &scene.topology.masters {
            scene.fires("RedisFailoverHappened", master, 1);
            if scene.thresholds.failovers_per_hour == 1 {
                scene.fires("RedisFailoverFlapping", master, 1);
            }
        }
    }),
    fires("RedisFailoverFlapping", "one failover follows the other", |scene| {
        let failovers = scene.thresholds.failovers_per_hour;
        scene.starts(CALM);
        let epochs = flat(4.0).until(CALM, rising(5.0, 1.0).until(failovers, last(failovers)));
        scene.set("redis_sentinel_master_config_epoch", "", "", &epochs);
        for master in &scene.topology.masters {
            scene.fires("RedisFailoverHappened", master, 1);
        }
        scene.builds_up((failovers - 1) * scene.step);
        for master in &scene.topology.masters {
            scene.fires("RedisFailoverFlapping", master, 1);
        }
    }),
];

fn last(failovers: u32) -> Values {
    flat(4.0 + f64::from(failovers))
}
