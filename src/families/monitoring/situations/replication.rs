//! Links, lag, backlog and copies.

use super::{
    Situation, fires,
    levels::{calm, lag, written_too_fast},
    scene::{Scene, address, last, replicas, seed},
    series::following,
    values::{Values, flat, rising},
};
use crate::{families::monitoring::limits, topology::Master};

/// Samples before it happens.
const CALM: u32 = 20;

pub const SITUATIONS: &[Situation] = &[
    fires("RedisReplicationLinkDown", "one replica has lost its master", |scene| {
        scene.show(&["redis_master_sync_in_progress"]);
        for master in scene.masters("RedisReplicationLinkDown") {
            scene.set("redis_master_link_up", &master.name, &last(master), &flat(0.0));
            scene.fires("RedisReplicationLinkDown", master, 1);
        }
    }),
    fires("RedisReplicasConnectedLow", "one replica is missing", |scene| {
        scene.show_roles();
        for master in scene.masters("RedisReplicasConnectedLow") {
            let counted = flat(f64::from(master.replicas) - 1.0);
            scene.set("redis_connected_slaves", &master.name, "", &counted);
            scene.fires("RedisReplicasConnectedLow", master, 1);
        }
    }),
    fires("RedisWritesRefusedMinReplicas", "all replicas are silent", |scene| {
        scene.show_roles();
        for master in scene.masters("RedisWritesRefusedMinReplicas") {
            let silent = silent(scene, master);
            scene.set("redis_connected_slave_lag_seconds", &master.name, "", &silent);
            scene.fires("RedisWritesRefusedMinReplicas", master, 1);
            scene.fires("RedisReplicationLagSeconds", master, replicas(master).len());
        }
    }),
    fires("RedisReplicationLagSeconds", "one replica is silent", |scene| {
        for master in scene.masters("RedisReplicationLagSeconds") {
            let silent = silent(scene, master);
            scene.set_link("redis_connected_slave_lag_seconds", master, &silent);
            scene.fires("RedisReplicationLagSeconds", master, 1);
        }
    }),
    fires("RedisReplicationLagBytes", "one replica falls behind", |scene| {
        for master in scene.masters("RedisReplicationLagBytes") {
            // One that acknowledged nothing is being copied, and does not count.
            let offset = lag(scene, master) + 2.0;
            scene.set("redis_master_repl_offset", &master.name, "", &flat(offset));
            scene.set("redis_connected_slave_offset_bytes", &master.name, "", &flat(offset));
            scene.set_link("redis_connected_slave_offset_bytes", master, &flat(1.0));
            scene.fires("RedisReplicationLagBytes", master, 1);
        }
    }),
    fires("RedisBacklogTooSmall", "more is written than the backlog holds", |scene| {
        scene.show_roles();
        scene.starts(calm(scene));
        for master in scene.masters("RedisBacklogTooSmall") {
            let written = written_too_fast(scene, master);
            scene.set("redis_master_repl_offset", &master.name, "", &written);
            scene.fires("RedisBacklogTooSmall", master, 1);
        }
    }),
    fires("RedisPartialResyncDenied", "a replica comes back too late", |scene| {
        scene.show_roles();
        scene.show(&["redis_uptime_in_seconds"]);
        scene.starts(CALM);
        for master in scene.masters("RedisPartialResyncDenied") {
            let denied = flat(0.0).until(CALM, flat(1.0));
            let own = address(seed(master));
            scene.set("redis_replica_partial_resync_denied", &master.name, &own, &denied);
            scene.fires("RedisPartialResyncDenied", master, 1);
        }
    }),
    fires("RedisFullResyncLoop", "replicas are copied again and again", |scene| {
        scene.show_roles();
        scene.starts(CALM);
        for master in scene.masters("RedisFullResyncLoop") {
            let copies = 2 * master.replicas + 1;
            let again = rising(3.0, 1.0).until(copies, flat(2.0 + f64::from(copies)));
            let own = address(seed(master));
            let copied = flat(2.0).until(CALM, again);
            scene.set("redis_replica_resyncs_full", &master.name, &own, &copied);
            scene.builds_up((copies - 1) * scene.step);
            scene.fires("RedisFullResyncLoop", master, 1);
        }
    }),
    fires("RedisSyncTooLong", "one replica copies and copies", |scene| {
        for master in scene.masters("RedisSyncTooLong") {
            let (name, own) = (&master.name, last(master));
            scene.set("redis_master_link_up", name, &own, &flat(0.0));
            scene.set("redis_master_sync_in_progress", name, &own, &flat(1.0));
            scene.fires("RedisSyncTooLong", master, 1);
        }
    }),
    fires("RedisReplicasFollowDifferentMasters", "one replica follows another", |scene| {
        for master in scene.masters("RedisReplicasFollowDifferentMasters") {
            let (own, other) = (last(master), replicas(master)[0]);
            let (old, new) = (following(seed(master)), following(other));
            scene.relabel("redis_slave_info", &master.name, &own, &old, &new);
            scene.fires("RedisReplicasFollowDifferentMasters", master, 1);
        }
    }),
    fires("RedisReplicaWritable", "one replica takes writes", |scene| {
        for master in scene.masters("RedisReplicaWritable") {
            let (old, new) = (r#"read_only="1""#, r#"read_only="0""#);
            scene.relabel("redis_slave_info", &master.name, &last(master), old, new);
            scene.fires("RedisReplicaWritable", master, 1);
        }
    }),
];

/// What a master says of a replica that does not count any more, until it drops it.
fn silent(scene: &Scene<'_>, master: &Master) -> Values {
    let (lag, step) = (u64::from(master.min_replicas_max_lag) + 1, u64::from(scene.step));
    let left = limits::repl_timeout_seconds(master).saturating_sub(lag + 1) / step;
    // Where a test takes fewer scrapes than there are, they must be enough.
    let enough = scene.scrapes("RedisReplicationLagSeconds", master);
    let more = u32::try_from(left).unwrap_or(u32::MAX / 2).clamp(enough, u32::MAX / 2);
    rising(f64::from(master.min_replicas_max_lag) + 1.0, scene.step.into()).ending(more + 1)
}
