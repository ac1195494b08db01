//! Drill 5: stop the master as its platform does, under at least 1,000 writes a second.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Drill;
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 5,
    name: "planned-stop",
    does: "stop the master as its platform does, under at least 1,000 writes a second",
    holds: "nothing lost; the longest gap is at most 3 s",
    needs: &[],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    stage.settle()?;
    stage.write()?;
    let began = Instant::now();
    stage.rest(Duration::from_secs(2))?;
    let old = stage.master()?;
    let said = stage.stop(old)?;
    stage.check(said.contains("handed over"), format!("the stop script did not hand over: {said}"));
    stage.rest(Duration::from_secs(2))?;
    let elapsed = began.elapsed();
    let written = stage.read_back()?;
    let gap = written.longest_gap;
    stage.check(
        gap <= Duration::from_secs(3),
        format!("nobody could write for {:.1} s", gap.as_secs_f64()),
    );
    let busy = elapsed.saturating_sub(gap).as_secs_f64();
    #[allow(clippy::cast_precision_loss)]
    let rate = written.count() as f64 / busy;
    stage.check(rate >= 1000.0, format!("only {rate:.0} writes a second"));
    stage.start(old)?;
    stage.good_end(Duration::from_secs(30))?;
    Ok(())
}
