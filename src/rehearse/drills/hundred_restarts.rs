//! Drill 20: restart all replicas and Sentinels, again and again, a hundred restarts together.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Drill;
use crate::rehearse::{machines::Kind, stage::Stage};

pub const DRILL: Drill = Drill {
    number: 20,
    name: "hundred-restarts",
    does: "restart all replicas and Sentinels, again and again, a hundred restarts together",
    holds: "their live files are as before but for state: epochs, the master and the order of peers",
    needs: &[],
    run,
    leaves_set_as_it_was: true,
};

const RESTARTS: usize = 100;

fn run(stage: &mut Stage) -> Result<()> {
    let mut restarted = stage.replicas()?;
    restarted.extend(stage.sentinels());
    let before = all_live(stage, &restarted)?;
    let began = Instant::now();
    let rounds = RESTARTS.div_ceil(restarted.len());
    stage.lab.timeline.mute(true);
    for _ in 0..rounds {
        stage.kill_all(&restarted);
        for index in &restarted {
            stage.start(*index)?;
        }
        stage.until("all run again", Duration::from_secs(30), |stage| {
            restarted.iter().all(|index| {
                stage.data(*index).is_some_and(|view| view.has_link)
                    || stage.sentinel(*index, 0).is_some()
            })
        })?;
    }
    stage.lab.timeline.mute(false);
    let restarts = rounds * restarted.len();
    stage.tell(format!("{restarts} restarts in {:.1} s", began.elapsed().as_secs_f64()));
    stage.good_end(Duration::from_mins(1))?;
    let after = all_live(stage, &restarted)?;
    for ((index, before), after) in restarted.iter().zip(&before).zip(&after) {
        let grown = directives_beyond(after, before);
        let gone = directives_beyond(before, after);
        let title = stage.title(*index);
        stage.check(
            grown.is_empty() && gone.is_empty() && before.len() == after.len(),
            format!(
                "the live file of {title} changed from {} to {} lines: more {grown:?}, less {gone:?}",
                before.len(),
                after.len()
            ),
        );
    }
    Ok(())
}

/// The directives of the lines that only one side has; without their values, which may be passwords.
fn directives_beyond<'a>(lines: &'a [String], others: &[String]) -> Vec<&'a str> {
    lines
        .iter()
        .filter(|line| !others.contains(line))
        .map(|line| match line.strip_prefix("sentinel ") {
            Some(rest) => rest.split(' ').next().unwrap_or(rest),
            None => line.split(' ').next().unwrap_or(line),
        })
        .collect()
}

fn all_live(stage: &Stage, processes: &[usize]) -> Result<Vec<Vec<String>>> {
    processes.iter().map(|index| live(stage, *index)).collect()
}

/// The lines of a live file without values of state, sorted.
fn live(stage: &Stage, index: usize) -> Result<Vec<String>> {
    let place = &stage.lab.processes[index].place;
    let name = if place.kind == Kind::Sentinel { "sentinel.conf" } else { "redis.conf" };
    let text = std::fs::read_to_string(place.volume.join("live").join(name))?;
    let is_state = |line: &str| {
        ["epoch", "known-", "replicaof", "replica-priority"].iter().any(|word| line.contains(word))
    };
    let mut lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_state(line))
        .map(String::from)
        .collect();
    lines.sort();
    Ok(lines)
}
