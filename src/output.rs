//! The directory on disk: what is there, what belongs there, and the steps from one to the other.

mod lock;
mod stage;

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

pub use lock::LOCK;
use lock::Lock;

use crate::catalog::Artifact;

/// What has to happen to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Keep,
    /// It is no longer rendered, and unchanged since it was.
    Remove,
    /// It is not as it was rendered last: somebody edited it, or it was never ours.
    Edited,
}

/// One file and what has to happen to it.
#[derive(Clone, Debug)]
pub struct Change {
    pub path: String,
    pub action: Action,
    /// What it will be; nothing for a file to remove.
    pub artifact: Option<Artifact>,
    /// What it is now, if it is there.
    pub present: Option<Vec<u8>>,
}

impl Change {
    #[must_use]
    pub fn is_drift(&self) -> bool {
        self.action != Action::Keep
    }
}

/// What was rendered beside what is there.
pub struct Comparison {
    pub changes: Vec<Change>,
    /// Whether the lock is what these changes leave behind.
    pub lock_is_current: bool,
    /// Text of the lock that they leave behind.
    lock: String,
}

impl Comparison {
    /// Whether nothing has to happen.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.lock_is_current && !self.changes.iter().any(Change::is_drift)
    }
}

/// Compares what was rendered with a directory.
///
/// # Errors
/// If something there cannot be read, or a symbolic link leads out of the directory.
pub fn compare(artifacts: Vec<Artifact>, directory: &Path) -> Result<Comparison> {
    let ours = Lock::read_all(directory)?;
    let rendered: BTreeSet<String> = artifacts.iter().map(|artifact| artifact.path.clone()).collect();
    let mut changes = Vec::new();
    for artifact in artifacts {
        let present = read(directory, &artifact.path)?;
        let action = match &present {
            None => Action::Create,
            Some(bytes) if bytes == artifact.content.as_bytes() => {
                if same_mode(directory, &artifact)? { Action::Keep } else { Action::Update }
            }
            Some(bytes) if ours.holds(&artifact.path, bytes) => Action::Update,
            Some(_) => Action::Edited,
        };
        changes.push(Change { path: artifact.path.clone(), action, artifact: Some(artifact), present });
    }
    for path in ours.paths().filter(|path| !rendered.contains(*path)) {
        if let Some(bytes) = read(directory, path)? {
            let action = if ours.holds(path, &bytes) { Action::Remove } else { Action::Edited };
            changes.push(Change { path: path.into(), action, artifact: None, present: Some(bytes) });
        }
    }
    let lock = Lock::of(&changes).to_string();
    let lock_is_current = read(directory, LOCK)?.as_deref() == Some(lock.as_bytes());
    Ok(Comparison { changes, lock_is_current, lock })
}

/// Makes a directory what was rendered. Everything is on the disk before the first file changes its name, the lock is last:
/// a run that is killed between is repaired by the next one.
///
/// # Errors
/// If something cannot be written; the directory is then as it was, or as the next run will repair it.
pub fn write(comparison: &Comparison, directory: &Path) -> Result<()> {
    if comparison.is_current() {
        return Ok(());
    }
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let stage = stage::Stage::open(directory)?;
    let Comparison { changes, lock, .. } = comparison;
    for change in changes {
        if let (Action::Create | Action::Update | Action::Edited, Some(artifact)) = (&change.action, &change.artifact) {
            stage.put(&artifact.path, artifact.content.as_bytes(), artifact.mode)?;
        }
    }
    stage.put(LOCK, lock.as_bytes(), 0o644)?;
    stage.announce(lock)?;
    for change in changes {
        match (&change.action, &change.artifact) {
            (Action::Keep, _) => {}
            (_, Some(artifact)) => stage.publish(&artifact.path)?,
            (_, None) => remove(directory, &change.path)?,
        }
    }
    stage.publish(LOCK)?;
    stage.close()
}

fn read(directory: &Path, path: &str) -> Result<Option<Vec<u8>>> {
    let full = inside(directory, path)?;
    match fs::read(&full) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", full.display())),
    }
}

/// The path below a directory. Links are not followed: they could lead to files of somebody else.
fn inside(directory: &Path, path: &str) -> Result<PathBuf> {
    let mut full = directory.to_path_buf();
    for part in path.split('/') {
        full.push(part);
        if full.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
            anyhow::bail!("cannot write through the symbolic link {}; remove it", full.display());
        }
    }
    Ok(full)
}

fn remove(directory: &Path, path: &str) -> Result<()> {
    let full = inside(directory, path)?;
    fs::remove_file(&full).with_context(|| format!("cannot remove {}", full.display()))?;
    let mut folder = full.parent();
    while let Some(empty) = folder.filter(|folder| *folder != directory && fs::remove_dir(folder).is_ok()) {
        folder = empty.parent();
    }
    Ok(())
}

#[cfg(unix)]
fn same_mode(directory: &Path, artifact: &Artifact) -> Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let full = directory.join(&artifact.path);
    let metadata = fs::metadata(&full).with_context(|| format!("cannot read {}", full.display()))?;
    // git keeps one bit of a mode: whether the owner may run it.
    Ok(metadata.permissions().mode() & 0o100 == artifact.mode & 0o100)
}

#[cfg(not(unix))]
fn same_mode(_: &Path, _: &Artifact) -> Result<bool> {
    Ok(true)
}
