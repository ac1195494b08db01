//! Trees of the examples for hosts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use redisforge::topology::Topology;

use crate::support::{examples, topology};

/// Every example for hosts.
pub fn topologies() -> Vec<Topology> {
    let texts = examples().into_iter().map(|path| fs::read_to_string(path).unwrap());
    let on_hosts: Vec<Topology> =
        texts.map(|text| topology(&text)).filter(Topology::on_hosts).collect();
    assert!(!on_hosts.is_empty(), "an example is for hosts");
    on_hosts
}

/// All files below a directory, sorted.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(directory)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| !path.is_dir())
        .collect()
}
