//! What several tests need: the examples, and what they render.
#![allow(dead_code)]

pub mod bench;
pub mod installed;
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
