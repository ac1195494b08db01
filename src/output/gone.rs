//! Directories of topologies that no spec describes any more.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{
    lock::{LOCK, Lock, NEXT},
    stage::NAME,
    tree::Tree,
};

/// A directory that was rendered, and whose spec is gone.
pub struct Gone {
    pub directory: PathBuf,
    /// Files that are as we wrote them.
    ours: Vec<String>,
    /// Files that somebody removed already.
    missing: Vec<String>,
    /// Files that somebody edited.
    pub edited: Vec<PathBuf>,
}

/// Every directory of a folder that holds what we rendered, but for those that are still rendered.
///
/// # Errors
/// If something there cannot be read.
pub fn gone(folder: &Path, rendered: &BTreeSet<PathBuf>) -> Result<Vec<Gone>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut gone = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let directory = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let is_ours = || {
            [LOCK, NEXT, NAME].iter().any(|name| directory.join(name).symlink_metadata().is_ok())
        };
        if is_folder && !rendered.contains(&directory) && is_ours() {
            gone.push(Gone::at(directory)?);
        }
    }
    gone.sort_by(|a, b| a.directory.cmp(&b.directory));
    Ok(gone)
}

impl Gone {
    fn at(directory: PathBuf) -> Result<Self> {
        let locks = Lock::read_all(&directory)?;
        let tree = Tree::at(&directory);
        let (mut ours, mut missing, mut edited) = (Vec::new(), Vec::new(), Vec::new());
        for path in locks.paths() {
            match tree.read(path)? {
                Some(present) if locks.holds(path, &present.bytes) => ours.push(path.into()),
                Some(_) => edited.push(directory.join(path)),
                None => missing.push(path.into()),
            }
        }
        Ok(Self { directory, ours, missing, edited })
    }

    /// Removes what we wrote. Says what stays because it is not ours, or because somebody edited it.
    ///
    /// # Errors
    /// If something cannot be removed; the next run goes on from there.
    pub fn prune(&self) -> Result<Vec<PathBuf>> {
        let tree = Tree::at(&self.directory);
        let waiting = tree.path(NAME)?;
        if waiting.exists() {
            fs::remove_dir_all(&waiting)
                .with_context(|| format!("cannot remove {}", waiting.display()))?;
        }
        for path in &self.ours {
            tree.remove(path)?;
        }
        for path in &self.missing {
            tree.clear_folders(path);
        }
        // The locks go last: until then they say whose the rest is. An edited file stays, and so does what explains it.
        if self.edited.is_empty() {
            for lock in [LOCK, NEXT] {
                if self.directory.join(lock).exists() {
                    tree.remove(lock)?;
                }
            }
        }
        let _ = fs::remove_dir(&self.directory);
        Ok(files(&self.directory))
    }
}

/// Every file below a directory but our locks.
fn files(directory: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(directory)
        .sort_by_file_name()
        .into_iter()
        .filter_map(std::result::Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .map(walkdir::DirEntry::into_path)
        .filter(|file| ![LOCK, NEXT].iter().any(|lock| *file == directory.join(lock)))
        .collect()
}
