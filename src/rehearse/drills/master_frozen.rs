//! Drill 9: SIGSTOP the master for down-after + 5 s, then SIGCONT, while clients hold on to it.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::{stage::Stage, views::Role};

pub const DRILL: Drill = Drill {
    number: 9,
    name: "master-frozen",
    does: "SIGSTOP the master for down-after + 5 s, then SIGCONT, while clients hold on to it",
    holds: "it acknowledges no write afterwards, and is a replica within 15 s; nothing lost but writes of that very instant",
    needs: &[Need::MinReplicas],
    run,
    leaves_set_as_it_was: true,
};

/// Around the signal.
const INSTANT: Duration = Duration::from_millis(50);

fn run(stage: &mut Stage) -> Result<()> {
    let (old, pinned) = stage.write_also_to_master()?;
    let before = Instant::now();
    stage.rest(INSTANT)?;
    stage.freeze(old, true);
    let frozen = Instant::now();
    let limit = stage.down_after() + Duration::from_secs(3);
    stage.until_replaced(old, limit)?;
    let rest = (stage.down_after() + Duration::from_secs(5)).saturating_sub(frozen.elapsed());
    stage.rest(rest)?;
    stage.freeze(old, false);
    let woken = Instant::now();
    stage.until("it is a replica", Duration::from_secs(15), |stage| {
        stage.data(old).is_some_and(|view| view.at > woken && view.role == Role::Replica)
    })?;
    stage.excuse(&[]);
    stage.good_end(Duration::from_secs(30))?;
    let pinned = pinned.stop();
    let after = pinned.since(woken);
    stage.check(after == 0, format!("it acknowledged {after} writes after it was woken"));
    let written = stage.end_load()?;
    for written in [pinned, written] {
        // A server that is stopped between a reply and its replicas takes that write with it.
        let doubtful = written.since(before) - written.since(frozen + INSTANT);
        stage.count_lost(&written, doubtful)?;
    }
    Ok(())
}
