//! `--changed-since`: of many specs, those that a change may have to do with.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use anyhow::Result;

use super::{
    files::{Disk, Files as _, Kind},
    git::Revision,
};
use crate::load::Loaded;

/// Keeps the specs that are made of a file which is not as it was at a revision. All were judged beside each other before.
pub fn keep(loaded: &mut Vec<Loaded>, revision: &Revision) -> Result<()> {
    let mut known: HashMap<String, bool> = HashMap::new();
    let mut is_kept = Vec::with_capacity(loaded.len());
    for Loaded { source, .. } in loaded.iter() {
        // Of what is missing in it, nobody can tell that it did not change.
        let mut is_changed = source.is_incomplete();
        for file in source.files() {
            if !known.contains_key(file) {
                known.insert(file.into(), differs(file, revision)?);
            }
            is_changed |= known[file];
        }
        is_kept.push(is_changed);
    }
    // What is wrong in a base is told about the base, and then stops what is based on it.
    let mut needed: HashSet<String> = HashSet::new();
    for (Loaded { source, .. }, is_kept) in loaded.iter().zip(&is_kept) {
        if *is_kept {
            needed.extend(source.files().map(String::from));
        }
    }
    let mut is_kept = is_kept.into_iter();
    loaded.retain(|loaded| {
        let is_changed = is_kept.next().unwrap_or_default();
        is_changed || loaded.has_errors() && needed.contains(&loaded.source.name)
    });
    Ok(())
}

fn differs(file: &str, revision: &Revision) -> Result<bool> {
    let path = Path::new(file);
    // It was read, so it is there: its name is one that cannot be written as text.
    Ok(Disk.kind(path)? == Kind::Missing || revision.differs(path)?)
}
