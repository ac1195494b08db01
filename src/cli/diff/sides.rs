//! The two sides of a comparison: what the specs say now, and what they are compared with.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use super::{
    report::{Compared, Status},
    text,
};
use crate::{
    catalog,
    impact::{self, FileChange},
    output::{self, LOCK},
    templates::Templates,
    topology::Topology,
};

/// One topology and where it comes from; on one side at least.
enum Pair {
    /// A directory that may not be there yet.
    Directory(Box<Topology>, PathBuf),
    /// A directory whose topology is gone.
    Left(String, PathBuf),
    Both(Box<Topology>, Box<Topology>),
    New(Box<Topology>),
    Gone(Box<Topology>),
}

/// Compares topologies with directories, each found by a name. Directories below `root` that nobody renders any more are gone topologies.
pub fn with_directories(
    now: Vec<Topology>,
    directory: impl Fn(&str) -> PathBuf,
    root: Option<&Path>,
    templates: &Templates,
) -> Result<Vec<Compared>> {
    let mut pairs = Vec::new();
    if let Some(root) = root.filter(|root| root.is_dir()) {
        for entry in
            fs::read_dir(root).with_context(|| format!("cannot read {}", root.display()))?
        {
            let entry = entry.with_context(|| format!("cannot read {}", root.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_known = now.iter().any(|topology| topology.name == name);
            if !is_known && entry.path().join(LOCK).is_file() {
                pairs.push(Pair::Left(name, entry.path()));
            }
        }
    }
    pairs.extend(now.into_iter().map(|topology| {
        let directory = directory(&topology.name);
        Pair::Directory(Box::new(topology), directory)
    }));
    compare(pairs, templates)
}

/// Compares topologies with those of another revision of the specs.
pub fn with_topologies(
    now: Vec<Topology>,
    before: Vec<Topology>,
    templates: &Templates,
) -> Result<Vec<Compared>> {
    let mut known: BTreeMap<String, Vec<Topology>> = BTreeMap::new();
    for topology in before {
        known.entry(topology.name.clone()).or_default().push(topology);
    }
    let mut pairs = Vec::new();
    for topology in now {
        let same = known.get_mut(&topology.name).filter(|same| !same.is_empty());
        pairs.push(match same {
            Some(same) => {
                let namespace = |other: &Topology| other.namespace == topology.namespace;
                let before = same.remove(same.iter().position(namespace).unwrap_or(0));
                Pair::Both(Box::new(before), Box::new(topology))
            }
            None => Pair::New(Box::new(topology)),
        });
    }
    pairs.extend(known.into_values().flatten().map(|gone| Pair::Gone(Box::new(gone))));
    compare(pairs, templates)
}

fn compare(pairs: Vec<Pair>, templates: &Templates) -> Result<Vec<Compared>> {
    let mut compared: Vec<Compared> =
        pairs.into_par_iter().map(|pair| pair.compare(templates)).collect::<Result<_>>()?;
    compared.sort_by(|a, b| {
        b.highest_impact().cmp(&a.highest_impact()).then_with(|| a.name.cmp(&b.name))
    });
    Ok(compared)
}

impl Pair {
    fn compare(self, templates: &Templates) -> Result<Compared> {
        let rendered = |topology: &Topology| -> BTreeMap<String, String> {
            let artifacts = catalog::plan(topology, templates).into_iter();
            artifacts.map(|artifact| (artifact.path, artifact.content)).collect()
        };
        Ok(match self {
            Self::Directory(topology, directory) => {
                let files = present(Some(&topology), &directory, templates)?;
                let is_new = files.iter().all(|file| file.before.is_none());
                let status = if is_new { Status::New } else { Status::Changed };
                judged(&topology.name, Some(&topology), status, files)
            }
            Self::Left(name, directory) => {
                let files = present(None, &directory, templates)?;
                judged(&name, None, Status::Gone, files)
            }
            Self::Both(before, now) => {
                let files = paired(rendered(&before), rendered(&now));
                judged(&now.name, Some(&now), Status::Changed, files)
            }
            Self::New(now) => {
                let files = paired(BTreeMap::new(), rendered(&now));
                judged(&now.name, Some(&now), Status::New, files)
            }
            Self::Gone(before) => {
                let files = paired(rendered(&before), BTreeMap::new());
                let mut gone = judged(&before.name, None, Status::Gone, files);
                gone.namespace.clone_from(&before.namespace);
                gone
            }
        })
    }
}

/// Every file of a directory that is rendered, or was by the lock.
fn present(
    topology: Option<&Topology>,
    directory: &Path,
    templates: &Templates,
) -> Result<Vec<FileChange>> {
    if directory.exists() && !directory.is_dir() {
        bail!("cannot compare with {}: it is not a directory", directory.display());
    }
    let artifacts = topology.map(|topology| catalog::plan(topology, templates));
    let comparison = output::compare(artifacts.unwrap_or_default(), directory)?;
    let changes = comparison.changes.into_iter();
    Ok(changes
        .map(|change| {
            let present = change.present().map(String::from_utf8_lossy);
            let rendered = change.artifact.as_ref().map(|artifact| artifact.content.as_str());
            let before =
                present.map(|text| text::without_secrets(&text, rendered.unwrap_or_default()));
            let after = change.artifact.map(|artifact| artifact.content);
            FileChange { path: change.path, before, after }
        })
        .collect())
}

fn paired(before: BTreeMap<String, String>, after: BTreeMap<String, String>) -> Vec<FileChange> {
    let mut files: BTreeMap<String, FileChange> = BTreeMap::new();
    for (path, content) in before {
        let file = FileChange { path: path.clone(), before: Some(content), after: None };
        files.insert(path, file);
    }
    for (path, content) in after {
        let new = FileChange { path: path.clone(), before: None, after: None };
        files.entry(path).or_insert(new).after = Some(content);
    }
    files.into_values().collect()
}

fn judged(
    name: &str,
    topology: Option<&Topology>,
    status: Status,
    files: Vec<FileChange>,
) -> Compared {
    let all = files.len();
    let changes: Vec<FileChange> =
        files.into_iter().filter(|file| file.before != file.after).collect();
    let mut effects = impact::effects(&changes, topology);
    effects.sort_by_key(|effect| std::cmp::Reverse(effect.impact));
    let is_same = changes.is_empty() || status == Status::Changed && effects.is_empty();
    Compared {
        name: name.into(),
        namespace: topology.and_then(|topology| topology.namespace.clone()),
        status: if is_same { Status::Unchanged } else { status },
        unchanged_files: all - changes.len(),
        changes,
        effects,
    }
}
