//! Values that are just not too much, and just too much.

use super::{
    scene::Scene,
    values::{Values, flat, rising},
};
use crate::topology::Master;

pub const MEBIBYTE: f64 = 1_048_576.0;
/// What stays below a limit, and what is above it.
const BELOW: f64 = 0.98;
const ABOVE: f64 = 1.02;
const RATE_SECONDS: u32 = 300;

/// Bytes and counts are far below 2^53.
#[allow(clippy::cast_precision_loss)]
pub fn float(number: u64) -> f64 {
    number as f64
}

/// A share of a whole, in percent.
pub fn percent(whole: u64, percent: u32) -> f64 {
    (float(whole) * f64::from(percent) / 100.0).floor()
}

/// A counter just below its limit.
pub fn per_second(scene: &Scene<'_>, limit: u32) -> Values {
    rising(0.0, rounded(f64::from(limit) * f64::from(scene.step) * BELOW))
}

pub fn per_minute(scene: &Scene<'_>, limit: u32) -> Values {
    rising(0.0, rounded(f64::from(limit) * f64::from(scene.step) / 60.0 * BELOW))
}

/// Scrapes in the five minutes that a rate is about, and more.
pub fn calm(scene: &Scene<'_>) -> u32 {
    RATE_SECONDS / scene.step + 2
}

/// A counter that is just below its limit, jumps above it after these scrapes, and stays there.
pub fn too_many_per_second(scene: &Scene<'_>, limit: u32) -> Values {
    exceeding(scene, f64::from(limit))
}

pub fn too_many_per_minute(scene: &Scene<'_>, limit: u32) -> Values {
    exceeding(scene, f64::from(limit) / 60.0)
}

fn exceeding(scene: &Scene<'_>, per_second: f64) -> Values {
    let (calm, step) = (calm(scene), f64::from(scene.step));
    let below = rounded(per_second * step * BELOW);
    let above = (per_second * step * ABOVE).floor() + 1.0;
    let jump = (per_second * f64::from(RATE_SECONDS)).ceil() + above;
    let since = (below * f64::from(calm - 1) + jump).ceil();
    rising(0.0, below).until(calm, rising(since, above))
}

/// Without the tail that a binary fraction has.
fn rounded(value: f64) -> f64 {
    (value * 100.0).floor() / 100.0
}

/// Memory in use that is some percent of the limit.
pub fn used_percent(master: &Master, percent: f64) -> f64 {
    (float(master.maxmemory_bytes) * percent / 100.0).floor() + MEBIBYTE
}

/// A cache is full where all is well.
pub fn used(scene: &Scene<'_>, master: &Master) -> f64 {
    if master.maxmemory_policy == "noeviction" {
        let limits = &scene.thresholds;
        let limit = limits.memory_used_percent.min(limits.memory_full_percent);
        used_percent(master, f64::from(limit) * BELOW)
    } else {
        used_percent(master, 100.0)
    }
}

pub fn resident(scene: &Scene<'_>, master: &Master) -> f64 {
    percent(master.memory_bytes, scene.thresholds.container_memory_percent)
}

pub fn evicted(scene: &Scene<'_>, master: &Master) -> Values {
    if master.maxmemory_policy == "noeviction" {
        flat(3.0)
    } else {
        per_second(scene, scene.thresholds.evicted_keys_per_second)
    }
}

pub fn clients(scene: &Scene<'_>, master: &Master) -> f64 {
    percent(master.maxclients, scene.thresholds.clients_used_percent)
}

/// What the master has written: as much as the backlog holds for long enough.
pub fn offset(scene: &Scene<'_>, master: &Master) -> Values {
    written(scene, master, 0.0)
}

/// The same, as its replicas have it.
pub fn acknowledged(scene: &Scene<'_>, master: &Master) -> Values {
    written(scene, master, lag(scene, master))
}

fn written(scene: &Scene<'_>, master: &Master, lag: f64) -> Values {
    let per_second = float(master.backlog_bytes) / f64::from(scene.thresholds.backlog_seconds);
    let per_sample = (per_second * f64::from(scene.step) * BELOW).floor();
    rising(float(master.backlog_bytes) - lag, per_sample)
}

/// Writes that the backlog does not hold for long enough.
pub fn written_too_fast(scene: &Scene<'_>, master: &Master) -> Values {
    exceeding(scene, float(master.backlog_bytes) / f64::from(scene.thresholds.backlog_seconds))
}

/// Bytes that a replica may lag behind.
pub fn lag(scene: &Scene<'_>, master: &Master) -> f64 {
    percent(master.backlog_bytes, scene.thresholds.backlog_lag_percent)
}
