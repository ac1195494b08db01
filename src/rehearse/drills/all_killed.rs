//! Drill 2: kill -9 every process under load, each back 0 to 10 s later, in several random orders.

use std::time::Duration;

use anyhow::Result;

use super::Drill;
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 2,
    name: "all-killed",
    does: "kill -9 every process under load, each back 0 to 10 s later, in several random orders",
    holds: "nothing lost; a good end within 30 s of the last start",
    needs: &[],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    for _ in 0..stage.scope.orders {
        stage.write()?;
        stage.rest(Duration::from_secs(2))?;
        stage.survive_outage()?;
    }
    Ok(())
}
