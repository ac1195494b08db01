//! Programs that are installed.

use std::{
    fs,
    process::{Command, Output},
};

use regex::Regex;

use super::root;

/// Runs a program that must be there and succeed.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", all_output(&output));
    output
}

/// What a program said, on both streams.
pub fn all_output(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The text of an example, for the server that is installed.
pub fn for_installed_engine(example: &str) -> String {
    let text = fs::read_to_string(root().join(format!("examples/{example}.yaml"))).unwrap();
    let said = run(Command::new("redis-server").arg("--version"));
    let said = String::from_utf8(said.stdout).unwrap();
    let version = said.split("v=").nth(1).unwrap().split('.').take(2).collect::<Vec<_>>().join(".");
    let engine = Regex::new(r"engine: \{[^}]*\}").unwrap();
    assert_eq!(engine.find_iter(&text).count(), 1);
    let installed = format!("engine: {{type: Redis, version: \"{version}\"}}");
    engine.replace(&text, installed).into_owned()
}
