//! `redisforge render --check`: what would be written, and nothing is.

use std::io::Write;

use anyhow::Result;

use super::target::{self, Place, Target};
use crate::{
    cli::{CLEAN, FINDINGS, Streams, progress::Progress},
    load::Loaded,
    output::{self, Action, Change, Gone},
    templates::Templates,
};

/// Topologies that are compared before what they lack is told.
const AT_ONCE: usize = 256;

pub fn check(
    place: &Place,
    loaded: &mut [Loaded],
    gone: &[Gone],
    templates: &Templates,
    streams: &mut Streams,
) -> Result<u8> {
    let mut is_current = gone.is_empty();
    let count = loaded.iter().filter(|loaded| loaded.is_valid()).count();
    let mut progress = Some(Progress::start(streams, "compares", count, "topologies"));
    for some in loaded.chunks_mut(AT_ONCE) {
        let drifts = target::each(place, some, templates, |target| {
            let drift = drift(&target);
            progress.iter().for_each(Progress::step);
            Ok(drift)
        })?;
        for (text, told) in drifts.into_iter().flatten() {
            // What it lacks is told from here on, which says that something happens.
            progress = None;
            is_current = false;
            write!(streams.stdout, "{text}")?;
            streams.insist(&told)?;
        }
    }
    for gone in gone {
        let directory = gone.directory.display();
        writeln!(streams.stdout, "{:<8} {directory}", "gone")?;
        streams
            .insist(&format!("{directory} has no spec any more; `render --prune` removes it"))?;
    }
    Ok(if is_current { CLEAN } else { FINDINGS })
}

/// What a directory lacks, and what to do about it.
fn drift(target: &Target) -> Option<(String, String)> {
    let Target { directory, comparison, .. } = target;
    if comparison.is_current() {
        return None;
    }
    let shown = |path: &str| directory.join(path).display().to_string();
    let mut text = String::new();
    for change in comparison.changes.iter().filter(|change| change.is_drift()) {
        text += &format!("{:<8} {}\n", word(&change.action), shown(&change.path));
        text += &difference(change).unwrap_or_default();
    }
    if !comparison.lock_is_current {
        text += &format!("{:<8} {}\n", "differs", shown(output::LOCK));
    }
    for leftover in comparison.leftovers() {
        text += &format!("{:<8} {}\n", "left", shown(leftover));
    }
    let told =
        format!("{} is not current; render it again and commit the result", directory.display());
    Some((text, told))
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Create => "missing",
        Action::Update => "differs",
        Action::Remove => "left",
        Action::Edited => "edited",
        Action::Keep => "current",
    }
}

fn difference(change: &Change) -> Option<String> {
    let (artifact, present) = (change.artifact.as_ref()?, change.present.as_ref()?);
    let present = String::from_utf8_lossy(present);
    let diff = similar::TextDiff::from_lines(present.as_ref(), artifact.content.as_str());
    Some(diff.unified_diff().header("present", "rendered").to_string())
}
