//! What several tests need: the examples, and what they render.
#![allow(dead_code, reason = "each test needs another part of it")]

pub mod bench;
pub mod installed;
pub mod repository;
pub mod terminal;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use redisforge::{
    catalog::{self, Artifact},
    diagnostic::Severity,
    load::{self, Loaded},
    source::Source,
    templates::Templates,
    topology::Topology,
};

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every example, sorted.
pub fn examples() -> Vec<PathBuf> {
    let mut examples: Vec<PathBuf> = fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    examples.sort();
    assert!(examples.len() >= 5, "the examples are there");
    examples
}

pub fn name_of(example: &Path) -> String {
    example.file_stem().unwrap().to_string_lossy().into_owned()
}

pub fn load_text(text: &str) -> Loaded {
    load::load(vec![Source::read("spec.yaml", text.into())]).remove(0)
}

/// The topology of a spec that must be valid.
pub fn topology(text: &str) -> Topology {
    let mut loaded = load_text(text);
    let errors: Vec<_> =
        loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    loaded.spec.take().unwrap().into()
}

/// What a spec renders.
pub fn render(text: &str) -> Vec<Artifact> {
    catalog::plan(&topology(text), &Templates::parse())
}

/// Every example by name with what it renders.
pub fn rendered_examples() -> BTreeMap<String, Vec<Artifact>> {
    examples()
        .iter()
        .map(|example| (name_of(example), render(&fs::read_to_string(example).unwrap())))
        .collect()
}

/// Writes what was rendered below a directory, with its modes.
pub fn write(artifacts: &[Artifact], directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for artifact in artifacts {
        let path = directory.join(&artifact.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &artifact.content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(artifact.mode)).unwrap();
    }
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
