//! Drill 3: kill -9 every process while the first master of all, the seed, has been down and the others took writes.

use std::time::Duration;

use anyhow::{Context, Result};

use super::{Drill, Need};
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 3,
    name: "seed-stale",
    does: "kill -9 every process while the first master of all, the seed, has been down and the others took writes",
    holds: "nothing lost; a good end within 30 s of the last start",
    needs: &[Need::Persistence],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    let master = &stage.lab.topology.masters[0];
    let seed = master.nodes.iter().position(|node| node.seed).context("there is no seed")?;
    let seed = stage.nodes()[seed];
    stage.settle()?;
    stage.write()?;
    stage.rest(Duration::from_secs(1))?;
    stage.kill(seed);
    // Sentinels that begin in one moment may split their votes, and try again after two failover-timeouts.
    let limit = stage.patience();
    stage.until("a master beside the seed", limit, |stage| {
        stage.serving(0).is_some_and(|master| master != seed)
    })?;
    stage.rest(Duration::from_secs(3))?;
    stage.survive_outage()
}
