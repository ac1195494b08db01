//! Many decisions by the rendered scripts, in one process of each shell.

use std::{
    fmt::Display,
    fs::{self, File},
    process::{Child, Command},
};

use tempfile::TempDir;

use crate::support::rendered_examples;

pub const SHELLS: [&[&str]; 2] = [&["dash"], &["busybox", "sh"]];

/// What a script printed for one case.
pub struct Decision {
    pub row: String,
    pub does: String,
    pub target: String,
    /// The verdict of a data node, the epoch of a Sentinel.
    pub known: String,
    pub needs: String,
}

pub fn script(name: &str) -> String {
    let scripts = rendered_examples().remove("minimal").unwrap();
    let path = format!("scripts/{name}");
    scripts.into_iter().find(|artifact| artifact.path == path).expect("it is rendered").content
}

/// Each shell with what it decided, case by case.
pub fn decide(
    script: &str,
    function: &str,
    cases: &[impl Display],
) -> Vec<(&'static str, Vec<Decision>)> {
    let bench = TempDir::new().unwrap();
    let mut program = format!("set -uf\n{script}\n");
    for case in cases {
        program += &format!("{function} <<'.'\n{case}.\n");
    }
    fs::write(bench.path().join("program"), program).unwrap();
    let running: Vec<Child> = SHELLS.iter().map(|shell| start(shell, &bench)).collect();
    let shells = SHELLS.iter().zip(running);
    shells
        .map(|(shell, mut process)| {
            assert!(process.wait().unwrap().success(), "{shell:?}");
            let printed = fs::read_to_string(bench.path().join(shell[0])).unwrap();
            let decisions: Vec<Decision> = printed.lines().map(read).collect();
            assert_eq!(decisions.len(), cases.len(), "{shell:?} decides each case in one line");
            (shell[0], decisions)
        })
        .collect()
}

fn start(shell: &[&str], bench: &TempDir) -> Child {
    let printed = File::create(bench.path().join(shell[0])).unwrap();
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg("program").current_dir(bench.path()).stdout(printed);
    command.spawn().unwrap_or_else(|error| panic!("{shell:?}: {error}"))
}

fn read(line: &str) -> Decision {
    let mut words = line.splitn(5, ' ').map(String::from);
    let mut next = || words.next().unwrap_or_default();
    Decision { row: next(), does: next(), target: next(), known: next(), needs: next() }
}
