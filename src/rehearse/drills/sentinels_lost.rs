//! Drill 7: kill -9 a minority of the Sentinels and then the master; later a majority, then a replica and the master, each back at once.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Drill;
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 7,
    name: "sentinels-lost",
    does: "kill -9 a minority of the Sentinels and then the master; later a majority, then a replica and the master, each back at once",
    holds: "with a minority gone as drill 1; with a majority gone no failover, writes go on, a replica rejoins and the master serves again",
    needs: &[],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    minority(stage)?;
    stage.settle()?;
    majority(stage)
}

fn minority(stage: &mut Stage) -> Result<()> {
    stage.settle()?;
    stage.write()?;
    let sentinels = stage.sentinels();
    let gone = &sentinels[..(sentinels.len() - 1) / 2];
    stage.kill_all(gone);
    stage.rest(Duration::from_secs(1))?;
    let old = stage.master()?;
    stage.kill(old);
    let killed = Instant::now();
    let limit = stage.down_after() + Duration::from_secs(2);
    stage.until_replaced(old, limit)?;
    for index in gone.iter().copied().chain([old]) {
        stage.start(index)?;
    }
    stage.good_end(Duration::from_secs(30))?;
    stage.never_master_since(old, killed);
    stage.read_back()?;
    Ok(())
}

fn majority(stage: &mut Stage) -> Result<()> {
    stage.write()?;
    let (master, replica, epoch) = (stage.master()?, stage.replicas()?[0], stage.epoch());
    let sentinels = stage.sentinels();
    let gone = &sentinels[..=sentinels.len() / 2];
    stage.kill_all(gone);
    stage.kill(replica);
    stage.start(replica)?;
    stage.until("the replica is back", Duration::from_secs(30), |stage| {
        stage.data(replica).is_some_and(|view| view.has_link && view.priority == 100)
    })?;
    let before = stage.acknowledged();
    stage.rest(Duration::from_secs(1))?;
    stage.check(stage.acknowledged() > before, "writes ended with a majority of the Sentinels");
    stage.kill(master);
    stage.start(master)?;
    // Without an AOF its copy is older than what the replicas have, and only Sentinel may choose among them.
    if stage.lab.topology.masters[0].persistence.aof {
        stage.until("the master serves again", Duration::from_secs(30), |stage| {
            stage.data(master).is_some_and(|view| view.replicas > 0)
        })?;
        stage.rest(stage.down_after() + Duration::from_secs(3))?;
        stage.check(stage.epoch() == epoch, "there was a failover without a majority");
    }
    for index in gone {
        stage.start(*index)?;
    }
    stage.good_end(stage.patience())?;
    stage.read_back()?;
    Ok(())
}
