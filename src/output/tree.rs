//! A directory whose files are named by relative paths. Links below it are not followed: they could lead to files of somebody else.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use rustix::fs::OFlags;

/// A file of the directory.
pub(super) struct Present {
    pub(super) bytes: Vec<u8>,
    /// Whether the owner may run it. git keeps no other bit of a mode.
    pub(super) is_program: bool,
}

pub(super) struct Tree<'a> {
    root: &'a Path,
    is_there: bool,
    /// Folders that are known to be folders, so that each is looked at once.
    folders: RefCell<HashSet<String>>,
}

impl<'a> Tree<'a> {
    pub(super) fn at(root: &'a Path) -> Self {
        Self { root, is_there: root.exists(), folders: RefCell::default() }
    }

    /// A file as it is, if it is there.
    pub(super) fn read(&self, path: &str) -> Result<Option<Present>> {
        if !self.is_there {
            return Ok(None);
        }
        let full = self.below_folders(path)?;
        match read(&full) {
            Ok(present) => Ok(Some(present)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                refuse_link(&full, full.symlink_metadata().ok().as_ref())?;
                Err(error).with_context(|| format!("cannot read {}", full.display()))
            }
        }
    }

    /// The full path of a file, whose folders are no links and neither is it.
    pub(super) fn path(&self, path: &str) -> Result<PathBuf> {
        let full = self.below_folders(path)?;
        refuse_link(&full, full.symlink_metadata().ok().as_ref())?;
        Ok(full)
    }

    fn below_folders(&self, path: &str) -> Result<PathBuf> {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            if !self.folders.borrow().contains(folder) && self.is_folder(folder)? {
                self.folders.borrow_mut().insert(folder.into());
            }
        }
        Ok(self.root.join(path))
    }

    /// Makes the folders above a file.
    pub(super) fn make_folders(&self, path: &str) -> io::Result<()> {
        let Some((folder, _)) = path.rsplit_once('/') else {
            return Ok(());
        };
        if !self.folders.borrow().contains(folder) {
            fs::create_dir_all(self.root.join(folder))?;
            self.folders.borrow_mut().insert(folder.into());
        }
        Ok(())
    }

    /// Removes a file, and the folders above it that it leaves empty.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        let full = self.path(path)?;
        fs::remove_file(&full).with_context(|| format!("cannot remove {}", full.display()))?;
        let mut folder = full.parent();
        while let Some(empty) =
            folder.filter(|folder| *folder != self.root && fs::remove_dir(folder).is_ok())
        {
            folder = empty.parent();
        }
        self.folders.borrow_mut().clear();
        Ok(())
    }

    /// Removes the folders above a file that are empty.
    pub(super) fn clear_folders(&self, path: &str) {
        let full = self.root.join(path);
        let mut folder = full.parent();
        while let Some(above) = folder.filter(|above| *above != self.root) {
            let _ = fs::remove_dir(above);
            folder = above.parent();
        }
    }

    fn is_folder(&self, folder: &str) -> Result<bool> {
        let full = self.root.join(folder);
        let metadata = full.symlink_metadata().ok();
        refuse_link(&full, metadata.as_ref())?;
        Ok(metadata.is_some_and(|metadata| metadata.is_dir()))
    }
}

/// Reads a file, in one look at it. A link is not followed, and nothing that is no file is waited for.
fn read(path: &Path) -> io::Result<Present> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = flags.bits().cast_signed();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    file.read_to_end(&mut bytes)?;
    Ok(Present { bytes, is_program: metadata.permissions().mode() & 0o100 != 0 })
}

fn refuse_link(path: &Path, metadata: Option<&fs::Metadata>) -> Result<()> {
    if metadata.is_some_and(fs::Metadata::is_symlink) {
        bail!("{} is a symbolic link, and none is followed; remove it", path.display());
    }
    Ok(())
}
