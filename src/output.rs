//! The directory on disk: what is there, what belongs there, and the steps from one to the other.

mod lock;
mod stage;
mod tree;

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

pub use lock::LOCK;
use lock::Lock;
use tree::Tree;

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
    let tree = Tree::at(directory);
    let rendered: BTreeSet<String> =
        artifacts.iter().map(|artifact| artifact.path.clone()).collect();
    let mut changes = Vec::new();
    for artifact in artifacts {
        let present = tree.read(&artifact.path)?;
        let action = match &present {
            None => Action::Create,
            Some(bytes) if bytes == artifact.content.as_bytes() => {
                let is_program = artifact.mode & 0o100 != 0;
                if tree.is_program(&artifact.path)? == is_program {
                    Action::Keep
                } else {
                    Action::Update
                }
            }
            Some(bytes) if ours.holds(&artifact.path, bytes) => Action::Update,
            Some(_) => Action::Edited,
        };
        changes.push(Change {
            path: artifact.path.clone(),
            action,
            artifact: Some(artifact),
            present,
        });
    }
    for path in ours.paths().filter(|path| !rendered.contains(*path)) {
        if let Some(bytes) = tree.read(path)? {
            let action = if ours.holds(path, &bytes) { Action::Remove } else { Action::Edited };
            changes.push(Change {
                path: path.into(),
                action,
                artifact: None,
                present: Some(bytes),
            });
        }
    }
    let lock = Lock::of(&changes).to_string();
    let lock_is_current = tree.read(LOCK)?.as_deref() == Some(lock.as_bytes());
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
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    let stage = stage::Stage::open(directory)?;
    let Comparison { changes, lock, .. } = comparison;
    let written = changes
        .iter()
        .filter(|change| change.is_drift())
        .filter_map(|change| change.artifact.as_ref());
    stage
        .put(written.map(|artifact| {
            (artifact.path.as_str(), artifact.content.as_bytes(), artifact.mode)
        }))?;
    stage.put([(LOCK, lock.as_bytes(), 0o644)])?;
    stage.announce(lock)?;
    for change in changes {
        match (&change.action, &change.artifact) {
            (Action::Keep, _) => {}
            (_, Some(artifact)) => stage.publish(&artifact.path)?,
            (_, None) => stage.remove(&change.path)?,
        }
    }
    stage.publish(LOCK)?;
    stage.close()
}
