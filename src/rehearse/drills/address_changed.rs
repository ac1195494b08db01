//! Drill 10: a replica, then the master, returns with another address under its name.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 10,
    name: "address-changed",
    does: "a replica, then the master, returns with another address under its name",
    holds: "nothing lost; the Sentinels know as many replicas and Sentinels as before",
    needs: &[Need::Namespaces, Need::Names],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    stage.settle()?;
    stage.write()?;
    let replica = stage.replicas()?[0];
    move_away(stage, replica)?;
    stage.good_end(Duration::from_mins(1))?;
    stage.settle()?;
    let old = stage.master()?;
    move_away(stage, old)?;
    stage.good_end(Duration::from_mins(1))?;
    stage.read_back()?;
    Ok(())
}

/// Kills everything on the machine of a process, and starts it there with another address.
fn move_away(stage: &mut Stage, process: usize) -> Result<()> {
    let machine = stage.lab.processes[process].place.machine;
    let here: Vec<usize> = stage
        .everything()
        .into_iter()
        .filter(|index| stage.lab.processes[*index].place.machine == machine)
        .collect();
    stage.kill_all(&here);
    stage.lab.readdress(machine)?;
    stage.watch_anew()?;
    let killed = Instant::now();
    stage.rest(Duration::from_secs(1))?;
    for index in here {
        stage.start(index)?;
    }
    stage.tell(format!("its processes start again after {:.1} s", killed.elapsed().as_secs_f64()));
    Ok(())
}
