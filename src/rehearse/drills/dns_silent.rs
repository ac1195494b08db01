//! Drill 21: DNS answers nothing for 60 s; a replica is killed and starts meanwhile.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::{ground, stage::Stage, views::Role};

pub const DRILL: Drill = Drill {
    number: 21,
    name: "dns-silent",
    does: "DNS answers nothing for 60 s; a replica is killed and starts meanwhile",
    holds: "nothing that runs changes, the start waits or follows what it knew, a good end after",
    needs: &[Need::Namespaces, Need::Names],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    stage.write()?;
    let (master, replica, epoch) = (stage.master()?, stage.replicas()?[0], stage.epoch());
    stage.lab.ground.name(&[])?;
    ground::silence_dns(true)?;
    stage.tell("no name resolves any more");
    stage.kill(replica);
    stage.start(replica)?;
    let began = Instant::now();
    while began.elapsed() < stage.seconds(60.0) {
        stage.tick()?;
        let other = stage.nodes().into_iter().find(|node| {
            *node != master && stage.data(*node).is_some_and(|view| view.role == Role::Master)
        });
        if let Some(other) = other {
            stage.check(false, format!("{} became master", stage.title(other)));
            break;
        }
    }
    ground::silence_dns(false)?;
    stage.lab.name()?;
    stage.tell("names resolve again");
    // Sentinels that waited for DNS are in TILT, which lasts 30 s.
    stage.good_end(Duration::from_secs(90))?;
    let now = stage.master()?;
    let is_same = now == master && stage.epoch() == epoch;
    stage.check(is_same, format!("{} is master at epoch {} now", stage.title(now), stage.epoch()));
    stage.read_back()?;
    Ok(())
}
