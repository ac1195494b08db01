//! The command itself: what it says, where it runs, and that it leaves nothing behind.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisforge::rehearse::{
    NOT_UP,
    drills::DRILLS,
    report::{Report, Verdict},
};
use tempfile::TempDir;

use crate::drills::{alone, rehearse, report, story};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisforge"));
    command.arg("rehearse");
    command
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A spec whose processes are known by their port.
fn spec(port: u16) -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("spec.yaml");
    let text = format!(
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: cache, namespace: test}}\n\
         spec:\n  redis: {{port: {port}}}\n  tls: {{mode: Disabled}}\n"
    );
    fs::write(&file, text).unwrap();
    (scratch, file)
}

/// Servers that run with a port; their titles name it.
fn servers(port: u16) -> usize {
    let wanted = format!(":{port}");
    let is_one = |entry: &fs::DirEntry| {
        let title = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        title.starts_with("redis-server") && title.contains(&wanted)
    };
    fs::read_dir("/proc").unwrap().filter_map(Result::ok).filter(is_one).count()
}

fn until(what: &str, limit: Duration, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < limit, "{what} within {limit:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status();
    assert!(status.unwrap().success());
}

#[test]
fn the_list_names_every_drill_with_what_it_does() {
    let output = program().arg("--list").output().unwrap();
    let said = said(&output);
    assert!(output.status.success());
    for drill in DRILLS {
        assert!(said.contains(drill.name) && said.contains(drill.does), "{}", drill.name);
    }
}

#[test]
fn a_misspelt_drill_is_refused_with_the_name_that_was_meant() {
    let output = program().args(["spec.yaml", "--drill", "master-kiled"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("did you mean master-killed?"), "{}", said(&output));
}

#[test]
fn a_spec_may_stand_behind_the_drills_and_a_missing_one_is_told_once() {
    let (scratch, file) = spec(6413);
    fs::write(&file, "spec: [").unwrap();
    let output = program().args(["--drill", "1", "5"]).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("nothing was started"), "{}", said(&output));

    let output = program().args(["--drill", "5"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("rehearse SPEC --drill NAME"), "{}", said(&output));

    let output = program().arg(scratch.path().join("other.yaml")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(said(&output).matches("error: ").count(), 1, "{}", said(&output));
}

#[test]
fn a_directory_that_cannot_be_used_is_named_and_no_drill_is_blamed() {
    let (scratch, file) = spec(6414);
    let odd = scratch.path().join("a b'c");
    fs::create_dir(&odd).unwrap();
    for (directory, words) in
        [(odd.clone(), "set TMPDIR"), (scratch.path().join("none"), "cannot make a private")]
    {
        let mut command = program();
        command.arg(&file).args(["--loopback", "--drill", "5"]).env("TMPDIR", directory);
        let output = command.output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && said.matches("error: ").count() == 1, "{said}");
        assert!(!said.contains("EOF"), "{said}");
    }
    assert_eq!(fs::read_dir(odd).unwrap().count(), 0);
}

#[test]
fn a_set_that_does_not_come_up_is_told_with_the_last_words_of_its_servers() {
    let _alone = alone();
    let (scratch, file) = spec(6415);
    let mutations = scratch.path().join("mutations.json");
    let broken =
        r#"[{"file": "redis.conf", "text": "appendonly yes", "instead": "appendonly maybe"}]"#;
    fs::write(&mutations, broken).unwrap();
    let mut command = program();
    command.arg(&file).args(["--drill", "5", "--mutations"]).arg(mutations);
    let report = report(&mut command);
    let run = &report.runs[0];
    assert_eq!(run.verdict, Verdict::Failed);
    assert!(run.reasons[0].starts_with(NOT_UP), "{:?}", run.reasons);
    let says = |words: &str| run.events.iter().any(|event| event.what.contains(words));
    assert!(says("ends by itself: argument must be 'yes' or 'no'"), "{}", story(run));
}

#[test]
fn a_spec_with_an_error_is_not_started() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("spec.yaml");
    fs::write(
        &file,
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {name: a}\nspec: {sentinel: {quorum: 9}}\n",
    )
    .unwrap();
    let output = program().arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(
        said.contains("quorum-above-sentinel-instances") && said.contains("nothing was started"),
        "{said}"
    );
}

#[test]
fn a_machine_without_a_server_is_told_how_to_get_one() {
    let (_scratch, file) = spec(6411);
    let empty = tempfile::tempdir().unwrap();
    let output = program().arg(&file).env("PATH", empty.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("apt-get install redis-server"), "{}", said(&output));

    let output = program().arg(&file).args(["--redis-server", "/bin/cat"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("cannot use /bin/cat"), "{}", said(&output));

    let alone = empty.path().join("redis-server");
    fs::copy("/usr/bin/redis-server", &alone).unwrap();
    let output = program().arg(&file).arg("--redis-server").arg(&alone).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("/redis-cli does not run"), "{}", said(&output));
}

