//! What reaches the disk.

use super::{
    Situation, fires,
    levels::{calm, float, too_many_per_minute},
    scene::{Scene, address, last, seed},
    values::flat,
};
use crate::families::monitoring::limits;

pub const SITUATIONS: &[Situation] = &[
    fires("RedisRdbSaveFailed", "the master cannot save", |scene| {
        fails(scene, "RedisRdbSaveFailed", "redis_rdb_last_bgsave_status");
    }),
    fires("RedisAofWriteFailed", "the master cannot write its AOF", |scene| {
        fails(scene, "RedisAofWriteFailed", "redis_aof_last_write_status");
    }),
    fires("RedisRdbSaveStale", "changes wait for a save", |scene| {
        for master in scene.masters("RedisRdbSaveStale") {
            let (name, own) = (&master.name, address(seed(master)));
            let longest = float(limits::save_seconds(master).unwrap_or(0));
            scene.set("redis_rdb_changes_since_last_save", name, &own, &flat(1.0));
            let saved = flat(-2.0 * longest - 1.0);
            scene.set("redis_rdb_last_save_timestamp_seconds", name, &own, &saved);
            scene.fires("RedisRdbSaveStale", master, 1);
        }
    }),
    fires("RedisAofRewriteFailed", "the master cannot rewrite its AOF", |scene| {
        fails(scene, "RedisAofRewriteFailed", "redis_aof_last_bgrewrite_status");
    }),
    fires("RedisAofFsyncDelayed", "the disk is too slow", |scene| {
        let limit = scene.thresholds.delayed_fsyncs_per_minute;
        scene.starts(calm(scene));
        for master in scene.masters("RedisAofFsyncDelayed") {
            let (own, delayed) = (address(seed(master)), too_many_per_minute(scene, limit));
            scene.set("redis_aof_delayed_fsync", &master.name, &own, &delayed);
            scene.fires("RedisAofFsyncDelayed", master, 1);
        }
    }),
    fires("RedisLoadingTooLong", "one node loads and loads", |scene| {
        for master in scene.masters("RedisLoadingTooLong") {
            scene.set("redis_loading_dump_file", &master.name, &last(master), &flat(1.0));
            scene.fires("RedisLoadingTooLong", master, 1);
        }
    }),
];

fn fails(scene: &mut Scene<'_>, alert: &'static str, status: &'static str) {
    for master in scene.masters(alert) {
        scene.set(status, &master.name, &address(seed(master)), &flat(0.0));
        scene.fires(alert, master, 1);
    }
}
