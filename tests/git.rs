//! Files of a git revision, as git itself would check them out.

mod support;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use redisforge::cli::{
    files::{Disk, Files, Kind},
    git::Revision,
};
use support::repository::Repository;

fn open(repository: &Repository, name: &str) -> Revision {
    Revision::open(&repository.path(""), name).unwrap()
}

fn refusal(repository: &Repository, name: &str) -> String {
    match Revision::open(&repository.path(""), name) {
        Ok(_) => panic!("{name} is a revision"),
        Err(error) => format!("{error:#}"),
    }
}

fn text(revision: &Revision, path: &Path) -> String {
    String::from_utf8(revision.read(path, 1 << 20).unwrap()).unwrap()
}

#[test]
fn a_revision_has_the_files_that_git_checks_out() {
    let repository = Repository::new();
    for (name, content) in [
        ("specs/a.yaml", "a"),
        ("specs/deep/er/b.yaml", "b"),
        ("specs-other/c.yaml", "c"),
        ("sp ace/ü\n\"'.yaml", "hostile"),
        ("run.sh", "#!/bin/sh"),
    ] {
        repository.put(name, content);
    }
    symlink("deep/er/b.yaml", repository.path("specs/link.yaml")).unwrap();
    symlink("specs/deep", repository.path("folder")).unwrap();
    symlink("../../outside.yaml", repository.path("specs/out.yaml")).unwrap();
    symlink("/etc/hostname", repository.path("specs/absolute.yaml")).unwrap();
    symlink("circle.yaml", repository.path("specs/circle.yaml")).unwrap();
    repository.commit("all");
    let checkout = Repository::empty();
    repository.git(&[
        "worktree",
        "add",
        "--quiet",
        checkout.path("there").to_str().unwrap(),
        "HEAD",
    ]);
    for name in ["specs", "specs-other", "sp ace", "run.sh", "folder"] {
        let path = repository.path(name);
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
    }
    let revision = open(&repository, "main");
    let there = checkout.path("there");
    let expected: Vec<PathBuf> = Disk
        .below(&there)
        .unwrap()
        .iter()
        .map(|file| file.strip_prefix(&there).unwrap().to_path_buf())
        .filter(|file| !file.starts_with(".git") && !file.ends_with("absolute.yaml"))
        .collect();
    let found: Vec<PathBuf> = revision
        .below(&repository.path(""))
        .unwrap()
        .iter()
        .map(|file| file.strip_prefix(repository.path("")).unwrap().to_path_buf())
        .collect();
    assert_eq!(found.len(), 6, "{found:?}");
    let sorted = |mut files: Vec<PathBuf>| {
        files.sort();
        files
    };
    assert_eq!(found, sorted(expected));
    for file in found {
        let content = fs::read_to_string(there.join(&file)).unwrap();
        assert_eq!(
            text(&revision, &repository.path("").join(&file)),
            content,
            "{}",
            file.display()
        );
    }
    assert_eq!(text(&revision, &repository.path("folder/er/b.yaml")), "b", "through a link");
    assert_eq!(
        revision.identity(&repository.path("folder/er/b.yaml")),
        revision.identity(&repository.path("specs/link.yaml"))
    );
    for missing in
        ["specs/out.yaml", "specs/absolute.yaml", "specs/circle.yaml", "specs/a.yaml/x", "no"]
    {
        assert_eq!(revision.kind(&repository.path(missing)).unwrap(), Kind::Missing, "{missing}");
    }
    assert_eq!(revision.kind(&repository.path("specs/deep")).unwrap(), Kind::Folder);
    let error = revision.read(&repository.path("specs/out.yaml"), 9).unwrap_err().to_string();
    assert!(error.contains("specs/out.yaml at git:main: no such file"), "{error}");
    assert_eq!(revision.read(&repository.path("run.sh"), 5).unwrap(), b"#!/bi");
}

