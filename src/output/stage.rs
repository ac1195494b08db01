//! A place beside the files, on the same file system, where new ones wait until all are complete.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{
    held,
    lock::{LOCK, NEXT},
    tree::Tree,
};

/// Name of the stage.
pub(super) const NAME: &str = ".redisforge-staging";

/// The new files of one directory, complete, and not yet in their places.
pub(super) struct Stage {
    directory: PathBuf,
    waiting: PathBuf,
    /// What is left of mode 777, with which it was made: its files lose the same bits to the umask or an ACL.
    mode: u32,
    /// Folders that were made for it, innermost first.
    made: Vec<PathBuf>,
}

impl Stage {
    /// Makes an empty stage; clears away what a killed run left.
    pub(super) fn open(directory: &Path) -> Result<Self> {
        let made = held::make(directory)?;
        let waiting = Tree::at(directory).path(NAME)?;
        // Before anything that can fail, so that it is cleared away then.
        let mut stage = Self { directory: directory.into(), waiting, mode: 0, made };
        let waiting = &stage.waiting;
        if waiting.exists() {
            fs::remove_dir_all(waiting)
                .with_context(|| format!("cannot remove {}", waiting.display()))?;
        }
        fs::create_dir(waiting).with_context(|| format!("cannot create {}", waiting.display()))?;
        if let Ok(metadata) = fs::symlink_metadata(waiting) {
            stage.mode = metadata.permissions().mode();
        }
        Ok(stage)
    }

    /// Writes files where they wait.
    pub(super) fn put<'f>(
        &self,
        files: impl IntoIterator<Item = (&'f str, &'f [u8], u32)>,
    ) -> Result<()> {
        let tree = Tree::at(&self.waiting);
        for (path, content, mode) in files {
            let write = || {
                tree.make_folders(path)?;
                self.create(path, mode)?.write_all(content)
            };
            write().with_context(|| {
                format!("cannot write {}; nothing was changed", self.waiting.join(path).display())
            })?;
        }
        Ok(())
    }

    /// A new file with its mode, whatever the umask says.
    fn create(&self, path: &str, mode: u32) -> io::Result<File> {
        let full = self.waiting.join(path);
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(full)?;
        if self.mode & mode != mode {
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(file)
    }

    /// Puts one waiting file at the top of the directory in its place.
    pub(super) fn announce(&self, name: &str) -> Result<()> {
        let place = self.directory.join(name);
        fs::rename(self.waiting.join(name), &place)
            .with_context(|| format!("cannot write {}; nothing was changed", place.display()))
    }

    /// Puts every waiting file in its place, whole folders where there are none yet; the lock is last.
    pub(super) fn publish(&self) -> Result<()> {
        let target = Tree::at(&self.directory);
        self.publish_folder("", &target)?;
        self.rename(LOCK, &target)
    }

    fn publish_folder(&self, folder: &str, target: &Tree<'_>) -> Result<()> {
        let waiting = self.waiting.join(folder);
        let entries = fs::read_dir(&waiting)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .with_context(|| format!("cannot read {}", waiting.display()))?;
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if path == LOCK {
                continue;
            }
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && self.directory.join(&path).symlink_metadata().is_ok() {
                self.publish_folder(&path, target)?;
            } else {
                self.rename(&path, target)?;
            }
        }
        Ok(())
    }

    fn rename(&self, path: &str, target: &Tree<'_>) -> Result<()> {
        let place = target.path(path)?;
        fs::rename(self.waiting.join(path), &place)
            .with_context(|| format!("cannot write {}; run again to complete it", place.display()))
    }

    /// Removes a file that is no longer rendered.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        Tree::at(&self.directory).remove(path)
    }

    /// Clears away the stage, and what a killed run had announced.
    pub(super) fn close(mut self) -> Result<()> {
        self.made.clear();
        let next = self.directory.join(NEXT);
        fs::remove_file(&next).with_context(|| format!("cannot remove {}", next.display()))?;
        fs::remove_dir_all(&self.waiting)
            .with_context(|| format!("cannot remove {}", self.waiting.display()))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Whatever stopped the run is told already; a stage that stays is cleared away by the next one.
        let _ = fs::remove_dir_all(&self.waiting);
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}
