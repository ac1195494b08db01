//! A place beside the files, on the same file system, where new ones wait until all are complete.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{lock::NEXT, tree::Tree};

const NAME: &str = ".redisforge-staging";

pub(super) struct Stage<'a> {
    target: Tree<'a>,
    directory: &'a Path,
    waiting: PathBuf,
    /// Held while files change; the kernel lets go of it when a run is killed.
    _held: File,
}

impl<'a> Stage<'a> {
    /// Waits for another run in the same directory, and clears away what a killed one left.
    pub(super) fn open(directory: &'a Path) -> Result<Self> {
        let held = File::open(directory)
            .with_context(|| format!("cannot open {}", directory.display()))?;
        held.lock().with_context(|| format!("cannot lock {}", directory.display()))?;
        let target = Tree::at(directory);
        let waiting = target.path(NAME)?;
        if waiting.exists() {
            fs::remove_dir_all(&waiting)
                .with_context(|| format!("cannot remove {}", waiting.display()))?;
        }
        fs::create_dir(&waiting).with_context(|| format!("cannot create {}", waiting.display()))?;
        Ok(Self { target, directory, waiting, _held: held })
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
                let mut file = File::create(self.waiting.join(path))?;
                file.write_all(content)?;
                set_mode(&file, mode)
            };
            write().with_context(|| {
                format!("cannot write {}; nothing was changed", self.waiting.join(path).display())
            })?;
        }
        Ok(())
    }

    /// Says what the directory is going to hold, before the first file does.
    pub(super) fn announce(&self, lock: &str) -> Result<()> {
        self.put([(NEXT, lock.as_bytes(), 0o644)])?;
        let next = self.directory.join(NEXT);
        fs::rename(self.waiting.join(NEXT), &next)
            .with_context(|| format!("cannot write {}; nothing was changed", next.display()))
    }

    /// Puts a waiting file in its place.
    pub(super) fn publish(&self, path: &str) -> Result<()> {
        let target = self.target.path(path)?;
        let rename = || {
            self.target.make_folders(path)?;
            fs::rename(self.waiting.join(path), &target)
        };
        rename()
            .with_context(|| format!("cannot write {}; run again to complete it", target.display()))
    }

    /// Removes a file that is no longer rendered.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        self.target.remove(path)
    }

    /// Clears away the stage.
    pub(super) fn close(self) -> Result<()> {
        let next = self.directory.join(NEXT);
        fs::remove_file(&next).with_context(|| format!("cannot remove {}", next.display()))?;
        fs::remove_dir_all(&self.waiting)
            .with_context(|| format!("cannot remove {}", self.waiting.display()))
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // Whatever stopped the run is told already; a stage that stays is cleared away by the next one.
        let _ = fs::remove_dir_all(&self.waiting);
    }
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> std::io::Result<()> {
    Ok(())
}