#[test]
fn several_specs_are_refused() {
    let (scratch, file) = spec(6412);
    fs::copy(&file, scratch.path().join("other.yaml")).unwrap();
    let output = program().arg(scratch.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("of one spec"), "{}", said(&output));
}

/// A rehearsal that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a long drill and waits until all three data nodes run.
fn running(port: u16, arguments: &[&str]) -> (TempDir, Running) {
    let (scratch, file) = spec(port);
    let child = Running(
        program()
            .arg(&file)
            .args(["--drill", "last-master-gone"])
            .args(arguments)
            .env("TMPDIR", scratch.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    until("the set runs", Duration::from_secs(40), || servers(port) == 3);
    (scratch, child)
}

#[test]
fn whatever_ends_a_rehearsal_ends_all_that_it_started() {
    let _alone = alone();
    for (port, how, arguments) in [
        (6421, "INT", &[][..]),
        (6422, "TERM", &[]),
        (6423, "KILL", &[]),
        (6424, "INT", &["--loopback"]),
        (6425, "KILL", &["--loopback"]),
    ] {
        let (scratch, mut child) = running(port, arguments);
        signal(&child.0, how);
        let status = child.0.wait().unwrap();
        until(&format!("{how}: no server"), Duration::from_secs(10), || servers(port) == 0);
        if how != "KILL" {
            assert_eq!(status.code(), Some(130), "{how}");
            let left: Vec<_> = fs::read_dir(scratch.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(left, ["spec.yaml"], "{how}");
        }
    }
}

#[test]
fn an_interrupted_rehearsal_reports_the_drills_that_had_ended() {
    let _alone = alone();
    let (_scratch, file) = spec(6426);
    let mut child = Running(
        program()
            .arg(&file)
            .args(["--time-scale", "0.3", "--jobs", "1", "--format", "json"])
            .args(["--drill", "planned-stop,hundred-restarts"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    // Of this rehearsal alone: another may run beside the tests.
    let own = child.0.id().to_string();
    until("the second drill", Duration::from_mins(1), || {
        let lanes = Command::new("pgrep").args(["-P", &own, "-f", "hundred-restarts"]).output();
        lanes.unwrap().status.success()
    });
    signal(&child.0, "INT");
    let mut said = String::new();
    child.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.0.wait().unwrap().code(), Some(130));
    let report: Report = serde_json::from_str(&said).unwrap();
    let names: Vec<&str> = report.runs.iter().map(|run| run.drill.as_str()).collect();
    assert_eq!(names, ["planned-stop"]);
}

#[test]
fn without_namespaces_the_set_has_loopback_addresses_and_a_partition_is_named_as_not_run() {
    let _alone = alone();
    let mut command = rehearse("minimal");
    command.args([
        "--loopback",
        "--time-scale",
        "0.3",
        "--drill",
        "master-killed",
        "master-cut-off",
    ]);
    let report = report(&mut command);
    assert_eq!(report.runs[0].verdict, Verdict::Passed, "{}", story(&report.runs[0]));
    assert_eq!(report.runs[1].verdict, Verdict::NotRun);
    assert!(report.runs[1].reasons[0].contains("namespaces"));
    let mut command = rehearse("minimal");
    let output = command.args(["--loopback", "--drill", "master-cut-off"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "it was asked for and could not be run");
}

#[test]
fn a_set_that_is_kept_can_be_reached_as_it_says() {
    let _alone = alone();
    let (_scratch, file) = spec(6431);
    let mut child = Running(
        program()
            .arg(&file)
            .args(["--keep", "--time-scale", "0.3", "--drill", "planned-stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(child.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("not as in production: pods are")));
    let line = lines.find(|line| line.starts_with("cache-0: ")).expect("how to reach cache-0");
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("echo PING | {}", &line["cache-0: ".len()..]))
        .output()
        .unwrap();
    assert!(said(&output).contains("NOAUTH"), "{}", said(&output));
    signal(&child.0, "INT");
    child.0.wait().unwrap();
    until("no server", Duration::from_secs(10), || servers(6431) == 0);
}

#[test]
fn a_report_is_a_table_with_a_timeline_in_every_format() {
    let _alone = alone();
    let (_scratch, file) = spec(6441);
    for (format, table) in
        [("human", "planned-stop  passed"), ("markdown", "| 5 | planned-stop | passed |")]
    {
        let mut command = program();
        command.arg(&file).args(["--drill", "5", "--time-scale", "0.3", "--format", format]);
        let output = command.output().unwrap();
        let said = said(&output);
        assert!(said.contains(table), "{said}");
        assert!(said.contains("stop: handed over"), "{said}");
        assert!(said.contains("timings are multiplied by 0.3"), "{said}");
    }
}
