//! Drill 18: every data node of the second master dies for good and the Sentinels restart, once with and once without their volumes.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::{machines::Kind, stage::Stage};

pub const DRILL: Drill = Drill {
    number: 18,
    name: "one-of-two-masters",
    does: "every data node of the second master dies for good and the Sentinels restart, once with and once without their volumes",
    holds: "the first master still fails over",
    needs: &[Need::TwoMasters],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    let sentinels = stage.sentinels();
    let dead = stage.all(Kind::Data(1));
    stage.kill_all(&dead);
    for is_lost in [false, true] {
        stage.write()?;
        stage.kill_all(&sentinels);
        for sentinel in &sentinels {
            if is_lost {
                stage.wipe(*sentinel)?;
            }
            stage.start(*sentinel)?;
        }
        let patience = Duration::from_secs(stage.lab.topology.patience.sentinel_seconds.into());
        stage.until(
            "the Sentinels watch the first master",
            patience + Duration::from_secs(15),
            |stage| {
                sentinels.iter().all(|sentinel| {
                    let view = stage.sentinel(*sentinel, 0);
                    view.is_some_and(|view| view.has_quorum && view.flags == "master")
                })
            },
        )?;
        stage.settle()?;
        let old = stage.master()?;
        stage.kill(old);
        let limit = stage.down_after() + Duration::from_secs(2);
        stage.until_replaced(old, limit)?;
        let began = Instant::now();
        stage.start(old)?;
        stage.until("the old master is a replica", Duration::from_secs(30), |stage| {
            stage.data(old).is_some_and(|view| view.has_link && view.priority == 100)
        })?;
        stage.never_master_since(old, began);
        stage.read_back()?;
    }
    for node in &dead {
        stage.start(*node)?;
    }
    stage.good_end(stage.patience())?;
    Ok(())
}
