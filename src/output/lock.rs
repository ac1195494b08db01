//! `redisforge.lock`: which files of a directory are ours, and what they were when we wrote them.

use std::{collections::BTreeMap, fmt, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{Action, Change, tree::Tree};
use crate::checksum::{sha256, sha256_of_each};

/// Name of the lock.
pub const LOCK: &str = "redisforge.lock";
/// Name of the lock that a running write is going to leave. It outlives a killed run, whose files it explains.
pub(super) const NEXT: &str = "redisforge.lock.next";

/// The files that a directory holds by our hand.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Lock {
    format: String,
    format_version: String,
    /// SHA-256 by path.
    files: BTreeMap<String, String>,
}

/// Everything that this or a killed run wrote.
#[derive(Debug, Default)]
pub(super) struct Ours {
    files: BTreeMap<String, Vec<String>>,
    /// Whether a killed run left files that only the lock it was going to leave explains.
    pub(super) was_killed: bool,
}

impl Lock {
    /// The lock that changes leave behind.
    pub(super) fn of(changes: &[Change]) -> Self {
        let artifacts = changes.iter().filter_map(|change| change.artifact.as_ref());
        let (known, unknown): (Vec<_>, Vec<_>) =
            artifacts.partition(|artifact| artifact.checksum.is_some());
        let texts: Vec<&[u8]> = unknown.iter().map(|file| file.content.as_bytes()).collect();
        let made = unknown.iter().zip(sha256_of_each(&texts));
        let known = known.iter().filter_map(|file| Some((file, file.checksum?.to_string())));
        Self::with(made.chain(known).map(|(file, sum)| (file.path.clone(), sum)).collect())
    }

    /// The lock of what is there now.
    pub(super) fn of_present(changes: &[Change]) -> Self {
        let ours = changes.iter().filter(|change| change.action != Action::Edited);
        let entry = |change: &Change| Some((change.path.clone(), sha256(change.present()?)));
        Self::with(ours.filter_map(entry).collect())
    }

    fn with(files: BTreeMap<String, String>) -> Self {
        Self { format: "redisforge/lock".into(), format_version: "1.0".into(), files }
    }

    /// What the locks of a directory say, that of a killed run included.
    pub(super) fn read_all(directory: &Path) -> Result<Ours> {
        let mut ours = Ours::default();
        let tree = Tree::at(directory);
        for name in [LOCK, NEXT] {
            let Some(present) = tree.read(name)? else { continue };
            let path = directory.join(name);
            let text = String::from_utf8_lossy(&present.bytes);
            ours.was_killed |= name == NEXT;
            let lock: Self = serde_json::from_str(&text).with_context(|| {
                format!(
                    "cannot read {}: it is not a lock of redisforge; restore it from git",
                    path.display()
                )
            })?;
            for (path, hash) in lock.files {
                if is_inside(&path) {
                    ours.files.entry(path).or_default().push(hash);
                }
            }
        }
        Ok(ours)
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        writeln!(f, "{text}")
    }
}

impl Ours {
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether a file is as one of these runs wrote it.
    pub(super) fn holds(&self, path: &str, bytes: &[u8]) -> bool {
        self.files.get(path).is_some_and(|hashes| hashes.contains(&sha256(bytes)))
    }
}

/// A lock is a file that anybody can edit: it must not name what lies elsewhere.
fn is_inside(path: &str) -> bool {
    !path.starts_with('/')
        && path.split('/').all(|part| !["", ".", ".."].contains(&part))
        && path != LOCK
}

impl Change {
    /// Whether somebody's edit would be lost.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.action == Action::Edited
    }
}
