//! What README.md shows is what happens.

mod support;

use std::{
    fs,
    process::{Command, Output},
};

use support::root;
use tempfile::TempDir;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The first fenced block of a language that contains a text.
fn block(language: &str, contains: &str) -> String {
    let (readme, fence) = (readme(), format!("```{language}\n"));
    let blocks = readme.split(&fence).skip(1);
    let mut blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_string());
    blocks.find(|block| block.contains(contains)).unwrap_or_else(|| panic!("no {contains} shown"))
}

/// Runs the command that a console block shows on the spec that is shown as this file. Gives what is shown below the command.
fn run(command: &str, file: &str) -> (String, Output) {
    let shown = block("console", &format!("$ redisforge {command} {file}\n"));
    let told = shown.split_once('\n').unwrap().1;
    let bench = TempDir::new().unwrap();
    fs::write(bench.path().join(file), block("yaml", &format!("# {file}\n"))).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_redisforge"));
    let output = program.args([command, file]).current_dir(bench.path()).output().unwrap();
    (told.to_string(), output)
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

#[test]
fn the_commands_to_set_up_are_what_the_tests_run() {
    let script = fs::read_to_string(root().join(".ci/test")).unwrap();
    let render = block("sh", "cargo run");
    // Where nobody watches, cargo is quiet and the files go below `target`.
    let mut lines = script.lines().map(|line| line.replace(" --quiet", ""));
    assert!(lines.any(|line| line.strip_suffix(" -o target/readme") == Some(render.trim())));
    assert_eq!(block("sh", ".ci/test"), "bash .ci/test\n");
    assert!(script.lines().any(|line| line == "cargo test --no-fail-fast"));
}

#[test]
fn the_first_spec_renders_as_shown() {
    let (told, output) = run("render", "cache.yaml");
    assert!(output.status.success(), "{}", text(&output));
    let told = told.strip_prefix("…\n").unwrap();
    let findings = text(&output).strip_suffix(told).map(String::from);
    let findings = findings.unwrap_or_else(|| panic!("{told} does not end\n{}", text(&output)));
    for (severity, count) in [("note[", 1), ("warning[", 1), ("error[", 0)] {
        let found = findings.lines().filter(|line| line.starts_with(severity)).count();
        assert_eq!(found, count, "{severity} in {findings}");
    }
}

#[test]
fn the_refusal_is_as_shown() {
    let (told, output) = run("validate", "wrong.yaml");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output), told);
}

#[test]
fn what_takes_effect_is_resolved_as_shown() {
    let bench = TempDir::new().unwrap();
    fs::create_dir(bench.path().join("base")).unwrap();
    for file in ["base/prod.yaml", "shop.yaml"] {
        fs::write(bench.path().join(file), block("yaml", &format!("# {file}\n"))).unwrap();
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_redisforge"));
    program.args(["resolve", "shop.yaml", "--show-origin"]).current_dir(bench.path());
    let output = text(&program.output().unwrap());
    let shown = block("console", "$ redisforge resolve shop.yaml");
    let mut rest = output.as_str();
    for part in shown.split_once('\n').unwrap().1.split("…\n").filter(|part| !part.is_empty()) {
        let found = rest.find(part).unwrap_or_else(|| panic!("{part} is not in\n{output}"));
        rest = &rest[found + part.len()..];
    }
    assert!(!output.contains("maxclients"), "{output}");
}
