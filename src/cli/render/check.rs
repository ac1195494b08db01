//! `redisforge render --check`: what would be written, and nothing is.

use std::{io::Write, path::PathBuf};

use anyhow::Result;

use super::target::{self, FEW, Place, Target};
use crate::{
    cli::{CLEAN, FINDINGS, Streams, Verbosity, progress::Progress},
    load::Loaded,
    output::{self, Action, Change, Gone},
    templates::Templates,
};

/// Topologies that are compared before what they lack is told.
const AT_ONCE: usize = 256;

/// What a directory lacks.
struct Drift {
    directory: PathBuf,
    files: usize,
    /// Line by line.
    text: String,
}

pub fn check(
    place: &Place,
    loaded: &mut [Loaded],
    gone: &[Gone],
    templates: &Templates,
    streams: &mut Streams,
) -> Result<u8> {
    let shows_all = streams.verbosity == Verbosity::Verbose;
    let mut stale = 0;
    let count = loaded.iter().filter(|loaded| loaded.is_valid()).count();
    let mut progress = Some(Progress::start(streams, "compares", count, "topologies"));
    for some in loaded.chunks_mut(AT_ONCE) {
        let drifts = target::each(place, some, templates, |target| {
            let drift = drift(&target);
            progress.iter().for_each(Progress::step);
            Ok(drift)
        })?;
        for Drift { directory, files, text } in drifts.into_iter().flatten() {
            // What it lacks is told from here on, which says that something happens.
            progress = None;
            stale += 1;
            let directory = directory.display();
            if stale <= FEW || shows_all {
                write!(streams.stdout, "{text}")?;
                streams.insist(&format!(
                    "{directory} is not current; render it again and commit the result"
                ))?;
            } else {
                writeln!(streams.stdout, "{:<8} {directory}: {files} files", "stale")?;
            }
        }
    }
    if stale > FEW && !shows_all {
        let more = stale - FEW;
        streams.insist(&format!(
            "{more} more are not current either; `--verbose` shows what differs"
        ))?;
    }
    for gone in gone {
        let directory = gone.directory.display();
        writeln!(streams.stdout, "{:<8} {directory}", "gone")?;
        streams
            .insist(&format!("{directory} has no spec any more; `render --prune` removes it"))?;
    }
    Ok(if stale == 0 && gone.is_empty() { CLEAN } else { FINDINGS })
}

fn drift(target: &Target) -> Option<Drift> {
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
    let files = comparison.changes.iter().filter(|change| change.is_drift()).count();
    Some(Drift { directory: directory.clone(), files, text })
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
    let (artifact, present) = (change.artifact.as_ref()?, change.present()?);
    let present = String::from_utf8_lossy(present);
    let diff = similar::TextDiff::from_lines(present.as_ref(), artifact.content.as_str());
    Some(diff.unified_diff().header("present", "rendered").to_string())
}
