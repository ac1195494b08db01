//! Memory that fills up.

use super::{
    Situation, fires,
    levels::{MEBIBYTE, calm, float, percent, too_many_per_second, used_percent},
    scene::{Scene, address, last, seed},
    values::flat,
};
use crate::topology::Master;

/// Samples before it happens.
const CALM: u32 = 20;

pub const SITUATIONS: &[Situation] = &[
    fires("RedisMemoryHigh", "the master fills up", |scene| {
        for master in scene.masters("RedisMemoryHigh") {
            fill(scene, master, scene.thresholds.memory_used_percent);
        }
    }),
    fires("RedisMemoryFull", "the master is full", |scene| {
        for master in scene.masters("RedisMemoryFull") {
            fill(scene, master, scene.thresholds.memory_full_percent);
        }
    }),
    fires("RedisUnexpectedEvictions", "a key is evicted", |scene| {
        scene.starts(CALM);
        for master in scene.masters("RedisUnexpectedEvictions") {
            let evicted = flat(3.0).until(CALM, flat(4.0));
            let own = address(seed(master));
            scene.set("redis_evicted_keys_total", &master.name, &own, &evicted);
            scene.fires("RedisUnexpectedEvictions", master, 1);
        }
    }),
    fires("RedisEvictionRateHigh", "the cache keeps nothing for long", |scene| {
        let limit = scene.thresholds.evicted_keys_per_second;
        scene.starts(calm(scene));
        for master in scene.masters("RedisEvictionRateHigh") {
            let (own, evicted) = (address(seed(master)), too_many_per_second(scene, limit));
            scene.set("redis_evicted_keys_total", &master.name, &own, &evicted);
            scene.fires("RedisEvictionRateHigh", master, 1);
        }
    }),
    fires("RedisRssNearContainerLimit", "one container is nearly full", |scene| {
        let limit = scene.thresholds.container_memory_percent;
        for master in scene.masters("RedisRssNearContainerLimit") {
            let resident = flat(percent(master.memory_bytes, limit) + 1.0);
            scene.set("redis_memory_used_rss_bytes", &master.name, &last(master), &resident);
            scene.fires("RedisRssNearContainerLimit", master, 1);
        }
    }),
    fires("RedisFragmentationHigh", "one node is fragmented", |scene| {
        let ratio = flat(scene.thresholds.fragmentation_ratio + 0.1);
        let wasted = f64::from(scene.thresholds.fragmentation_mebibytes) * MEBIBYTE + 1.0;
        for master in scene.masters("RedisFragmentationHigh") {
            let (name, own) = (&master.name, last(master));
            scene.set("redis_mem_fragmentation_ratio", name, &own, &ratio);
            scene.set("redis_mem_fragmentation_bytes", name, &own, &flat(wasted));
            scene.fires("RedisFragmentationHigh", master, 1);
        }
    }),
];

/// One thousandth more than some percent of the limit.
fn fill(scene: &mut Scene<'_>, master: &Master, percent: u32) {
    let (own, percent) = (address(seed(master)), f64::from(percent) + 0.1);
    let limit = float(master.maxmemory_bytes);
    scene.show(&["redis_mem_not_counted_for_eviction_bytes", "redis_memory_max_bytes"]);
    let used = flat(used_percent(master, percent));
    scene.set("redis_memory_used_bytes", &master.name, &own, &used);
    let is_above = |share: u32| limit > 0.0 && percent > f64::from(share);
    let limits = scene.thresholds.clone();
    if is_above(limits.memory_used_percent) {
        scene.fires("RedisMemoryHigh", master, 1);
    }
    if is_above(limits.memory_full_percent) {
        scene.fires("RedisMemoryFull", master, 1);
    }
}
