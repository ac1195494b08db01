//! A scaffolded repository at work: its specs, its hook and its CI script, in a real git repository.

mod support;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use support::root;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_redisforge");

/// A repository as somebody has it who followed what `init` said comes next.
struct Repository(TempDir);

impl Repository {
    /// With the environments prod and staging, rendered and committed.
    fn new(flags: &[&str], staging: &[&str]) -> Self {
        let repository = Self(TempDir::new().unwrap());
        repository.ok(PROGRAM, &[&["init", "--name", "shop"], flags].concat());
        repository.ok(PROGRAM, &[&["init", "--env", "staging"], staging].concat());
        repository.ok("git", &["init", "--quiet", "--initial-branch=main"]);
        repository.ok("git", &["config", "core.hooksPath", ".githooks"]);
        repository.render();
        repository.ok("git", &["add", "--all"]);
        repository.ok("git", &["commit", "--quiet", "--message", "begin"]);
        repository
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let folder = Path::new(PROGRAM).parent().unwrap().display().to_string();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.env("PATH", path).envs(environment.iter().copied());
        command.env_remove("GITHUB_OUTPUT").env_remove("GITHUB_STEP_SUMMARY");
        command.envs(environment.iter().copied());
        for who in ["GIT_AUTHOR", "GIT_COMMITTER"] {
            command.env(format!("{who}_NAME"), "A").env(format!("{who}_EMAIL"), "a@example.com");
        }
        command.output().unwrap()
    }

