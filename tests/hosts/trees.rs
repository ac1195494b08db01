//! Trees of the examples for hosts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use redisforge::{catalog::Artifact, topology::Topology};

use crate::support::{examples, topology, write};

/// Every example for hosts.
pub fn topologies() -> Vec<Topology> {
    let texts = examples().into_iter().map(|path| fs::read_to_string(path).unwrap());
    let on_hosts: Vec<Topology> =
        texts.map(|text| topology(&text)).filter(Topology::on_hosts).collect();
    assert!(!on_hosts.is_empty(), "an example is for hosts");
    on_hosts
}

/// Writes the files of one host below a directory, as they lie on that host.
pub fn write_host(artifacts: &[Artifact], host: &str, directory: &Path) {
    let prefix = format!("hosts/{host}/");
    let files: Vec<Artifact> = artifacts
        .iter()
        .filter_map(|artifact| {
            Some(Artifact { path: artifact.path.strip_prefix(&prefix)?.into(), ..artifact.clone() })
        })
        .collect();
    assert!(!files.is_empty(), "{host} has files");
    write(&files, directory);
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

/// Runs a program that must be there and succeed.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", all_output(&output));
    output
}

/// What a program said, on both streams.
pub fn all_output(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
