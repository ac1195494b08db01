//! `redisforge render`: everything is complete beside its place before the first file of the first topology changes.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rayon::prelude::*;

use super::{
    Options,
    target::{self, FEW, Place, Target, shown},
};
use crate::{
    cli::{CLEAN, FINDINGS, Streams, Verbosity, progress::Progress},
    load::Loaded,
    output::{self, Change, Gone, Staged},
    templates::Templates,
};

/// What is told of all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    Sums,
    Topologies,
    Files,
}

/// What came of one topology; small, as there may be ten thousand.
struct Done {
    directory: PathBuf,
    counts: Counts,
    edited: Vec<PathBuf>,
    staged: Option<Staged>,
    /// What is told of it by itself.
    told: Vec<String>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    files: usize,
    written: usize,
    removed: usize,
    unchanged: usize,
}

pub fn write(
    place: &Place,
    loaded: &mut [Loaded],
    gone: &[Gone],
    templates: &Templates,
    options: &Options<'_>,
    streams: &mut Streams,
) -> Result<u8> {
    let count = loaded.iter().filter(|loaded| loaded.is_valid()).count();
    let tells = match streams.verbosity {
        Verbosity::Verbose => Tells::Files,
        _ if count <= FEW => Tells::Topologies,
        _ => Tells::Sums,
    };
    let progress = Progress::start(streams, "renders", count, "topologies");
    let mut done = target::each(place, loaded, templates, |target| {
        let done = stage(&target, options.overwrite_edited, tells);
        progress.step();
        done
    })?;
    drop(progress);
    let edited: Vec<&PathBuf> = done.iter().flat_map(|done| &done.edited).collect();
    if !edited.is_empty() {
        for path in &edited {
            streams.insist(&format!("error: {} is not as redisforge wrote it", path.display()))?;
        }
        let advice = "keep the edit: say it in the spec, or in a kustomization on top; drop it: --overwrite-edited";
        streams.insist(&format!("{advice}\nnothing was written"))?;
        return Ok(FINDINGS);
    }
    let staged: Vec<Staged> = done.iter_mut().filter_map(|done| done.staged.take()).collect();
    if staged.len() == 1 {
        staged.into_iter().try_for_each(Staged::publish)?;
    } else {
        let progress = Progress::start(streams, "writes", staged.len(), "topologies");
        staged.into_par_iter().try_for_each(|staged| {
            staged.publish()?;
            progress.step();
            anyhow::Ok(())
        })?;
    }
    for line in done.iter().flat_map(|done| &done.told) {
        streams.tell(line)?;
    }
    if tells == Tells::Sums {
        summary(&done, streams)?;
    }
    leave(gone, options.prune, streams)
}

/// Writes what a topology lacks beside its place, unless somebody's edit would be lost.
fn stage(target: &Target, overwrites: bool, tells: Tells) -> Result<Done> {
    let Target { topology, directory, comparison } = target;
    let edited: Vec<PathBuf> = if overwrites {
        Vec::new()
    } else {
        comparison.edited().map(|change| directory.join(&change.path)).collect()
    };
    let staged = if edited.is_empty() { output::stage(comparison, directory)? } else { None };
    let count =
        |is: fn(&Change) -> bool| comparison.changes.iter().filter(|change| is(change)).count();
    let counts = Counts {
        files: count(|change| change.artifact.is_some()),
        written: count(|change| change.is_drift() && change.artifact.is_some()),
        removed: count(|change| change.artifact.is_none()),
        unchanged: count(|change| !change.is_drift()),
    };
    let mut told = Vec::new();
    if tells == Tells::Files {
        for change in comparison.changes.iter().filter(|change| change.is_drift()) {
            let does = if change.artifact.is_some() { "written" } else { "removed" };
            told.push(format!("{does} {}", directory.join(&change.path).display()));
        }
    }
    if tells != Tells::Sums {
        told.push(format!(
            "{}: {} files in {}: {}",
            topology.name,
            counts.files,
            directory.display(),
            counts.words()
        ));
        let expected = topology.expectations();
        if !expected.is_empty() {
            told.push(format!("{} expects: {}", topology.name, expected.join(", ")));
        }
    }
    Ok(Done { directory: directory.clone(), counts, edited, staged, told })
}

impl Counts {
    fn words(self) -> String {
        let Self { written, removed, unchanged, .. } = self;
        format!("{written} written, {removed} removed, {unchanged} unchanged")
    }

    fn plus(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            written: self.written + other.written,
            removed: self.removed + other.removed,
            unchanged: self.unchanged + other.unchanged,
        }
    }

    fn is_changed(self) -> bool {
        self.written + self.removed > 0
    }
}

fn summary(done: &[Done], streams: &mut Streams) -> Result<()> {
    let all = done.iter().map(|done| done.counts).fold(Counts::default(), Counts::plus);
    streams.tell(&format!("{} topologies: {} files: {}", done.len(), all.files, all.words()))?;
    let changed: Vec<&Path> = done
        .iter()
        .filter(|done| done.counts.is_changed())
        .map(|done| done.directory.as_path())
        .collect();
    if !changed.is_empty() {
        streams.tell(&format!("changed: {}", shown(&changed)))?;
    }
    streams.tell("--verbose names each topology, and what it expects to exist")
}

/// Names what no spec describes any more, and removes it on request.
fn leave(gone: &[Gone], prunes: bool, streams: &mut Streams) -> Result<u8> {
    if gone.is_empty() {
        return Ok(CLEAN);
    }
    let directories: Vec<&Path> = gone.iter().map(|gone| gone.directory.as_path()).collect();
    if !prunes {
        streams.tell(&format!(
            "warning: no spec for {}; `--prune` removes what was rendered there",
            shown(&directories)
        ))?;
        return Ok(CLEAN);
    }
    let mut code = CLEAN;
    for gone in gone {
        let left = gone.prune()?;
        streams.tell(&format!("removed what was rendered in {}", gone.directory.display()))?;
        for file in left {
            if gone.edited.contains(&file) {
                code = FINDINGS;
                streams
                    .insist(&format!("error: {} is not as redisforge wrote it", file.display()))?;
            } else {
                streams.tell(&format!("left {}, which is not ours", file.display()))?;
            }
        }
    }
    Ok(code)
}
