//! Drill 11: start a set that was never started in a random order; then with one data node missing.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::Drill;
use crate::rehearse::{stage::Stage, views::Role};

pub const DRILL: Drill = Drill {
    number: 11,
    name: "first-start",
    does: "start a set that was never started in a random order; then with one data node missing",
    holds: "the seed is master within 30 s; with a node missing nobody serves, and the log names it, until it comes",
    needs: &[],
    run,
    leaves_set_as_it_was: true,
};

fn run(stage: &mut Stage) -> Result<()> {
    let nodes = stage.nodes();
    let seeds = stage.lab.topology.masters[0].nodes.iter().map(|node| node.seed);
    let seed = nodes.iter().zip(seeds).find_map(|(node, is_seed)| is_seed.then_some(*node));
    let seed = seed.context("there is no seed")?;
    empty_everything(stage)?;
    let all = stage.everything();
    stage.start_in_random_order(&all, stage.seconds(10.0))?;
    let took = stage.good_end(Duration::from_secs(30))?;
    stage.figures.new_master.push(took);
    let master = stage.master()?;
    stage.check(master == seed, format!("{} is master instead of the seed", stage.title(master)));
    empty_everything(stage)?;
    let missing = nodes.iter().rev().find(|node| **node != seed);
    let missing = *missing.context("there is no node beside the seed")?;
    for index in stage.everything() {
        if index != missing {
            stage.start(index)?;
        }
    }
    let began = Instant::now();
    while began.elapsed() < stage.seconds(10.0) + Duration::from_secs(5) {
        stage.tick()?;
        let serving = nodes
            .iter()
            .copied()
            .find(|node| stage.data(*node).is_some_and(|view| view.role == Role::Master));
        if let Some(node) = serving {
            stage.check(
                false,
                format!("{} serves while {} never came", stage.title(node), stage.title(missing)),
            );
            break;
        }
    }
    let wanted = format!("needs=\"{} to answer\"", stage.lab.processes[missing].place.node);
    let log = stage.lab.processes[seed].all_logged();
    let last = log.lines().rfind(|line| line.contains("needs=")).unwrap_or_default().to_string();
    stage.tell(&last);
    stage.check(
        last.contains(&wanted),
        format!("the log of the seed does not say {wanted}: {last}"),
    );
    stage.start(missing)?;
    stage.good_end(Duration::from_secs(30))?;
    Ok(())
}

fn empty_everything(stage: &mut Stage) -> Result<()> {
    let all = stage.everything();
    stage.kill_all(&all);
    for index in all {
        stage.wipe(index)?;
    }
    Ok(())
}
