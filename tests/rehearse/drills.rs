//! All drills, on hosts and on the scripts of pods.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};

use redisforge::rehearse::{
    drills::DRILLS,
    report::{Report, Run, Verdict},
};

use crate::support::root;

/// Times of the drills would mix.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Programs of a busybox image that scripts use.
const APPLETS: &[&str] = &[
    "awk",
    "cat",
    "chmod",
    "cut",
    "date",
    "dd",
    "find",
    "grep",
    "head",
    "hostname",
    "mkdir",
    "mv",
    "od",
    "rm",
    "sed",
    "sh",
    "sha1sum",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "tail",
    "tr",
    "wget",
];

pub fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The program, to be told what to rehearse.
pub fn rehearse(example: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisforge"));
    command.arg("rehearse").arg(root().join(format!("examples/{example}.yaml")));
    command
}

/// Runs it and reads its report.
pub fn report(command: &mut Command) -> Report {
    let output = command.args(["--format", "json"]).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// What a run was like, for a person who must find out why it failed.
pub fn story(run: &Run) -> String {
    let events = run
        .events
        .iter()
        .map(|event| format!("{:8.2} s  {}\n", event.at.as_secs_f64(), event.what));
    format!(
        "{} {}: {}\n{}",
        run.number,
        run.drill,
        run.reasons.join("; "),
        events.collect::<String>()
    )
}

fn all_pass(report: &Report, inapplicable: &[&str]) {
    let failed: Vec<String> =
        report.runs.iter().filter(|run| run.verdict == Verdict::Failed).map(story).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let names = |verdict: Verdict| -> Vec<&str> {
        report
            .runs
            .iter()
            .filter(|run| run.verdict == verdict)
            .map(|run| run.drill.as_str())
            .collect()
    };
    assert_eq!(names(Verdict::NotRun), Vec::<&str>::new(), "CI has every right that a drill needs");
    assert_eq!(names(Verdict::DoesNotApply), inapplicable);
    assert_eq!(names(Verdict::Passed).len() + inapplicable.len(), DRILLS.len());
    println!(
        "{}",
        report.text(redisforge::rehearse::report::Format::Human).rsplit("\n\n").next().unwrap()
    );
}

#[test]
fn every_drill_passes_on_three_hosts() {
    let _alone = alone();
    let mut command = rehearse("hosts");
    command.args(["--drill", "all", "--orders", "1", "--jobs", "3"]);
    all_pass(&report(&mut command), &["one-of-two-masters"]);
}

#[test]
fn every_drill_passes_on_the_scripts_of_pods_under_busybox() {
    let _alone = alone();
    let image = image();
    let mut command = rehearse("minimal");
    command.env("PATH", before_others(image.path()));
    command.args(["--drill", "all", "--orders", "1", "--time-scale", "0.4", "--jobs", "3"]);
    all_pass(&report(&mut command), &["one-of-two-masters"]);
}

#[test]
fn drills_pass_with_two_masters_users_and_certificates_under_busybox() {
    let _alone = alone();
    let image = image();
    let mut command = rehearse("production-kubernetes");
    command.env("PATH", before_others(image.path()));
    let drills =
        ["master-killed", "all-killed", "planned-stop", "secrets-rotated", "one-of-two-masters"];
    command.arg("--drill").args(drills);
    command.args(["--orders", "1", "--time-scale", "0.5", "--jobs", "1"]);
    each_passes(&report(&mut command), drills.len());
}

/// The drill that the hosts above have nothing for.
#[test]
fn one_of_two_masters_fails_over_beside_a_dead_one_on_hosts() {
    let _alone = alone();
    let mut command = rehearse("valkey");
    command.args(["--drill", "one-of-two-masters", "--time-scale", "0.5"]);
    each_passes(&report(&mut command), 1);
}

fn each_passes(report: &Report, count: usize) {
    assert_eq!(report.runs.len(), count);
    for run in &report.runs {
        assert_eq!(run.verdict, Verdict::Passed, "{}", story(run));
    }
}

fn before_others(folder: &Path) -> OsString {
    let others = env::var_os("PATH").unwrap();
    env::join_paths([folder.to_path_buf()].into_iter().chain(env::split_paths(&others))).unwrap()
}

/// The programs of an Alpine image, before those of this machine.
fn image() -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].map(PathBuf::from);
    let busybox: &Path = busybox.iter().find(|path| path.exists()).expect("busybox is installed");
    let known = Command::new(busybox).arg("--list").output().unwrap();
    let known = String::from_utf8(known.stdout).unwrap();
    for applet in APPLETS {
        assert!(known.lines().any(|line| line == *applet), "busybox has no {applet}");
        symlink(busybox, image.path().join(applet)).unwrap();
    }
    fs::set_permissions(image.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    image
}
