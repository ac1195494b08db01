//! The files that specs are based on, each read once.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{
    place::Place,
    text::{self, Read},
};
use crate::{
    cli::files,
    diagnostic::Diagnostic,
    load::FATAL,
    source::{Base, MAXIMUM_BYTES, Source},
};

/// How deep a spec may be based on files that are based on files.
const DEEPEST: usize = 5;
/// Files that a spec may be made of, each counted as often as it comes in.
const MOST_FILES: usize = 100;
/// Bytes that they may have together.
const MOST_BYTES: usize = 4 * MAXIMUM_BYTES;

/// What was read so far, by identity.
pub struct Bases<'a> {
    place: &'a Place<'a>,
    /// The names that the user gave some files, by identity.
    named: &'a BTreeMap<PathBuf, PathBuf>,
    known: BTreeMap<PathBuf, Known>,
}

struct Known {
    /// As it was read, with what is wrong in it.
    read: Read,
    /// With what it is based on itself.
    whole: Source,
    /// How deep it is based on others.
    depth: usize,
    /// Whether it is one of ours at all.
    is_spec: bool,
}

/// Why a file cannot be based on another.
struct Refusal {
    id: &'static str,
    message: String,
    help: &'static str,
}

impl<'a> Bases<'a> {
    #[must_use]
    pub fn of(place: &'a Place<'a>, named: &'a BTreeMap<PathBuf, PathBuf>) -> Self {
        Self { place, named, known: BTreeMap::new() }
    }

    /// Lays a file over those that it is based on. Their paths are relative to its own.
    pub fn under(&mut self, read: Read, identity: &Path) -> Read {
        if read.0.bases().is_empty() {
            return read;
        }
        if let Some(known) = self.known.get(identity) {
            return (known.whole.clone(), known.read.1.clone());
        }
        let (whole, diagnostics, _) = self.inherit(read, identity, &mut vec![identity.into()]);
        (whole, diagnostics)
    }

    /// Every base that was read and is none of these files, by itself.
    pub fn beside(self, is_named: impl Fn(&Path) -> bool) -> Vec<Read> {
        let known = self.known.into_iter();
        known
            .filter(|(identity, known)| known.is_spec && !is_named(identity))
            .map(|(_, known)| (known.read.0.as_base(), known.read.1))
            .collect()
    }

    /// A file with what it is based on, what is wrong in it, and how deep it is based on others.
    fn inherit(
        &mut self,
        (source, mut diagnostics): Read,
        identity: &Path,
        chain: &mut Vec<PathBuf>,
    ) -> (Source, Vec<Diagnostic>, usize) {
        let bases = source.bases();
        if bases.is_empty() {
            return (source, diagnostics, 0);
        }
        let directory = identity.parent().unwrap_or(Path::new(""));
        let repository = self.place.files.repository(directory);
        let mut found: Vec<(usize, Source)> = Vec::new();
        let (mut depth, mut files, mut bytes) = (0, 1, source.text.len());
        let mut is_incomplete = false;
        for Base { path, span, entry } in bases {
            let base = self.base(&path, directory, &repository, chain).and_then(|known| {
                files += known.whole.files().count();
                bytes += known.whole.text.len();
                if files > MOST_FILES || bytes > MOST_BYTES { Err(too_large()) } else { Ok(known) }
            });
            match base {
                Ok(known) => {
                    depth = depth.max(known.depth + 1);
                    found.push((entry, known.whole.clone()));
                }
                Err(refusal) => {
                    let is_last = refusal.id == "too-large";
                    diagnostics.push(refusal.at(span));
                    is_incomplete = true;
                    if is_last {
                        break;
                    }
                }
            }
        }
        let whole = source.over(found);
        (if is_incomplete { whole.incomplete() } else { whole }, diagnostics, depth)
    }

