//! This very test again, in namespaces where a set may have any address and from which nothing survives.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

use crate::SET;

const TEST: &str = "each_fault_fires_its_alerts_and_nothing_else_and_they_resolve_after_repair";

/// Starts a list of faults, and reads what is said about them. All processes of it end with it, and it ends with this one.
pub fn start(set: &str) -> (Child, JoinHandle<Vec<String>>) {
    let mut child = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--ipc", "--uts"])
        .args(["--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(SET, set)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("setpriv and unshare are in the package util-linux");
    let output = BufReader::new(child.stdout.take().unwrap());
    let lines = thread::spawn(move || {
        output.lines().map(|line| line.unwrap()).inspect(|line| println!("{line}")).collect()
    });
    (child, lines)
}
