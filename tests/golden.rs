//! `golden/NAME/` is exactly what `examples/NAME.yaml` renders.

mod support;

use std::{
    collections::BTreeMap,
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use redisforge::output;
use support::{rendered_examples, root};
use tempfile::TempDir;
use walkdir::WalkDir;

/// A file as git keeps it.
struct File {
    content: String,
    is_program: bool,
}

type Tree = BTreeMap<PathBuf, File>;

fn read(directory: &Path) -> Tree {
    WalkDir::new(directory)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(directory).unwrap().to_path_buf();
            let mode = entry.metadata().unwrap().permissions().mode();
            let content = fs::read_to_string(entry.path()).unwrap();
            (path, File { content, is_program: mode & 0o100 != 0 })
        })
        .collect()
}

fn replace(directory: &Path, tree: &Tree) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
    for (path, file) in tree {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &file.content).unwrap();
        let mode = if file.is_program { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn every_example_renders_its_golden_folder() {
    for (name, artifacts) in rendered_examples() {
        let golden = root().join("golden").join(&name);
        let scratch = TempDir::new().unwrap();
        let comparison = output::compare(artifacts, scratch.path()).unwrap();
        output::stage(&comparison, scratch.path()).unwrap().unwrap().publish().unwrap();
        let written = read(scratch.path());
        assert!(written.contains_key(Path::new(output::LOCK)), "{name}");
        if env::var_os("UPDATE_GOLDEN").is_some() {
            replace(&golden, &written);
        }
        let expected = read(&golden);
        let names = |tree: &Tree| tree.keys().cloned().collect::<Vec<PathBuf>>();
        assert_eq!(
            names(&written),
            names(&expected),
            "files of {name}; accept with UPDATE_GOLDEN=1"
        );
        for (path, file) in &written {
            let at = format!("{name}/{}; accept with UPDATE_GOLDEN=1", path.display());
            let golden = &expected[path];
            let diff =
                similar::TextDiff::from_lines(golden.content.as_str(), file.content.as_str());
            let diff = diff.unified_diff().header("golden", "rendered").to_string();
            assert_eq!(diff, "", "{at}");
            assert_eq!(golden.is_program, file.is_program, "whether it can be run: {at}");
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
