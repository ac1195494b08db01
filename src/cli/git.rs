//! The files of a git revision, read from its objects: no git program, no checkout, no network.

mod reference;
mod tree;

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use gix::{ObjectId, Repository};

use self::tree::{Found, Trees};
use super::files::{Disk, Files, Kind};

/// A revision of the repository that holds the specs.
pub struct Revision {
    /// What the user calls it.
    pub name: String,
    repository: Repository,
    /// The working tree, which paths lead into.
    root: PathBuf,
    trees: Trees,
}

impl Revision {
    /// The revision that a name such as `main`, `v1.2`, `HEAD^` or a commit stands for in the repository that holds a path.
    /// `main...` is the commit where the present branch left `main`.
    ///
    /// # Errors
    /// If there is no repository, or no such revision in it.
    pub fn open(beside: &Path, name: &str) -> Result<Self> {
        let folder = existing(&absolute(beside)?);
        let Ok(mut repository) = gix::discover(&folder) else {
            bail!("cannot compare with git:{name}: {} is in no git repository", folder.display());
        };
        let Some(root) = repository.workdir() else {
            bail!("cannot compare with git:{name}: {} has no working tree", folder.display());
        };
        let root =
            root.canonicalize().with_context(|| format!("cannot read {}", root.display()))?;
        repository.object_cache_size_if_unset(4 << 20);
        let tree = reference::tree(&repository, name)?;
        Ok(Self { name: name.into(), repository, root, trees: Trees::of(tree) })
    }

    /// The revision, in the repository that holds the first of the paths that a user gave.
    ///
    /// # Errors
    /// If stdin is one of them, if there is no repository, one of them is not in it, or it has no such revision.
    pub fn of(paths: &[String], name: &str) -> Result<Self> {
        if paths.iter().any(|path| path == "-") {
            bail!("cannot compare stdin with git:{name}: no revision has it; name a file");
        }
        let is_fixed =
            |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
        let fixed = |path: &String| -> PathBuf {
            Path::new(path).components().take_while(is_fixed).collect()
        };
        let revision = Self::open(&paths.first().map(fixed).unwrap_or_default(), name)?;
        for path in paths {
            if revision.inside(&fixed(path))?.is_none() {
                let root = revision.root.display();
                bail!("cannot compare {path} with git:{name}: it is not in the repository {root}");
            }
        }
        Ok(revision)
    }

    /// Whether a file is not on the disk as it is here, or on one side only. Line endings that git may change do not count.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn differs(&self, file: &Path) -> Result<bool> {
        let there = match self.find(file)? {
            Found::File(id) => Some(id),
            _ => None,
        };
        let is_here = Disk.kind(file)? == Kind::File;
        let Some(id) = there.filter(|_| is_here) else {
            return Ok(there.is_some() || is_here);
        };
        let here = Disk.read(file, u64::MAX)?;
        let hash = gix::objs::compute_hash(id.kind(), gix::objs::Kind::Blob, &here);
        if hash.is_ok_and(|hash| hash == id) {
            return Ok(false);
        }
        Ok(unix(&here) != unix(&self.blob(id, file)?))
    }

    /// The files at or below a path that are not on the disk as they are here: changed, new and gone ones, also those that git ignores.
    ///
    /// # Errors
    /// If something cannot be read.
    pub fn changed(&self, path: &Path) -> Result<BTreeSet<PathBuf>> {
        let mut files = BTreeSet::new();
        for side in [&Disk as &dyn Files, self] {
            match side.kind(path)? {
                Kind::Folder => files.extend(side.below(path)?),
                Kind::File => files.extend([path.to_path_buf()]),
                Kind::Missing => {}
            }
        }
        let mut changed = BTreeSet::new();
        for file in files {
            if self.differs(&file)? {
                changed.insert(file);
            }
        }
        Ok(changed)
    }

    fn find(&self, path: &Path) -> Result<Found> {
        let Some(inside) = self.inside(path)? else {
            return Ok(Found::Missing);
        };
        self.trees.find(&self.repository, &inside).with_context(|| self.unreadable(path))
    }

    /// Where a path is in the working tree, whether or not anything is there.
    fn inside(&self, path: &Path) -> Result<Option<PathBuf>> {
        let path = absolute(path)?;
        if let Ok(inside) = path.strip_prefix(&self.root) {
            return Ok(Some(inside.into()));
        }
        // The way to the working tree may lead over links.
        let existing = existing(&path);
        let rest = path.strip_prefix(&existing).unwrap_or(Path::new(""));
        let real = existing.canonicalize().unwrap_or_else(|_| existing.clone());
        let real = if rest == Path::new("") { real } else { real.join(rest) };
        Ok(real.strip_prefix(&self.root).ok().map(PathBuf::from))
    }

    fn blob(&self, id: ObjectId, file: &Path) -> Result<Vec<u8>> {
        let mut blob = self.repository.find_blob(id).with_context(|| {
            let missing = "if the clone is partial, `git fetch --refetch` completes it";
            format!("{}; {missing}", self.unreadable(file))
        })?;
        Ok(blob.take_data())
    }

    fn unreadable(&self, path: &Path) -> String {
        format!("cannot read {} at git:{}", path.display(), self.name)
    }
}

impl Files for Revision {
    fn kind(&self, path: &Path) -> Result<Kind> {
        Ok(match self.find(path)? {
            Found::File(_) => Kind::File,
            Found::Folder(..) => Kind::Folder,
            Found::Missing => Kind::Missing,
        })
    }

    fn identity(&self, path: &Path) -> Option<PathBuf> {
        let inside = self.inside(path).ok()??;
        let real = self.trees.real(&self.repository, &inside).ok()??;
        Some(self.root.join(real))
    }

    fn read(&self, file: &Path, limit: u64) -> Result<Vec<u8>> {
        let Found::File(id) = self.find(file)? else {
            bail!("{}: no such file", self.unreadable(file));
        };
        let mut bytes = self.blob(id, file)?;
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    fn repository(&self, _folder: &Path) -> PathBuf {
        self.root.clone()
    }

    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let Found::Folder(id, inside) = self.find(folder)? else {
            return Ok(Vec::new());
        };
        let files = self.trees.below(&self.repository, id, &inside);
        let files = files.with_context(|| self.unreadable(folder))?;
        Ok(files.into_iter().map(|file| folder.join(file)).collect())
    }

    fn matching(&self, glob: &str) -> Result<Vec<PathBuf>> {
        let pattern =
            glob::Pattern::new(glob).with_context(|| format!("cannot read the glob {glob}"))?;
        let is_fixed =
            |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
        let mut folder: PathBuf = Path::new(glob).components().take_while(is_fixed).collect();
        if folder.as_os_str().is_empty() {
            folder = ".".into();
        }
        let options =
            glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
        let fits = |file: &PathBuf| {
            pattern.matches_path_with(file, options)
                || file.strip_prefix(".").is_ok_and(|file| pattern.matches_path_with(file, options))
        };
        Ok(self.below(&folder)?.into_iter().filter(fits).collect())
    }
}

/// A path from the root of the file system, without dots. Links are left as they are.
fn absolute(path: &Path) -> Result<PathBuf> {
    let present = std::env::current_dir().context("cannot tell the present directory")?;
    Ok(tree::plain(&present.join(path)).unwrap_or_else(|| "/".into()))
}

/// The nearest folder above a path that exists, or the path itself if it is one.
fn existing(path: &Path) -> PathBuf {
    path.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/")).into()
}

fn unix(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    text.retain(|byte| *byte != b'\r');
    text
}