#[test]
fn globs_fit_as_on_the_disk() {
    let repository = Repository::new();
    for name in ["specs/a.yaml", "specs/b.yml", "specs/x/c.yaml", "specs/x/y/d.yaml", "e.yaml"] {
        repository.put(name, name);
    }
    repository.commit("all");
    let revision = open(&repository, "HEAD");
    for glob in
        ["*.yaml", "specs/*.y*ml", "specs/*/*.yaml", "specs/**/*.yaml", "specs/[ab].*", "no/*"]
    {
        let glob = repository.path("").join(glob).display().to_string();
        let mut expected = Disk.matching(&glob).unwrap();
        expected.sort();
        assert_eq!(revision.matching(&glob).unwrap(), expected, "{glob}");
    }
    assert!(revision.matching("specs/[").is_err());
}

#[test]
fn a_revision_is_found_by_every_name_that_git_takes() {
    let repository = Repository::new();
    for content in ["1", "2", "3"] {
        repository.put("x", content);
        repository.commit(content);
    }
    repository.git(&["tag", "light", "HEAD~2"]);
    repository.git(&["tag", "--annotate", "--message", "m", "heavy", "HEAD~1"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD^"]);
    let commit = repository.git(&["rev-parse", "HEAD~2"]);
    for (name, expected) in [
        ("HEAD", "3"),
        ("@", "3"),
        ("main", "3"),
        ("main^", "2"),
        ("HEAD~2", "1"),
        ("light", "1"),
        ("heavy", "2"),
        ("origin/main", "2"),
        ("refs/heads/main", "3"),
        (commit.trim(), "1"),
        (&commit[..9], "1"),
    ] {
        assert_eq!(text(&open(&repository, name), &repository.path("x")), expected, "{name}");
    }
    // Packed objects and references are read like loose ones.
    repository.git(&["gc", "--quiet"]);
    assert_eq!(text(&open(&repository, "heavy"), &repository.path("x")), "2");
}

#[test]
fn three_dots_are_where_a_branch_left_another() {
    let repository = Repository::new();
    repository.put("x", "common");
    repository.commit("common");
    repository.git(&["checkout", "--quiet", "-b", "topic"]);
    repository.put("x", "topic");
    repository.commit("topic");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.put("x", "main moved on");
    repository.commit("main");
    repository.git(&["checkout", "--quiet", "topic"]);
    for (name, expected) in
        [("main...", "common"), ("main...topic", "common"), ("main", "main moved on")]
    {
        assert_eq!(text(&open(&repository, name), &repository.path("x")), expected, "{name}");
    }
}

#[test]
fn what_cannot_be_found_says_how_to_get_it() {
    let repository = Repository::new();
    repository.put("x", "1");
    repository.commit("1");
    repository.put("x", "2");
    repository.commit("2");
    repository.git(&["update-ref", "refs/remotes/origin/release", "HEAD"]);
    for (name, expected) in [
        ("mian", "this repository knows no revision mian; did you mean main?"),
        ("release", "did you mean origin/release?"),
        ("origin/prod", "(it knows main, origin/release); get it with `git fetch origin prod`"),
        ("v1.0", "get it with `git fetch origin v1.0`"),
        (
            "prod...",
            "no revision prod (it knows main, origin/release); get it with `git fetch origin prod`",
        ),
        ("mian...", "no revision mian; did you mean main...?"),
        ("main..release", "this repository knows no revision"),
        ("main~1..main", "names several commits"),
        ("HEAD:x", "names a file or folder"),
        ("", "this repository knows no revision"),
        ("--output=x", "this repository knows no revision --output=x"),
    ] {
        let told = refusal(&repository, name);
        assert!(told.contains(expected), "{name}: {told}");
    }
    // What no server has cannot be fetched.
    for name in ["HEAD~5", "HEAD@{7}", "main...nope", "", "--output=x"] {
        let told = refusal(&repository, name);
        assert!(told.contains("no revision") && !told.contains("fetch"), "{name}: {told}");
    }
    let clone = repository.shallow_clone("1");
    assert_eq!(text(&open(&clone, "HEAD"), &clone.path("x")), "2");
    for name in ["HEAD^", "origin/base", "HEAD~1..."] {
        let told = refusal(&clone, name);
        assert!(told.contains("shallow: `git fetch --unshallow`, or `fetch-depth: 0`"), "{told}");
    }
    let told = refusal(&Repository::new(), "HEAD");
    assert!(told.contains("this repository knows no revision HEAD"), "{told}");
    let broken = Repository::new();
    broken.put("x", "1");
    broken.commit("1");
    for name in ["HEAD", "main"] {
        let id = broken.git(&["rev-parse", name]);
        let object = format!(".git/objects/{}/{}", &id[..2], id[2..].trim());
        broken.remove(&object);
        broken.put(&object, "not an object");
        let told = refusal(&broken, name);
        assert!(told.contains(&format!("cannot read git:{name}: ")), "{told}");
        assert!(told.contains("`git fsck`") && !told.contains("knows no revision"), "{told}");
    }
    let told = refusal(&Repository::empty(), "main");
    assert!(told.contains("is in no git repository"), "{told}");
}

#[test]
fn a_file_differs_if_its_text_does() {
    let repository = Repository::new();
    for name in ["same", "changed", "gone", "retouched", "crlf", "target", "moved"] {
        repository.put(name, "line\nline\n");
    }
    symlink("target", repository.path("link")).unwrap();
    repository.put(".gitignore", "ignored\n");
    repository.commit("all");
    repository.put("changed", "line\nother\n");
    repository.put("retouched", "line\nline\n");
    repository.put("crlf", "line\r\nline\r\n");
    repository.put("target", "new");
    repository.put("folder/new", "x");
    repository.put("ignored", "x");
    repository.put("staged", "x");
    repository.git(&["add", "staged"]);
    repository.remove("gone");
    repository.remove("moved");
    repository.put("moved/below", "x");
    let revision = open(&repository, "HEAD");
    let changed = revision.changed(&repository.path("")).unwrap();
    let names: Vec<String> = changed
        .iter()
        .map(|file| file.strip_prefix(repository.path("")).unwrap().display().to_string())
        .collect();
    let expected = [
        "changed",
        "folder/new",
        "gone",
        "ignored",
        "link",
        "moved",
        "moved/below",
        "staged",
        "target",
    ];
    assert_eq!(names, expected);
    for name in ["same", "retouched", "crlf", "never"] {
        assert!(!revision.differs(&repository.path(name)).unwrap(), "{name}");
    }
    assert_eq!(revision.changed(&repository.path("same")).unwrap().len(), 0);
    assert_eq!(revision.changed(&repository.path("folder")).unwrap().len(), 1);
}

#[test]
fn a_linked_worktree_and_a_path_over_a_link_are_the_same_repository() {
    let repository = Repository::new();
    repository.put("specs/x", "1");
    repository.commit("1");
    let other = Repository::empty();
    repository.git(&[
        "worktree",
        "add",
        "--quiet",
        other.path("tree").to_str().unwrap(),
        "-b",
        "side",
    ]);
    let revision = Revision::open(&other.path("tree/specs"), "main").unwrap();
    assert_eq!(text(&revision, &other.path("tree/specs/x")), "1");
    symlink(repository.path(""), other.path("way")).unwrap();
    let revision = Revision::open(&other.path("way/specs"), "main").unwrap();
    for path in ["way/specs/x", "way/specs/../specs/./x"] {
        assert_eq!(text(&revision, &other.path(path)), "1", "{path}");
    }
    assert_eq!(revision.kind(&other.path("elsewhere")).unwrap(), Kind::Missing);
    let gone = Revision::open(&repository.path("specs/never/was"), "main").unwrap();
    assert_eq!(gone.kind(&repository.path("specs/never")).unwrap(), Kind::Missing);
}
