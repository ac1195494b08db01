//! Drill 12: kill -9 every process; the last master never returns, only a fresh and a stale replica, then only a stale one.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::{stage::Stage, views::Role};

pub const DRILL: Drill = Drill {
    number: 12,
    name: "last-master-gone",
    does: "kill -9 every process; the last master never returns, only a fresh and a stale replica, then only a stale one",
    holds: "the fresh replica serves within W + 2 failover-timeouts + down-after, its keys complete; with only a stale one nobody serves",
    needs: &[Need::TwoReplicas, Need::Persistence],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    let (old, _) = outage_with_a_stale_replica(stage)?;
    for index in stage.everything() {
        if index != old {
            stage.start(index)?;
        }
    }
    let patience = stage.patience();
    let took =
        stage.until("the fresh replica serves", patience, |stage| stage.serving(0).is_some())?;
    stage.figures.new_master.push(took);
    stage.start(old)?;
    stage.good_end(Duration::from_mins(1))?;
    stage.read_back_after_outage()?;

    let (old, outdated) = outage_with_a_stale_replica(stage)?;
    let absent: Vec<usize> = stage.nodes().into_iter().filter(|node| *node != outdated).collect();
    for index in stage.everything() {
        if !absent.contains(&index) {
            stage.start(index)?;
        }
    }
    let began = Instant::now();
    let limit = stage.wait() + stage.down_after() + Duration::from_secs(5);
    while began.elapsed() < limit {
        stage.tick()?;
        if stage.data(outdated).is_some_and(|view| view.role == Role::Master) {
            stage.check(false, "the stale replica serves");
            break;
        }
    }
    for index in absent {
        stage.start(index)?;
    }
    stage.good_end(stage.patience())?;
    stage.tell(format!("{} was the last master", stage.title(old)));
    stage.read_back_after_outage()?;
    Ok(())
}

/// Kills everything after one replica missed some writes. Says who was master and who is stale.
fn outage_with_a_stale_replica(stage: &mut Stage) -> Result<(usize, usize)> {
    stage.settle()?;
    stage.write()?;
    stage.rest(Duration::from_secs(1))?;
    let (old, outdated) = (stage.master()?, stage.replicas()?[0]);
    stage.kill(outdated);
    stage.rest(Duration::from_secs(3))?;
    let all = stage.everything();
    stage.kill_all(&all);
    Ok((old, outdated))
}
