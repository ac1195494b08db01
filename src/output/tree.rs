//! A directory whose files are named by relative paths. Links below it are not followed: they could lead to files of somebody else.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

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

    /// The bytes of a file, if it is there.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if !self.is_there {
            return Ok(None);
        }
        let full = self.path(path)?;
        match fs::read(&full) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", full.display())),
        }
    }

    /// The full path of a file, whose folders are no links and neither is it.
    pub(super) fn path(&self, path: &str) -> Result<PathBuf> {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            if !self.folders.borrow().contains(folder) && self.is_folder(folder)? {
                self.folders.borrow_mut().insert(folder.into());
            }
        }
        let full = self.root.join(path);
        refuse_link(&full, full.symlink_metadata().ok().as_ref())?;
        Ok(full)
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

    /// Whether the owner may run a file. git keeps no other bit of a mode.
    #[cfg(unix)]
    pub(super) fn is_program(&self, path: &str) -> Result<bool> {
        use std::os::unix::fs::PermissionsExt;
        let full = self.root.join(path);
        let metadata =
            fs::metadata(&full).with_context(|| format!("cannot read {}", full.display()))?;
        Ok(metadata.permissions().mode() & 0o100 != 0)
    }

    fn is_folder(&self, folder: &str) -> Result<bool> {
        let full = self.root.join(folder);
        let metadata = full.symlink_metadata().ok();
        refuse_link(&full, metadata.as_ref())?;
        Ok(metadata.is_some_and(|metadata| metadata.is_dir()))
    }
}

fn refuse_link(path: &Path, metadata: Option<&fs::Metadata>) -> Result<()> {
    if metadata.is_some_and(fs::Metadata::is_symlink) {
        bail!("cannot write through the symbolic link {}; remove it", path.display());
    }
    Ok(())
}
