//! Drill 14: every replica loses its volume, its first sync is held back, and the master is killed.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::{stage::Stage, views::Role};

pub const DRILL: Drill = Drill {
    number: 14,
    name: "first-sync-cut",
    does: "every replica loses its volume, its first sync is held back, and the master is killed",
    holds: "no replica counts as ready, none is ever promoted; the master serves again when it returns; nothing lost",
    needs: &[Need::Persistence],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    stage.write()?;
    stage.rest(Duration::from_secs(2))?;
    let (master, replicas) = (stage.master()?, stage.replicas()?);
    stage.kill_all(&replicas);
    for replica in &replicas {
        stage.wipe(*replica)?;
    }
    for setting in ["repl-diskless-sync yes", "repl-diskless-sync-delay 600"] {
        let (name, value) = setting.split_once(' ').unwrap_or_default();
        stage.order(master, &["CONFIG", "SET", name, value])?;
    }
    stage.tell("the master holds back every sync");
    for replica in &replicas {
        stage.start(*replica)?;
    }
    stage.until("the replicas wait for their first sync", Duration::from_secs(30), |stage| {
        replicas
            .iter()
            .all(|replica| stage.data(*replica).is_some_and(|view| view.role == Role::Replica))
    })?;
    // Long enough for Sentinel to know them.
    stage.settle()?;
    for replica in &replicas {
        let (is_alive, is_ready) =
            (stage.probe(*replica, "alive.sh")?, stage.probe(*replica, "ready.sh")?);
        let title = stage.title(*replica);
        stage.check(is_alive, format!("{title} counts as dead"));
        stage.check(!is_ready, format!("{title} counts as ready though it is empty"));
    }
    stage.kill(master);
    let began = Instant::now();
    while began.elapsed() < stage.down_after() * 2 + Duration::from_secs(5) {
        stage.tick()?;
        let promoted = replicas
            .iter()
            .copied()
            .find(|replica| stage.data(*replica).is_some_and(|view| view.role == Role::Master));
        if let Some(replica) = promoted {
            stage.check(false, format!("{} was promoted empty", stage.title(replica)));
            break;
        }
    }
    stage.start(master)?;
    stage.good_end(stage.patience())?;
    let now = stage.master()?;
    stage.check(now == master, format!("{} serves", stage.title(now)));
    stage.read_back_after_outage()?;
    Ok(())
}
