//! Drill 4: the master loses its volume and restarts at once; then the same while every process is killed.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 4,
    name: "volume-lost",
    does: "the master loses its volume and restarts at once; then the same while every process is killed",
    holds: "no key lost; a good end within 10 s; with every process killed, another master within W + 2 failover-timeouts + down-after, and a good end within 10 s of it",
    needs: &[Need::Persistence],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    stage.settle()?;
    stage.write()?;
    stage.rest(Duration::from_secs(2))?;
    let old = stage.master()?;
    stage.kill(old);
    let killed = Instant::now();
    stage.wipe(old)?;
    stage.start(old)?;
    stage.until_replaced(old, Duration::from_secs(10))?;
    stage.good_end(Duration::from_secs(10).saturating_sub(killed.elapsed()))?;
    stage.never_master_since(old, killed);
    stage.read_back()?;

    stage.settle()?;
    stage.write()?;
    stage.rest(Duration::from_secs(2))?;
    // What is acknowledged in the very moment of the outage may be on the lost volume only.
    let written = stage.end_load()?;
    stage.rest(Duration::from_secs(1))?;
    let old = stage.master()?;
    let all = stage.everything();
    stage.kill_all(&all);
    stage.wipe(old)?;
    stage.start_in_random_order(&all, Duration::from_secs(1))?;
    stage.until_replaced(old, stage.patience())?;
    stage.good_end(Duration::from_secs(10))?;
    stage.count_lost_in_outage(&written)
}