    fn ok(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.run(program, arguments, &[]);
        assert!(output.status.success(), "{program} {arguments:?}\n{}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn render(&self) {
        self.ok(PROGRAM, &["render", "specs", "--quiet"]);
    }

    /// Changes a spec.
    fn change(&self, spec: &str, from: &str, to: &str) {
        let file = self.path(spec);
        let before = fs::read_to_string(&file).unwrap();
        assert!(before.contains(from), "{before}");
        fs::write(file, before.replace(from, to)).unwrap();
    }

    fn commit(&self) -> Output {
        self.run("git", &["commit", "--quiet", "--all", "--message", "change"], &[])
    }

    /// Renders and commits a change on a branch of its own.
    fn branch(&self, name: &str, from: &str, to: &str) {
        self.ok("git", &["checkout", "--quiet", "-b", name, "main"]);
        self.change("specs/shop/base.yaml", from, to);
        self.render();
        self.ok("git", &["add", "--all"]);
        let output = self.commit();
        assert!(output.status.success(), "{}", text(&output));
    }

    /// What CI says to it.
    fn ci(&self, environment: &[(&str, &str)]) -> Output {
        let check = self.run("ci/redisforge.sh", &["check"], &[("FORMAT", "github")]);
        assert!(check.status.success(), "{}", text(&check));
        self.run("ci/redisforge.sh", &["diff", "main"], environment)
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The ids of the findings.
fn findings(directory: &Path, spec: &Path) -> BTreeSet<String> {
    let mut command = Command::new(PROGRAM);
    let output = command
        .args(["validate", "--format", "json"])
        .arg(spec)
        .current_dir(directory)
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = document["findings"].as_array().unwrap().iter();
    found.map(|found| found["id"].as_str().unwrap().to_string()).collect()
}

#[test]
fn what_is_scaffolded_has_no_finding_that_the_least_spec_has_not() {
    let least = findings(root(), &root().join("examples/minimal.yaml"));
    let kubernetes = Repository::new(&[], &["--based-on", "prod"]);
    let found = findings(kubernetes.0.path(), Path::new("specs"));
    assert!(found.is_subset(&least), "{found:?}");
    for name in ["shop-prod", "shop-staging"] {
        assert!(kubernetes.path("rendered").join(name).join("kubernetes").is_dir());
    }
    let named = Repository::new(&["--namespace", "web"], &["--namespace", "web-staging"]);
    assert!(findings(named.0.path(), Path::new("specs")).is_subset(&least));
    let hosts = Repository::new(
        &["--platform", "hosts", "--host", "a=10.0.0.1,b=10.0.0.2,c=10.0.0.3"],
        &["--host", "d=10.0.1.1,e=10.0.1.2,f=10.0.1.3"],
    );
    let found = findings(hosts.0.path(), Path::new("specs"));
    assert!(found.is_subset(&least), "{found:?}");
    assert!(hosts.path("rendered/shop-staging/hosts/d/install.sh").is_file());
}

#[test]
fn the_hook_judges_what_is_committed_and_not_what_lies_about() {
    let repository = Repository::new(&[], &[]);
    let base = "specs/shop/base.yaml";
    // A spec that was changed and not rendered.
    repository.change(base, "memory: 1Gi", "memory: 2Gi");
    let output = repository.commit();
    assert!(!output.status.success());
    assert!(text(&output).contains("redisforge render specs"), "{}", text(&output));
    // Rendered, but only half of it is staged.
    repository.render();
    repository.ok("git", &["add", base]);
    assert!(!repository.run("git", &["commit", "--message", "half"], &[]).status.success());
    repository.ok("git", &["add", "rendered"]);
    let whole = repository.run("git", &["commit", "--message", "whole"], &[]);
    assert!(whole.status.success(), "{}", text(&whole));
    // What lies about is not committed, so it does not matter.
    repository.change(base, "memory: 2Gi", "memory: nonsense");
    fs::write(repository.path("notes"), "").unwrap();
    repository.ok("git", &["add", "notes"]);
    let other = repository.run("git", &["commit", "--message", "other"], &[]);
    assert!(other.status.success(), "{}", text(&other));
    let wrong = repository.commit();
    assert!(!wrong.status.success());
    assert!(text(&wrong).contains("specs/shop/base.yaml"), "{}", text(&wrong));
}

#[test]
fn ci_lets_a_harmless_change_pass_and_stops_one_that_is_not() {
    let repository = Repository::new(&[], &[]);
    repository.branch("harmless", "persistence:", "podLabels: {team: shop}\n    persistence:");
    let output = repository.ci(&[]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("failover"), "it restarts data nodes: {}", text(&output));
    repository.branch("larger", "size: 8Gi", "size: 16Gi");
    let output = repository.ci(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("recreate") && report.contains("shop-prod"), "{report}");
    // Somebody has read it and means it; that is no leave for something worse.
    for labels in ["accept-recreate", "urgent,accept-data-loss"] {
        let output = repository.ci(&[("LABELS", labels)]);
        assert!(output.status.success(), "{labels}: {}", text(&output));
    }
    repository.branch("smaller", "size: 8Gi", "size: 4Gi");
    for (labels, exit) in
        [("", 1), ("accept-recreate", 1), ("accept-outage", 1), ("accept-data-loss", 0)]
    {
        assert_eq!(repository.ci(&[("LABELS", labels)]).status.code(), Some(exit), "{labels}");
    }
}

#[test]
fn ci_lets_a_change_pass_that_mends_specs_with_errors_if_somebody_accepts_the_worst() {
    let repository = Repository::new(&[], &[]);
    repository.change("specs/shop/base.yaml", "persistence:", "persistance:");
    repository.ok("git", &["commit", "--quiet", "--all", "--no-verify", "--message", "break"]);
    repository.branch("mended", "persistance:", "persistence:");
    let output = repository.ci(&[("LABELS", "accept-outage")]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("persistance"), "{}", text(&output));
    let output = repository.ci(&[("LABELS", "accept-data-loss")]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("Nobody can tell"), "{}", text(&output));
}

#[test]
fn the_workflow_gets_the_report_whole_also_of_what_is_stopped() {
    let repository = Repository::new(&[], &[]);
    repository.branch("smaller", "size: 8Gi", "size: 4Gi");
    let (outputs, summary) = (repository.path("outputs"), repository.path("summary"));
    let output = repository.ci(&[
        ("GITHUB_OUTPUT", outputs.to_str().unwrap()),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("data-loss"), "{report}");
    assert_eq!(fs::read_to_string(summary).unwrap(), report);
    let handed = fs::read_to_string(outputs).unwrap();
    let (mark, rest) = handed.strip_prefix("report<<").unwrap().split_once('\n').unwrap();
    assert_eq!(mark.len(), 32);
    assert_eq!(rest, format!("{report}{mark}\n"));
}

#[test]
fn a_revision_without_specs_or_out_of_reach_is_told_from_a_change() {
    let repository = Repository::new(&[], &[]);
    repository.ok("git", &["checkout", "--quiet", "--orphan", "before"]);
    repository.ok("git", &["rm", "--quiet", "-r", "--cached", "."]);
    let empty = ["commit", "--quiet", "--allow-empty", "--no-verify", "--message", "empty"];
    repository.ok("git", &empty);
    repository.ok("git", &["checkout", "--quiet", "--force", "main"]);
    let output = repository.run("ci/redisforge.sh", &["diff", "before"], &[]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("no specs in the revision"), "{}", text(&output));
    let output = repository.run("ci/redisforge.sh", &["diff", "nowhere"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("fetch it"), "{}", text(&output));
    for wrong in [&[][..], &["diff"], &["check", "more"], &["dif", "main"]] {
        let output = repository.run("ci/redisforge.sh", wrong, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output).contains("ci/redisforge.sh check"), "{}", text(&output));
    }
}
