//! Drill 15: a Sentinel that missed a failover returns while the others lost their volumes.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Drill;
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 15,
    name: "stale-sentinel",
    does: "a Sentinel that missed a failover returns while the others lost their volumes",
    holds: "the master stays; nothing lost",
    needs: &[],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    stage.settle()?;
    stage.write()?;
    let sentinels = stage.sentinels();
    let (outdated, others) = (sentinels[0], &sentinels[1..]);
    stage.kill(outdated);
    let old = stage.master()?;
    stage.kill(old);
    let limit = stage.down_after() + Duration::from_secs(5);
    stage.until_replaced(old, limit)?;
    stage.start(old)?;
    stage.until("a majority names the new master", limit, |stage| stage.serving(0).is_some())?;
    let master = stage.master()?;
    stage.until("the old master is a replica", Duration::from_secs(30), |stage| {
        stage.data(old).is_some_and(|view| view.has_link && view.priority == 100)
    })?;
    stage.kill_all(others);
    for sentinel in others {
        stage.wipe(*sentinel)?;
    }
    let began = Instant::now();
    stage.start(outdated)?;
    stage.until("the outdated Sentinel answers", Duration::from_secs(10), |stage| {
        stage.sentinel(outdated, 0).is_some()
    })?;
    for sentinel in others {
        stage.start(*sentinel)?;
    }
    stage.good_end(stage.wait())?;
    // A demotion would come with a Sentinel's next hello or INFO.
    stage.settle()?;
    let now = stage.master()?;
    stage.check(now == master, format!("{} is master now", stage.title(now)));
    stage.never_master_since(old, began);
    stage.good_end(Duration::from_secs(30))?;
    stage.read_back()?;
    Ok(())
}
