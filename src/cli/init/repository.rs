//! What is in the repository already.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{Ci, Platform};
use crate::source::{Kind, Node, Source};

/// The directory of the specs, one below it for each name.
pub const SPECS: &str = "specs";
/// The file that the environments of a name share.
pub const BASE: &str = "base.yaml";

pub struct Repository {
    pub root: PathBuf,
    /// Whether `init` was never here.
    pub is_new: bool,
    /// Names with the environments of each.
    pub sets: BTreeMap<String, Vec<String>>,
    /// The root of the version control that the directory is in.
    pub version_control: Option<PathBuf>,
}

impl Repository {
    pub fn read(root: &Path) -> Result<Self> {
        let mut sets = BTreeMap::new();
        for folder in entries(&root.join(SPECS))? {
            if folder.join(BASE).is_file() {
                let environments = entries(&folder)?;
                let names = environments.iter().filter(|file| is_yaml(file)).map(|file| stem(file));
                sets.insert(stem(&folder), names.filter(|name| name != "base").collect());
            }
        }
        Ok(Self {
            root: root.into(),
            is_new: !root.join("ci/redisforge.sh").exists(),
            sets,
            version_control: version_control(root),
        })
    }

    /// The integration that is set up.
    pub fn ci(&self) -> Option<Ci> {
        if self.root.join(".github/workflows/redisforge.yml").exists() {
            Some(Ci::Github)
        } else if self.root.join("ci/redisforge.gitlab-ci.yml").exists() {
            Some(Ci::Gitlab)
        } else {
            (!self.is_new).then_some(Ci::None)
        }
    }

    /// Where a spec says that it runs.
    pub fn platform(&self, spec: &Path) -> Option<Platform> {
        let root = tree(&self.root.join(spec))?;
        match &root.get("spec")?.get("platform")?.get("type")?.kind {
            Kind::Scalar(name) if name == "Hosts" => Some(Platform::Hosts),
            Kind::Scalar(name) if name == "Kubernetes" => Some(Platform::Kubernetes),
            _ => None,
        }
    }

    /// Whether a spec names machines.
    pub fn has_hosts(&self, spec: &Path) -> bool {
        let hosts = tree(&self.root.join(spec))
            .and_then(|root| root.get("spec")?.get("platform")?.get("hosts").cloned());
        matches!(hosts.map(|hosts| hosts.kind), Some(Kind::Sequence(hosts)) if !hosts.is_empty())
    }

    /// The name of the directory, as far as it can name a deployment.
    pub fn directory_name(&self) -> String {
        let whole = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        let name = whole.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(40)
            .collect();
        let name = name.trim_matches('-');
        if name.is_empty() { "redis".into() } else { name.into() }
    }
}

fn tree(file: &Path) -> Option<Node> {
    Some(Source::read("", fs::read_to_string(file).ok()?).0.root)
}

/// What is in a directory, sorted; nothing if it is not there.
fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let cannot = || format!("cannot read {}", directory.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).with_context(cannot)? {
        paths.push(entry.with_context(cannot)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "yaml")
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn version_control(root: &Path) -> Option<PathBuf> {
    let present = std::env::current_dir().unwrap_or_default().join(root);
    let whole = present.canonicalize().unwrap_or(present);
    whole.ancestors().find(|above| above.join(".git").exists()).map(Path::to_path_buf)
}
