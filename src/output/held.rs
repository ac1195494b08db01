//! One run at a time: whoever writes or compares a directory holds the folder above it.

use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// A folder that no other run writes below; the kernel lets go of it when a run is killed.
pub struct Held {
    _file: File,
    /// Folders that were made for it, innermost first.
    made: Vec<PathBuf>,
}

impl Held {
    /// Holds a folder, which is made if it is not there. Tells when it has to wait for another run.
    ///
    /// # Errors
    /// If the folder can be neither made nor held.
    pub fn wait(folder: &Path, tell: &mut dyn FnMut(&Path)) -> Result<Self> {
        loop {
            let made = make(folder)?;
            let file =
                File::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                tell(folder);
            }
            file.lock().with_context(|| format!("cannot lock {}", folder.display()))?;
            // The run before may have removed what it had made, and another may have made it again.
            if is_same(&file, folder) {
                return Ok(Self { _file: file, made });
            }
        }
    }

    /// The same beside others that only compare; nothing where the folder is not there.
    ///
    /// # Errors
    /// If the folder cannot be held.
    pub fn wait_to_compare(folder: &Path, tell: &mut dyn FnMut(&Path)) -> Result<Option<Self>> {
        let Ok(file) = File::open(folder) else { return Ok(None) };
        if matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
            tell(folder);
        }
        file.lock_shared().with_context(|| format!("cannot lock {}", folder.display()))?;
        Ok(Some(Self { _file: file, made: Vec::new() }))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for folder in &self.made {
            // Only an empty one goes.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Makes a folder and those above it, and says which were not there, innermost first.
pub(super) fn make(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<PathBuf> =
        folder.ancestors().take_while(is_missing).map(Path::to_path_buf).collect();
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(missing)
}

fn is_same(file: &File, folder: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let held = file.metadata().map(identity);
    let named = fs::metadata(folder).map(identity);
    matches!((held, named), (Ok(held), Ok(named)) if held == named)
}
