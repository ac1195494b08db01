//! `golden/NAME/` is exactly what `examples/NAME.yaml` renders.

mod support;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use support::{rendered_examples, root};
use walkdir::WalkDir;

type Tree = BTreeMap<PathBuf, String>;

fn read(directory: &Path) -> Tree {
    WalkDir::new(directory)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(directory).unwrap().to_path_buf();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn replace(directory: &Path, tree: &Tree) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
    for (path, content) in tree {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

#[test]
fn every_example_renders_its_golden_folder() {
    for (name, artifacts) in rendered_examples() {
        let golden = root().join("golden").join(&name);
        let rendered: Tree = artifacts
            .into_iter()
            .map(|artifact| (PathBuf::from(artifact.path), artifact.content))
            .collect();
        if env::var_os("UPDATE_GOLDEN").is_some() {
            replace(&golden, &rendered);
        }
        let expected = read(&golden);
        let names = |tree: &Tree| tree.keys().cloned().collect::<Vec<PathBuf>>();
        assert_eq!(
            names(&rendered),
            names(&expected),
            "files of {name}; accept with UPDATE_GOLDEN=1"
        );
        for (path, content) in &rendered {
            let diff = similar::TextDiff::from_lines(expected[path].as_str(), content.as_str());
            let diff = diff.unified_diff().header("golden", "rendered").to_string();
            assert_eq!(diff, "", "{name}/{}; accept with UPDATE_GOLDEN=1", path.display());
        }
    }
}

#[test]
fn every_golden_folder_has_an_example() {
    let examples = rendered_examples();
    for entry in fs::read_dir(root().join("golden")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "diagnostics" || examples.contains_key(&name),
            "golden/{name} has no example"
        );
    }
}
