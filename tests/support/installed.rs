//! The server that is installed.

use std::{fs, process::Command};

use regex::Regex;

use super::root;

/// The text of an example, for the server that is installed.
pub fn for_installed_engine(example: &str) -> String {
    let text = fs::read_to_string(root().join(format!("examples/{example}.yaml"))).unwrap();
    let said = Command::new("redis-server").arg("--version").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let version = said.split("v=").nth(1).unwrap().split('.').take(2).collect::<Vec<_>>().join(".");
    let engine = Regex::new(r"engine: \{[^}]*\}").unwrap();
    assert_eq!(engine.find_iter(&text).count(), 1);
    let installed = format!("engine: {{type: Redis, version: \"{version}\"}}");
    engine.replace(&text, installed).into_owned()
}