    fn base(
        &mut self,
        path: &str,
        directory: &Path,
        repository: &Path,
        chain: &mut Vec<PathBuf>,
    ) -> Result<&Known, Refusal> {
        if Path::new(path).is_absolute() {
            return Err(Refusal {
                id: "base-outside-repository",
                message: format!("the base {path} is an absolute path"),
                help: "write its path relative to this file",
            });
        }
        let identity = self.place.files.identity(&directory.join(path)).ok_or_else(|| Refusal {
            id: "base-unreadable",
            message: format!("cannot read the base {path}: there is no such file"),
            help: "write its path relative to this file",
        })?;
        if !identity.starts_with(repository) {
            return Err(Refusal {
                id: "base-outside-repository",
                message: format!("the base {path} lies outside the repository"),
                help: "copy it into the repository, and write its path relative to this file",
            });
        }
        if chain.contains(&identity) {
            return Err(Refusal {
                id: "base-nesting",
                message: format!("{path} is based on this file, directly or through others"),
                help: "move what both need into a base of its own",
            });
        }
        self.learn(path, &identity, chain)?;
        let Some(known) = self.known.get(&identity) else { return Err(too_deep()) };
        if known.depth >= DEEPEST {
            return Err(too_deep());
        }
        if !known.is_spec {
            return Err(Refusal {
                id: "base-unreadable",
                message: format!("the base {path} is no spec of redisforge"),
                help: "name a file that has an `apiVersion` of redisforge",
            });
        }
        if known.read.1.iter().any(|found| FATAL.contains(&found.id)) {
            return Err(Refusal {
                id: "base-unreadable",
                message: format!("the base {path} is not a spec that can be read"),
                help: "mend what is found in it",
            });
        }
        Ok(known)
    }

    /// Reads a file that another is based on, unless it is known.
    fn learn(
        &mut self,
        path: &str,
        identity: &Path,
        chain: &mut Vec<PathBuf>,
    ) -> Result<(), Refusal> {
        if self.known.contains_key(identity) {
            return Ok(());
        }
        // Whatever is this deep is refused further down too, but not read for ever.
        if chain.len() > 10 * DEEPEST {
            return Err(too_deep());
        }
        let read = self.read(identity).map_err(|error| Refusal {
            id: "base-unreadable",
            message: format!("cannot read the base {path}: {error:#}"),
            help: "write the path of a file that can be read",
        })?;
        let is_broken = read.1.iter().any(|found| FATAL.contains(&found.id));
        let is_spec = is_broken || text::is_spec(&read);
        chain.push(identity.into());
        let (own, diagnostics) = read;
        let (whole, diagnostics, depth) = self.inherit((own.clone(), diagnostics), identity, chain);
        chain.pop();
        let known = Known { read: (own, diagnostics), whole, depth, is_spec };
        self.known.insert(identity.into(), known);
        Ok(())
    }
}

impl Bases<'_> {
    fn read(&self, identity: &Path) -> Result<Read> {
        let bytes = self.place.files.read_regular(identity, text::limit())?;
        let name = self.named.get(identity).cloned().unwrap_or_else(|| shortest(identity));
        Ok(self.place.read(&name, bytes))
    }
}

fn too_deep() -> Refusal {
    Refusal {
        id: "base-nesting",
        message: format!("bases of bases are nested more than {DEEPEST} deep"),
        help: "merge some of them into one file",
    }
}

fn too_large() -> Refusal {
    Refusal {
        id: "too-large",
        message: format!(
            "with this, the spec is made of more than {MOST_FILES} files or {} KiB",
            MOST_BYTES >> 10
        ),
        help: "merge bases into one file, and leave out what is not needed",
    }
}

impl Refusal {
    fn at(self, span: Range<usize>) -> Diagnostic {
        Diagnostic::error(self.id, span, self.message)
            .with_path("spec.basedOn")
            .with_help(self.help)
    }
}

/// A path as a person in the present directory writes it.
fn shortest(identity: &Path) -> PathBuf {
    let Some(present) = files::present() else { return identity.into() };
    let shared = |above: &&Path| identity.starts_with(above) && above.parent().is_some();
    let Some(above) = present.ancestors().find(shared) else { return identity.into() };
    let ups = present.components().count() - above.components().count();
    let mut path: PathBuf = (0..ups).map(|_| "..").collect();
    path.extend(identity.strip_prefix(above));
    path
}
