//! Drill 1: kill -9 the master, first for good, then with a restart after 1 s.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Drill;
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 1,
    name: "master-killed",
    does: "kill -9 the master, first for good, then with a restart after 1 s",
    holds: "a new master within down-after + 2 s, with the restart within 4 s if the replicas are level; nothing lost; the old one never serves as master",
    needs: &[],
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
    let limit = stage.down_after() + Duration::from_secs(2);
    stage.until_replaced(old, limit)?;
    stage.rest(Duration::from_secs(2))?;
    stage.start(old)?;
    stage.good_end(Duration::from_secs(30))?;
    stage.never_master_since(old, killed);

    stage.settle()?;
    let old = stage.master()?;
    stage.kill(old);
    let killed = Instant::now();
    let logged = stage.lab.processes[old].all_logged().len();
    stage.rest(Duration::from_secs(1))?;
    stage.start(old)?;
    stage.until_replaced(old, limit.saturating_sub(killed.elapsed()))?;
    let took = killed.elapsed();
    // Replicas that died apart are not level; then only Sentinel can tell which has more, after down-after.
    let handed_over = stage.lab.processes[old]
        .all_logged()
        .get(logged..)
        .is_some_and(|log| log.contains("does=hand-over"));
    stage.check(
        !handed_over || took <= Duration::from_secs(4),
        format!("the hand-over took {:.1} s", took.as_secs_f64()),
    );
    stage.good_end(Duration::from_secs(30))?;
    stage.never_master_since(old, killed);
    stage.read_back()?;
    Ok(())
}
