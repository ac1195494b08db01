//! Which files the arguments name; nothing is read yet.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Error, Result, bail};

use super::{Place, What};

/// Why a file is looked at.
pub struct Wanted {
    /// Its one name, whatever path leads to it.
    pub identity: PathBuf,
    /// Whether it is wanted in any case.
    pub is_named: bool,
    /// The directories that it is below, by number.
    pub below: Vec<usize>,
}

/// The files that were found so far.
#[derive(Default)]
pub struct Search {
    /// By the name under which each was met first.
    pub files: BTreeMap<PathBuf, Wanted>,
    /// The same file may have many names; this is the first, by the one name that it has.
    pub named: BTreeMap<PathBuf, PathBuf>,
    pub directories: Vec<PathBuf>,
    pub errors: Vec<Error>,
    /// Paths at which there is nothing, where that is no error.
    pub missing: Vec<String>,
    pub has_stdin: bool,
}

impl Search {
    /// Looks for the files of all arguments.
    pub fn of(place: &Place<'_>, paths: &[String]) -> Result<Self> {
        let is_stdin = |path: &&String| *path == "-";
        if paths.iter().filter(is_stdin).count() > 1 {
            bail!("`-` is given more than once; stdin can be read only once");
        }
        let mut search =
            Self { has_stdin: paths.iter().any(|path| path == "-"), ..Self::default() };
        for path in paths.iter().filter(|path| !is_stdin(path)) {
            if let Err(error) = search.path(place, path) {
                search.errors.push(error);
            }
        }
        Ok(search)
    }

    /// How many sources there are at most.
    pub fn count(&self) -> usize {
        self.files.len() + usize::from(self.has_stdin)
    }

    fn path(&mut self, place: &Place<'_>, path: &str) -> Result<()> {
        let Place { files, may_lack, .. } = *place;
        let file = PathBuf::from(path);
        let what = files.kind(&file)?;
        if what == What::Folder {
            return self.below(place, &file);
        }
        let is_glob = path.contains(['*', '?', '[']);
        let found = match what {
            What::Missing if is_glob => files.matching(path)?,
            What::Missing if may_lack => Vec::new(),
            _ => vec![file],
        };
        if found.is_empty() && may_lack {
            self.missing.push(path.into());
        } else if found.is_empty() {
            bail!("no file fits {path}");
        }
        for file in found {
            self.file(place, &file, None);
        }
        Ok(())
    }

    fn file(&mut self, place: &Place<'_>, file: &Path, below: Option<usize>) {
        let identity = place.identity(file);
        let first = self.named.entry(identity.clone()).or_insert_with(|| file.into());
        let wanted = Wanted { identity, is_named: false, below: Vec::new() };
        let wanted = self.files.entry(first.clone()).or_insert(wanted);
        wanted.is_named |= below.is_none();
        wanted.below.extend(below);
    }

    /// Every YAML file below a directory.
    fn below(&mut self, place: &Place<'_>, directory: &Path) -> Result<()> {
        let files = place.files.below(directory)?;
        let number = self.directories.len();
        self.directories.push(directory.into());
        for file in files {
            let extension = file.extension();
            if extension.is_some_and(|extension| extension == "yaml" || extension == "yml") {
                self.file(place, &file, Some(number));
            }
        }
        Ok(())
    }
}
