//! Drill 6: change the configuration and restart every node, replicas first and the master last; change it again and restart in the order of a StatefulSet.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Drill;
use crate::{
    rehearse::stage::Stage,
    topology::{Directive, Topology},
};

pub const DRILL: Drill = Drill {
    number: 6,
    name: "rolling-restart",
    does: "change the configuration and restart every node, replicas first and the master last; change it again and restart in the order of a StatefulSet",
    holds: "nothing lost; at most one failover, then at most one for each node; new values are in force, removed ones gone, epochs never lower",
    needs: &[],
    run,
    leaves_set_as_it_was: false,
};

/// Directives that a server tells of itself in INFO, so that no right of an administrator is needed.
const HZ: &str = "hz";
const BACKLOG: &str = "repl-backlog-size";

fn run(stage: &mut Stage) -> Result<()> {
    stage.settle()?;
    let before = stage.lab.topology.clone();
    stage.write()?;

    let mut changed = before.clone();
    set(&mut changed, HZ, Some("23"));
    stage.lab.change(changed)?;
    let master = stage.master()?;
    let mut order: Vec<usize> = stage.replicas()?;
    order.push(master);
    let failovers = roll(stage, &order)?;
    stage.check(failovers <= 1, format!("{failovers} failovers instead of one"));
    for node in stage.nodes() {
        expect(stage, node, "configured_hz", "23")?;
    }

    let mut changed = before.clone();
    set(&mut changed, BACKLOG, Some("17mb"));
    stage.lab.change(changed)?;
    let order: Vec<usize> = stage.nodes().into_iter().rev().collect();
    let failovers = roll(stage, &order)?;
    let nodes = order.len() as u64;
    stage.check(failovers <= nodes, format!("{failovers} failovers for {nodes} nodes"));
    let hz = before.masters[0].directives.iter().find(|directive| directive.name == HZ);
    let hz = hz.and_then(|directive| directive.words.first().cloned()).unwrap_or("10".into());
    for node in stage.nodes() {
        expect(stage, node, "configured_hz", &hz)?;
        expect(stage, node, "repl_backlog_size", &(17 << 20).to_string())?;
    }
    stage.read_back()?;
    Ok(())
}

/// Restarts each in turn and says how many failovers there were.
fn roll(stage: &mut Stage, order: &[usize]) -> Result<u64> {
    let first = stage.epoch();
    let mut epoch = first;
    for node in order {
        if stage.master()? == *node {
            stage.settle()?;
        }
        let began = Instant::now();
        stage.stop(*node)?;
        stage.start(*node)?;
        stage.good_end(Duration::from_mins(1))?;
        stage.tell(format!("{} took {:.1} s", stage.title(*node), began.elapsed().as_secs_f64()));
        let now = stage.epoch();
        stage.check(now >= epoch, format!("the epoch fell from {epoch} to {now}"));
        epoch = now;
    }
    Ok(epoch - first)
}

fn set(topology: &mut Topology, name: &str, value: Option<&str>) {
    let directives = &mut topology.masters[0].directives;
    directives.retain(|directive| directive.name != name);
    if let Some(value) = value {
        directives.push(Directive { name: name.into(), words: vec![value.into()] });
    }
}

fn expect(stage: &mut Stage, node: usize, field: &str, value: &str) -> Result<()> {
    let said = stage.info(node, field)?;
    let title = stage.title(node);
    stage.check(said == value, format!("{title} has {field} {said} instead of {value}"));
    Ok(())
}
