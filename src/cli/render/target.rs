//! One topology on its way to its directory.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use rayon::prelude::*;

use super::RENDERED;
use crate::{
    catalog,
    load::Loaded,
    output::{self, Comparison},
    templates::Templates,
    topology::Topology,
};

/// Of more topologies than this each is told of only on request.
pub const FEW: usize = 10;

/// Where the topologies of a run lie.
pub enum Place {
    /// The only one, in the directory that the user named.
    Alone(PathBuf),
    /// Each in a directory of its name below this one.
    Below(PathBuf),
}

impl Place {
    /// What is held while a run works there.
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Below(folder) => folder.clone(),
            Self::Alone(directory) => {
                let directory = directory.canonicalize().unwrap_or_else(|_| directory.clone());
                match directory.parent() {
                    None => directory,
                    Some(above) if above.as_os_str().is_empty() => ".".into(),
                    Some(above) => above.into(),
                }
            }
        }
    }

    fn directory(&self, name: &str) -> Result<PathBuf> {
        match self {
            Self::Alone(directory) => Ok(directory.clone()),
            Self::Below(folder) => {
                let directory = folder.join(name);
                // What the user named may be a link; what lies below could lead to files of somebody else.
                if directory.is_symlink() {
                    bail!(
                        "{} is a symbolic link, and none is followed; remove it",
                        directory.display()
                    );
                }
                Ok(directory)
            }
        }
    }
}

/// Where a topology lies.
pub fn directory(name: &str, output: Option<&Path>, is_single: bool) -> PathBuf {
    match output {
        Some(directory) if is_single => directory.into(),
        Some(directory) => directory.join(name),
        None => Path::new(RENDERED).join(name),
    }
}

/// A topology, and its directory beside what it renders.
pub struct Target {
    pub topology: Topology,
    pub directory: PathBuf,
    pub comparison: Comparison,
}

/// Renders every topology, compares it with its directory, and does something with that; the texts are gone after that.
pub fn each<T: Send>(
    place: &Place,
    loaded: &mut [Loaded],
    templates: &Templates,
    work: impl Fn(Target) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let one = |loaded: &mut Loaded| {
        let Some(spec) = loaded.take_spec() else { return Ok(None) };
        let topology = Topology::from(spec);
        let directory = place.directory(&topology.name)?;
        let comparison = output::compare(catalog::plan(&topology, templates), &directory)?;
        work(Target { topology, directory, comparison }).map(Some)
    };
    let done: Vec<Option<T>> = if loaded.len() == 1 {
        loaded.iter_mut().map(one).collect::<Result<_>>()?
    } else {
        loaded.par_iter_mut().map(one).collect::<Result<_>>()?
    };
    Ok(done.into_iter().flatten().collect())
}

/// Names a few, and counts the rest.
pub fn shown(directories: &[&Path]) -> String {
    let few: Vec<String> =
        directories.iter().take(FEW).map(|path| path.display().to_string()).collect();
    match directories.len().saturating_sub(FEW) {
        0 => few.join(", "),
        more => format!("{} and {more} more", few.join(", ")),
    }
}
