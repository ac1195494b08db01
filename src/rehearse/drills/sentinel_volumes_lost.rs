//! Drill 13: kill -9 every process while all, or all but one, Sentinels lose their volumes; also with the master gone for good, and with a stale former master.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::{stage::Stage, views::Role};

pub const DRILL: Drill = Drill {
    number: 13,
    name: "sentinel-volumes-lost",
    does: "kill -9 every process while all, or all but one, Sentinels lose their volumes; also with the master gone for good, and with a stale former master",
    holds: "nothing lost; with the master gone a failover within W + 2 failover-timeouts + down-after; with two former masters everybody waits until live/force-master",
    needs: &[Need::Persistence],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    let sentinels = stage.sentinels();
    for lost in [&sentinels[..], &sentinels[1..]] {
        outage(stage, lost)?;
        let all = stage.everything();
        stage.start_in_random_order(&all, stage.seconds(10.0))?;
        stage.good_end(stage.wait())?;
        stage.read_back_after_outage()?;
    }
    stage.settle()?;
    let old = stage.master()?;
    outage(stage, &sentinels)?;
    for index in stage.everything() {
        if index != old {
            stage.start(index)?;
        }
    }
    let patience = stage.patience();
    let took = stage.until("another serves", patience, |stage| stage.serving(0).is_some())?;
    stage.figures.new_master.push(took);
    stage.start(old)?;
    stage.good_end(Duration::from_mins(1))?;
    stage.read_back_after_outage()?;
    two_former_masters(stage, &sentinels)
}

/// Kills everything under load; some Sentinels lose their volumes.
fn outage(stage: &mut Stage, lost: &[usize]) -> Result<()> {
    stage.write()?;
    stage.rest(Duration::from_secs(2))?;
    let all = stage.everything();
    stage.kill_all(&all);
    for sentinel in lost {
        stage.wipe(*sentinel)?;
    }
    Ok(())
}

fn two_former_masters(stage: &mut Stage, sentinels: &[usize]) -> Result<()> {
    stage.settle()?;
    stage.write()?;
    let former = stage.master()?;
    stage.kill(former);
    stage.until_replaced(former, stage.down_after() + Duration::from_secs(5))?;
    stage.rest(Duration::from_secs(2))?;
    let last = stage.master()?;
    let all = stage.everything();
    stage.kill_all(&all);
    for sentinel in sentinels {
        stage.wipe(*sentinel)?;
    }
    for index in all {
        stage.start(index)?;
    }
    let began = Instant::now();
    while began.elapsed() < stage.seconds(10.0) + Duration::from_secs(8) {
        stage.tick()?;
        if stage
            .nodes()
            .iter()
            .any(|node| stage.data(*node).is_some_and(|view| view.role == Role::Master))
        {
            stage.check(false, "somebody serves though two claim to be the last master");
            break;
        }
    }
    let force = stage.lab.processes[last].place.volume.join("live/force-master");
    std::fs::write(force, "")?;
    stage.tell(format!("somebody writes live/force-master on {}", stage.title(last)));
    stage.good_end(stage.wait())?;
    stage.read_back_after_outage()?;
    Ok(())
}
