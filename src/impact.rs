//! What a change of files does to running Redis: the only module that knows the words from `none` to `data-loss`. Pure.

mod conf;
mod directory;
mod documents;
mod excerpt;
mod hosts;
mod kubernetes;
mod objects;
mod owner;
mod runbook;
mod statefulset;
mod texts;
mod verdict;
mod whole;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub use excerpt::excerpt;
pub use statefulset::{MUTABLE, is_mutable};

use crate::topology::Topology;

/// What applying a change does. The worst is the greatest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Neither Redis nor Sentinel nor a client can notice
    None,
    /// Something running changes without a restart
    Live,
    /// Pods or processes restart, never a data node
    Rolling,
    /// Data nodes restart, so each master moves once
    Failover,
    /// A StatefulSet must be re-created; its pods and volumes stay
    Recreate,
    /// Clients cannot go on as they are, or nodes disagree during the change
    Outage,
    /// A volume must be deleted to get there, or a new, empty set takes over
    DataLoss,
}

/// Whom an effect meets.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    Data,
    Sentinels,
    Monitoring,
    Clients,
    Storage,
}

/// One file before and after; nothing where it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Inside the topology's directory, with `/`.
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// One thing that differs, and what that does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    pub impact: Impact,
    pub scope: Scope,
    pub file: String,
    /// Kind and name, of a Kubernetes object.
    pub object: Option<String>,
    /// Path of a value, or name of a directive.
    pub place: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// One sentence.
    pub reason: String,
    /// What else helps to decide.
    pub note: Option<String>,
    /// Lines of shell and comments; nothing below `recreate`.
    pub runbook: Vec<String>,
}

/// Everything that differs, worst first; nothing where only key order, comments or quoting do. There is no topology when it is gone.
#[must_use]
pub fn effects(changes: &[FileChange], topology: Option<&Topology>) -> Vec<Effect> {
    let files: Vec<&FileChange> = changes
        .iter()
        .filter(|file| file.before != file.after && file.path != "redisforge.lock")
        .collect();
    if let Some(effect) = whole::come_or_gone(&files, topology) {
        return vec![effect];
    }
    let below = |folder: &str| -> Vec<&FileChange> {
        files.iter().filter(|change| change.path.starts_with(folder)).copied().collect()
    };
    let mut effects = kubernetes::effects(&below("kubernetes/"), topology);
    effects.extend(hosts::effects(&below("hosts/"), topology));
    let others = files.iter().filter(|change| {
        !change.path.starts_with("kubernetes/") && !change.path.starts_with("hosts/")
    });
    effects.extend(others.filter_map(|change| whole::beside(change)));
    for effect in effects.iter_mut().filter(|effect| effect.impact < Impact::Recreate) {
        effect.runbook.clear();
    }
    effects.sort_by(|a, b| {
        b.impact
            .cmp(&a.impact)
            .then_with(|| a.file.cmp(&b.file))
            .then_with(|| a.place.cmp(&b.place))
    });
    effects
}
