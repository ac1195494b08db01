//! The directory on disk: what is there, what belongs there, and the steps from one to the other.

mod gone;
mod held;
mod lock;
mod stage;
mod tree;

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;

pub use gone::{Gone, gone};
pub use held::Held;
pub use lock::LOCK;
use lock::{Lock, NEXT};
use stage::Stage;
use tree::{Present, Tree};

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
    /// What it is now, if it is there with other bytes.
    differs: Option<Vec<u8>>,
}

impl Change {
    /// What it is now, if it is there.
    #[must_use]
    pub fn present(&self) -> Option<&[u8]> {
        let rendered = self.artifact.as_ref().map(|artifact| artifact.content.as_bytes());
        let same = rendered.filter(|_| self.action != Action::Create);
        self.differs.as_deref().or(same)
    }

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
    /// Text of a lock that explains what a killed run left.
    explains: Option<String>,
    /// What a killed run left beside files of ours.
    leftovers: Vec<&'static str>,
}

impl Comparison {
    /// Whether nothing has to happen.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.lock_is_current
            && self.leftovers.is_empty()
            && !self.changes.iter().any(Change::is_drift)
    }

    /// What a killed run left beside files of ours.
    #[must_use]
    pub fn leftovers(&self) -> &[&'static str] {
        &self.leftovers
    }

    /// Files of which somebody's edit would be lost.
    pub fn edited(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_edited())
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
        let path = artifact.path.clone();
        let (action, differs) = match tree.read(&path)? {
            None => (Action::Create, None),
            Some(Present { bytes, is_program }) if bytes == artifact.content.as_bytes() => {
                let is_kept = is_program == (artifact.mode & 0o100 != 0);
                (if is_kept { Action::Keep } else { Action::Update }, None)
            }
            Some(Present { bytes, .. }) if ours.holds(&path, &bytes) => {
                (Action::Update, Some(bytes))
            }
            Some(Present { bytes, .. }) => (Action::Edited, Some(bytes)),
        };
        changes.push(Change { path, action, artifact: Some(artifact), differs });
    }
    for path in ours.paths().filter(|path| !rendered.contains(*path)) {
        if let Some(Present { bytes, .. }) = tree.read(path)? {
            let action = if ours.holds(path, &bytes) { Action::Remove } else { Action::Edited };
            changes.push(Change {
                path: path.into(),
                action,
                artifact: None,
                differs: Some(bytes),
            });
        }
    }
    let lock = Lock::of(&changes).to_string();
    let lock_is_current = tree.read(LOCK)?.is_some_and(|present| present.bytes == lock.as_bytes());
    let left = |name: &&str| directory.join(name).symlink_metadata().is_ok();
    let leftovers = [NEXT, stage::NAME].into_iter().filter(left).collect();
    Ok(Comparison {
        explains: ours.was_killed.then(|| Lock::of_present(&changes).to_string()),
        leftovers,
        changes,
        lock_is_current,
        lock,
    })
}

/// Everything that a directory lacks, complete on the disk; none of it in its place yet.
pub struct Staged {
    stage: Stage,
    removed: Vec<String>,
}

/// Writes beside a directory what it lacks; nothing if it lacks nothing. What is not put in place goes again.
///
/// # Errors
/// If something cannot be written; the directory is then as it was.
pub fn stage(comparison: &Comparison, directory: &Path) -> Result<Option<Staged>> {
    if comparison.is_current() {
        return Ok(None);
    }
    let stage = Stage::open(directory)?;
    let Comparison { changes, lock, explains, .. } = comparison;
    let drift = || changes.iter().filter(|change| change.is_drift());
    let written = drift().filter_map(|change| change.artifact.as_ref());
    stage.put(written.map(|file| (file.path.as_str(), file.content.as_bytes(), file.mode)))?;
    if let Some(explains) = explains {
        stage.put([(LOCK, explains.as_bytes(), 0o644)])?;
        stage.announce(LOCK)?;
    }
    stage.put([(LOCK, lock.as_bytes(), 0o644), (NEXT, lock.as_bytes(), 0o644)])?;
    let removed =
        drift().filter(|change| change.artifact.is_none()).map(|change| change.path.clone());
    Ok(Some(Staged { stage, removed: removed.collect() }))
}

impl Staged {
    /// Puts everything in its place. What the directory is going to hold is said before the first file changes its name, the
    /// lock is last: a run that is killed between is repaired by the next one.
    ///
    /// # Errors
    /// If something cannot be put in its place; the directory is then as the next run will repair it.
    pub fn publish(self) -> Result<()> {
        self.stage.announce(NEXT)?;
        for path in &self.removed {
            self.stage.remove(path)?;
        }
        self.stage.publish()?;
        self.stage.close()
    }
}
