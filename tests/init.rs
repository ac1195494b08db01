//! `redisforge init`: what it creates, what it leaves alone, whom it asks, and whether its judges accept it.

mod support;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use regex::Regex;
use serde_yaml::Value;
use support::terminal::in_terminal;
use tempfile::TempDir;
use walkdir::WalkDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_redisforge");
const GITHUB: [&str; 8] = [
    ".gitattributes",
    ".githooks/pre-commit",
    ".github/workflows/redisforge.yml",
    ".redisforge/schema.json",
    "README.md",
    "ci/redisforge.sh",
    "specs/shop/base.yaml",
    "specs/shop/prod.yaml",
];

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A repository that `init` made.
    fn scaffolded(flags: &[&str]) -> Self {
        let place = Self::new();
        let output = place.init(&[&["--name", "shop"], flags].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn put(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn init(&self, flags: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.arg("init").args(flags).current_dir(self.0.path());
        command.stdin(Stdio::null()).output().unwrap()
    }

    fn files(&self) -> Vec<String> {
        let walk = WalkDir::new(self.0.path()).sort_by_file_name().into_iter();
        let files = walk.map(Result::unwrap).filter(|entry| !entry.file_type().is_dir());
        files
            .map(|entry| entry.path().strip_prefix(self.0.path()).unwrap().display().to_string())
            .collect()
    }

    /// Every file with its content, mode and time.
    fn state(&self) -> BTreeMap<String, (String, u32, i64)> {
        let state = |name: String| {
            let data = fs::metadata(self.path(&name)).unwrap();
            let text = self.read(&name);
            (name, (text, data.mode(), data.mtime_nsec()))
        };
        self.files().into_iter().map(state).collect()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_repository_is_scaffolded_without_a_question_where_nobody_can_answer() {
    let place = Place::new();
    let output = place.init(&["--name", "shop"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(place.files(), GITHUB);
    for (name, (_, mode, _)) in place.state() {
        let is_program = name.rsplit('.').next() == Some("sh") || name.ends_with("pre-commit");
        assert_eq!(mode & 0o777, if is_program { 0o755 } else { 0o644 }, "{name}");
        assert!(stderr(&output).contains(&format!("created  {name}\n")), "{name}");
    }
    let told = stderr(&output);
    let (_, next) = told.split_once("next:\n").unwrap();
    for step in
        ["git init", "core.hooksPath .githooks", "redisforge render specs", "REDISFORGE_URL"]
    {
        assert!(next.contains(step), "{next}");
    }
    assert!(output.stdout.is_empty());
    let schema = Command::new(PROGRAM).arg("schema").output().unwrap().stdout;
    assert_eq!(place.read(".redisforge/schema.json").as_bytes(), schema);
    for spec in ["specs/shop/base.yaml", "specs/shop/prod.yaml"] {
        let text = place.read(spec);
        let modeline = text.lines().next().unwrap();
        let schema = modeline.strip_prefix("# yaml-language-server: $schema=").unwrap();
        assert!(place.path(spec).parent().unwrap().join(schema).is_file(), "{modeline}");
    }
}

#[test]
fn running_it_again_changes_nothing_whatever_was_chosen() {
    let hosts = ["--platform", "hosts", "--host", "a=10.0.0.1,b=10.0.0.2,c=10.0.0.3"];
    for flags in [&[][..], &["--ci", "gitlab"], &["--ci", "none", "--namespace", "web"], &hosts] {
        let place = Place::scaffolded(flags);
        let before = place.state();
        for again in [&[][..], &[&["--name", "shop"], flags].concat()] {
            let output = place.init(again);
            assert_eq!(code(&output), 0, "{flags:?} {}", stderr(&output));
            assert!(stderr(&output).contains("nothing to do"), "{}", stderr(&output));
            assert_eq!(place.state(), before, "{flags:?}");
        }
        // One file lost is one file made.
        fs::remove_file(place.path("README.md")).unwrap();
        let output = place.init(&[]);
        assert_eq!(stderr(&output).matches("created").count(), 1, "{}", stderr(&output));
    }
}

#[test]
fn what_is_there_is_never_overwritten_but_named_and_can_be_compared() {
    let place = Place::new();
    place.put("README.md", "# mine\n");
    place.put(".gitattributes", "*.png binary\n");
    fs::create_dir_all(place.path("ci/redisforge.sh")).unwrap();
    fs::create_dir_all(place.path(".githooks")).unwrap();
    symlink("nowhere", place.path(".githooks/pre-commit")).unwrap();
    place.put("specs/shop/prod.yaml", "mine: too\n");
    let output = place.init(&["--name", "shop"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let told = stderr(&output);
    for left in ["README.md", ".gitattributes", "ci/redisforge.sh", ".githooks/pre-commit"] {
        assert!(told.contains(&format!("left     {left} is there and differs")), "{left}: {told}");
    }
    assert!(told.contains("kept     specs/shop/prod.yaml is yours"), "{told}");
    assert_eq!(place.read("README.md"), "# mine\n");
    assert_eq!(place.read(".gitattributes"), "*.png binary\n");
    assert_eq!(place.read("specs/shop/prod.yaml"), "mine: too\n");
    assert_eq!(fs::read_link(place.path(".githooks/pre-commit")).unwrap(), Path::new("nowhere"));
    let quiet = stderr(&place.init(&["-q"]));
    assert_eq!(quiet.lines().count(), 4, "what differs has to be known: {quiet}");
    // What would have been written is what another place got.
    let other = Place::scaffolded(&[]);
    let printed = place.init(&["--print", "./README.md"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), other.read("README.md"));
    let unknown = place.init(&["--print", "REDME.md"]);
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("ci/redisforge.sh"), "{}", stderr(&unknown));
    // A file of somebody else that has the line that matters is good enough.
    place.put(".gitattributes", "*.png binary\nrendered/** -text linguist-generated\n");
    assert!(!stderr(&place.init(&[])).contains(".gitattributes"));
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_written() {
    let place = Place::new();
    let long = "a".repeat(64);
    let two = ["--platform", "hosts", "--host", "a=10.0.0.1,b=10.0.0.2"];
    for (flags, exit, says) in [
        (&["--name", "Shop"][..], 2, "lower-case"),
        (&["--name", "x: y"], 2, "lower-case"),
        (&["--name", &long], 2, "at most 63"),
        (&["--env", "base"], 2, "what the environments share"),
        (&["--namespace", "a\nb"], 2, "lower-case"),
        (&["--platform", "hosts", "--host", "a={x"], 2, "NAME=ADDRESS"),
        (&["--platform", "hosts"], 2, "--host NAME=ADDRESS"),
        (&["--platform", "hosts", "--host", "a=b", "--namespace", "x"], 2, "Kubernetes"),
        (&["--host", "a=10.0.0.1"], 2, "--platform hosts"),
        (&["--based-on", "prod"], 2, "leave `--based-on` out"),
        (&two, 1, "error[too-few-sentinels]"),
    ] {
        let output = place.init(flags);
        assert_eq!(code(&output), exit, "{flags:?} {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{flags:?} {}", stderr(&output));
        assert_eq!(place.files(), Vec::<String>::new(), "{flags:?}");
    }
    place.put("file", "");
    let output = place.init(&["file/below"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("file/below"), "{}", stderr(&output));
}

#[test]
fn an_environment_is_added_to_what_is_there() {
    let place = Place::scaffolded(&[]);
    let before = place.state();
    let output = place.init(&["--env", "staging", "--namespace", "123"]);
    assert_eq!(stderr(&output).matches("created").count(), 1, "{}", stderr(&output));
    let spec: Value = serde_yaml::from_str(&place.read("specs/shop/staging.yaml")).unwrap();
    assert_eq!(spec["metadata"]["name"], "shop-staging");
    assert_eq!(spec["metadata"]["namespace"], "123");
    assert_eq!(spec["spec"]["basedOn"][0]["path"], "base.yaml");
    for (name, state) in before {
        assert_eq!(place.state()[&name], state);
    }
    // Based on another environment, by name or by path, also of another set.
    place.init(&["--env", "a", "--based-on", "prod"]);
    assert!(place.read("specs/shop/a.yaml").contains("path: prod.yaml"));
    place.init(&["--env", "b", "--from", "specs/shop/prod.yaml"]);
    assert!(place.read("specs/shop/b.yaml").contains("path: prod.yaml"));
    place.put("common/a: b.yaml", "spec: {}");
    place.init(&["--env", "c", "--based-on", "common/a: b.yaml"]);
    let spec: Value = serde_yaml::from_str(&place.read("specs/shop/c.yaml")).unwrap();
    assert_eq!(spec["spec"]["basedOn"][0]["path"], "../../common/a: b.yaml");
    for (base, says) in [("/etc/passwd", "outside the repository"), ("none", "no environment")] {
        let output = place.init(&["--env", "d", "--based-on", base]);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
    // A second set has a base of its own, and then an environment has to say whose it is.
    assert_eq!(code(&place.init(&["--name", "cart"])), 0);
    assert!(place.path("specs/cart/base.yaml").is_file());
    let output = place.init(&["--env", "e"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("one of cart, shop"), "{}", stderr(&output));
}

#[test]
fn hosts_belong_to_one_environment() {
    let place =
        Place::scaffolded(&["--platform", "hosts", "--host", "a=10.0.0.1,b=fe80::2,c=10.0.0.3"]);
    let spec: Value = serde_yaml::from_str(&place.read("specs/shop/prod.yaml")).unwrap();
    let hosts = &spec["spec"]["platform"]["hosts"];
    assert_eq!(
        (&hosts[0]["address"], &hosts[1]["address"]),
        (&"10.0.0.1".into(), &"fe80::2".into())
    );
    let output = place.init(&["--env", "staging"]);
    assert_eq!(code(&output), 2, "the base says hosts, and these are not named");
    let staging = ["--env", "staging", "--host", "d=10.0.1.1,e=10.0.1.2,f=10.0.1.3"];
    let output = place.init(&[&staging[..], &["--based-on", "prod"]].concat());
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("the machines of prod.yaml too"), "{}", stderr(&output));
    assert_eq!(code(&place.init(&staging)), 0);
    let spec: Value = serde_yaml::from_str(&place.read("specs/shop/staging.yaml")).unwrap();
    assert_eq!(spec["spec"]["platform"]["hosts"].as_sequence().unwrap().len(), 3);
    assert!(spec["spec"]["platform"]["type"].is_null(), "the base says it");
}

#[test]
fn a_workflow_is_not_put_where_nobody_looks_for_it() {
    let place = Place::new();
    fs::create_dir(place.path(".git")).unwrap();
    let output = place.init(&["redis"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--ci none"), "{}", stderr(&output));
    assert_eq!(place.files(), Vec::<String>::new());
    assert_eq!(code(&place.init(&["redis", "--ci", "none"])), 0);
    assert!(!place.path("redis/.github").exists());
    assert_eq!(code(&place.init(&[])), 0, "the root itself");
}

#[test]
fn on_a_terminal_it_asks_and_ctrl_c_writes_nothing() {
    let place = Place::new();
    let command = format!("{PROGRAM} init");
    let (exit, shown) = in_terminal(&command, &place.path(""), &[], &["cart\r", "\u{3}"]);
    assert_eq!((exit, place.files().len()), (2, 0), "{shown}");
    assert!(shown.contains("stopped; nothing was written"), "{shown}");
    let hosts = "a=10.0.0.1 b=10.0.0.2 c=10.0.0.3\r";
    let answers =
        ["Cart\r", "\u{7f}\u{7f}\u{7f}\u{7f}cart\r", "\r", "\u{1b}[B\r", hosts, "\u{1b}[B\r"];
    let (exit, shown) = in_terminal(&command, &place.path(""), &[], &answers);
    assert_eq!(exit, 0, "{shown}");
    assert!(shown.contains("What is deployed?") && shown.contains("lower-case"), "{shown}");
    let spec: Value = serde_yaml::from_str(&place.read("specs/cart/prod.yaml")).unwrap();
    assert_eq!(spec["metadata"]["name"], "cart-prod");
    assert_eq!(spec["spec"]["platform"]["hosts"][2]["address"], "10.0.0.3");
    assert!(place.path(".gitlab-ci.yml").exists());
    // Neither with --yes nor with stdin from elsewhere is anything asked.
    for command in [format!("{PROGRAM} init y --yes"), format!("{PROGRAM} init n </dev/null")] {
        let (exit, shown) = in_terminal(&command, &place.path(""), &[], &[]);
        assert_eq!(exit, 0, "{shown}");
        assert!(!shown.contains('?'), "{shown}");
    }
    // Nor where there is nothing left to decide.
    let (exit, shown) = in_terminal(&command, &place.path(""), &[], &[]);
    assert_eq!(exit, 0);
    assert!(shown.contains("nothing to do"), "{shown}");
}

#[test]
fn the_scripts_are_posix_and_the_judges_of_workflows_find_nothing() {
    let place = Place::scaffolded(&[]);
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let output = command.args(arguments).current_dir(place.path("")).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
        assert!(output.status.success(), "{program} {arguments:?}\n{text}");
    };
    for script in ["ci/redisforge.sh", ".githooks/pre-commit"] {
        run("shellcheck", &["--shell=dash", script]);
        run("shellcheck", &["--shell=sh", script]);
        run("busybox", &["sh", "-n", script]);
    }
    let workflow = ".github/workflows/redisforge.yml";
    run("check-jsonschema", &["--builtin-schema", "vendor.github-workflows", workflow]);
    run(
        "zizmor",
        &[
            "--offline",
            "--no-progress",
            "--persona",
            "auditor",
            "--min-severity",
            "medium",
            workflow,
        ],
    );
    // What it runs itself.
    let tree: Value = serde_yaml::from_str(&place.read(workflow)).unwrap();
    for (_, job) in tree["jobs"].as_mapping().unwrap() {
        for step in job["steps"].as_sequence().unwrap() {
            if let Some(script) = step["run"].as_str() {
                assert!(!script.contains("${{"), "expressions come as variables: {script}");
                place.put("step.sh", &format!("#!/bin/sh\n{script}"));
                run("shellcheck", &["step.sh"]);
            }
        }
    }
    let gitlab = Place::scaffolded(&["--ci", "gitlab"]);
    for file in [".gitlab-ci.yml", "ci/redisforge.gitlab-ci.yml"] {
        let file = gitlab.path(file);
        run("check-jsonschema", &["--builtin-schema", "vendor.gitlab-ci", file.to_str().unwrap()]);
    }
}

#[test]
fn the_workflow_has_the_least_rights_and_pins_what_is_not_its_own() {
    let place = Place::scaffolded(&[]);
    let text = place.read(".github/workflows/redisforge.yml");
    let pinned = Regex::new(r"^\S+/\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    let uses: Vec<&str> =
        text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, what)| what).collect();
    assert!(!uses.is_empty() && uses.iter().all(|what| pinned.is_match(what)), "{uses:?}");
    let tree: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(tree["permissions"].as_mapping().unwrap().len(), 0);
    let rights = |job: &str| serde_yaml::to_string(&tree["jobs"][job]["permissions"]).unwrap();
    assert_eq!(rights("check"), "contents: read\n");
    assert_eq!(rights("comment"), "pull-requests: write\n");
    // The job that may write has nothing of the pull request on its disk.
    let steps = tree["jobs"]["comment"]["steps"].as_sequence().unwrap();
    assert!(steps.iter().all(|step| step["uses"].is_null()));
}

#[test]
fn ci_gets_the_program_only_with_the_right_checksum() {
    let place = Place::scaffolded(&[]);
    let bytes = b"#!/bin/sh\necho it is me\n";
    fs::write(place.path("download"), bytes).unwrap();
    let sum = Command::new("sha256sum").arg(place.path("download")).output().unwrap().stdout;
    let sum = String::from_utf8(sum).unwrap()[..64].to_string();
    let install = |sum: &str| {
        let url = format!("file://{}", place.path("download").display());
        let mut command = Command::new("sh");
        command.args(["ci/redisforge.sh", "install"]).arg(place.path("bin"));
        command.current_dir(place.path("")).env("PATH", "/usr/bin:/bin");
        command.env("REDISFORGE_URL", url).env("REDISFORGE_SHA256", sum).output().unwrap()
    };
    for wrong in ["", "0", &"0".repeat(64)] {
        let output = install(wrong);
        assert_eq!(code(&output), 2, "{}", stderr(&output));
        assert!(!place.path("bin/redisforge").exists());
    }
    let output = install(&sum);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(fs::read(place.path("bin/redisforge")).unwrap(), bytes);
    let mode = fs::metadata(place.path("bin/redisforge")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}
