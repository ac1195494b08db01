//! From PATH arguments to sources.

mod bases;
mod place;
mod search;
mod text;

use std::{io::Write, path::Path};

use anyhow::{Error, Result, anyhow};
use rayon::prelude::*;

use self::{
    bases::Bases,
    search::Search,
    text::{is_spec, limit},
};
pub use self::{
    place::Place,
    text::{GROUP, Read},
};
use super::{Streams, files::Kind as What, progress::Progress};
use crate::load::{self, Alone, Keep, Loaded};

/// More sources than this are not kept whole.
const SEVERAL: usize = 16;
/// Specs of more sources than this are packed until they are rendered.
const MANY: usize = 1024;
/// Files of each thread whose texts are in memory at the same time.
const AT_ONCE: usize = 16;

/// The sources of a run, each with what became of it.
pub struct Inputs<T = Read> {
    pub sources: Vec<T>,
    /// Whether some could not be read; they are told already.
    pub is_incomplete: bool,
    /// Whether the user named one file, not a set.
    pub is_single: bool,
    /// Whether the user named directories or globs only: whatever is not in them is gone.
    pub is_whole: bool,
    /// Paths at which there is nothing, where that is no error.
    pub missing: Vec<String>,
}

/// Reads everything that the arguments name, each file once.
pub fn read(paths: &[String], stderr: &mut dyn Write) -> Result<Inputs> {
    read_at(&Place::here(), paths, stderr)
}

/// The same at another place.
pub fn read_at(place: &Place<'_>, paths: &[String], stderr: &mut dyn Write) -> Result<Inputs> {
    let search = Search::of(place, paths)?;
    read_each(place, paths, search, |read| read)?.told(stderr)
}

/// What comes after all are judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Report,
    Render,
}

/// The same on the disk, and judges each by itself as soon as it is read: of many only little is kept.
pub fn judge_each(paths: &[String], then: Then, streams: &mut Streams) -> Result<Inputs<Alone>> {
    let place = Place::here();
    let search = Search::of(&place, paths)?;
    let keep = keep(search.count(), then);
    let progress = Progress::start(streams, "checks", search.count(), "specs");
    let judged = read_each(&place, paths, search, |read| {
        let alone = load::alone(read, keep);
        progress.step();
        alone
    });
    drop(progress);
    judged?.told(&mut streams.stderr)
}

fn keep(count: usize, then: Then) -> Keep {
    match then {
        _ if count <= SEVERAL => Keep::Whole,
        Then::Report => Keep::Findings,
        Then::Render if count <= MANY => Keep::Spec,
        Then::Render => Keep::Packed,
    }
}

/// What was read, and what could not be.
struct Outcome<T>(Inputs<T>, Vec<Error>);

impl<T> Outcome<T> {
    fn told(self, stderr: &mut dyn Write) -> Result<Inputs<T>> {
        let Self(inputs, errors) = self;
        for error in &errors {
            writeln!(stderr, "error: {error:#}")?;
        }
        Ok(Inputs { is_incomplete: !errors.is_empty(), ..inputs })
    }
}

/// Reads what was found, lays it over its bases, and does something with each. Bases come last, in a fixed order as everything else.
fn read_each<T: Send>(
    place: &Place<'_>,
    paths: &[String],
    search: Search,
    each: impl Fn(Read) -> T + Sync,
) -> Result<Outcome<T>> {
    let Search { files, named, directories, mut errors, mut missing, has_stdin } = search;
    let mut bases = Bases::of(place, &named);
    let mut sources = Vec::with_capacity(files.len());
    if has_stdin {
        let here = Path::new(".").canonicalize().unwrap_or_default();
        sources.push(each(bases.under(text::stdin()?, &here.join("stdin"))));
    }
    let mut is_empty = vec![true; directories.len()];
    let files: Vec<_> = files.into_iter().collect();
    for some in files.chunks(AT_ONCE * rayon::current_num_threads()) {
        let mut found = Vec::with_capacity(some.len());
        for (file, wanted) in some {
            match place.files.read(file, limit()) {
                Ok(bytes) => found.push((file, wanted, bytes)),
                Err(error) => {
                    errors.push(error);
                    wanted.below.iter().for_each(|directory| is_empty[*directory] = false);
                }
            }
        }
        let prefix = &place.prefix;
        let read =
            at_once(found, |(file, wanted, bytes)| (wanted, text::of_file(prefix, file, bytes)));
        let mut laid = Vec::with_capacity(read.len());
        for (wanted, read) in read {
            let is_spec = wanted.below.is_empty() || is_spec(&read);
            if is_spec {
                wanted.below.iter().for_each(|directory| is_empty[*directory] = false);
            }
            if is_spec || wanted.is_named {
                laid.push(bases.under(read, &wanted.identity));
            }
        }
        sources.extend(at_once(laid, &each));
    }
    let empty = directories.iter().zip(is_empty).filter(|(_, is_empty)| *is_empty);
    for (directory, _) in empty {
        if place.may_lack {
            missing.push(directory.display().to_string());
        } else {
            errors.push(anyhow!(
                "no spec below {}: none of its YAML files has an apiVersion that starts with {GROUP}",
                directory.display()
            ));
        }
    }
    let is_single = sources.len() == 1
        && paths.len() == 1
        && place.files.kind(Path::new(&paths[0]))? != What::Folder;
    sources.extend(at_once(bases.beside(|identity| named.contains_key(identity)), &each));
    let is_set = |path: &String| path != "-" && !Path::new(path).is_file();
    let is_whole = paths.iter().all(is_set);
    let inputs = Inputs { sources, is_incomplete: false, is_single, is_whole, missing };
    Ok(Outcome(inputs, errors))
}

/// Does something with each; threads for one would take longer than that.
fn at_once<A: Send, B: Send>(all: Vec<A>, each: impl Fn(A) -> B + Send + Sync) -> Vec<B> {
    if all.len() < 2 {
        all.into_iter().map(each).collect()
    } else {
        all.into_par_iter().map(each).collect()
    }
}

/// Texts that were let go of, for the sources that something was found in.
pub fn recall(loaded: &mut [Loaded]) {
    for Loaded { source, diagnostics, .. } in loaded {
        if source.is_forgotten() && !diagnostics.is_empty() {
            // Without it the place is told, and its line is not shown.
            if let Ok(text) = std::fs::read_to_string(&source.name) {
                source.recall(text);
            }
        }
    }
}

/// Bases alone are nothing to render.
pub fn only_bases(paths: &[String]) -> Error {
    anyhow!("nothing but bases in {}; they are never rendered by themselves", paths.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{Then::*, *};

    #[test]
    fn the_more_sources_the_less_is_kept_of_each() {
        let kept = |then| [16, 17, 1024, 1025].map(|count| keep(count, then));
        assert!(kept(Report) == [Keep::Whole, Keep::Findings, Keep::Findings, Keep::Findings]);
        assert!(kept(Render) == [Keep::Whole, Keep::Spec, Keep::Spec, Keep::Packed]);
    }
}
