//! The commands of a runbook, pasted on a host of a set that runs.

use std::collections::BTreeSet;

use regex::Regex;

use crate::{set::Set, support::installed::run};

/// Runs every question of the runbook, and every order with a value that changes nothing much.
pub fn commands_work(set: &Set) {
    let root = set.cluster.root(0);
    let runbook = set.file("operations/runbook.md");
    let moved = |text: &str| {
        let text = text.replace("/etc/redis/", &format!("{}/etc/redis/", root.display()));
        text.replace("/var/lib/redis/", &format!("{}/var/lib/redis/", root.display()))
    };
    let (_, rest) = runbook.split_once("```sh\n").unwrap();
    let function = moved(&rest[..=rest.find("\n)\n").unwrap() + 1]);
    let command = Regex::new("`((?:ask|df|ls) [^`]*)`").unwrap();
    let commands: BTreeSet<String> = command
        .captures_iter(runbook)
        .map(|found| found[1].replace('\n', " ").replace("NUMBER", "9000").replace("BYTES", "4gb"))
        .collect();
    let refusal = Regex::new("^(ERR|NOAUTH|NOPERM|WRONGPASS|NOREPLICAS|READONLY|LOADING)").unwrap();
    // Orders last, because they are what the questions are about.
    let (orders, questions): (Vec<&String>, Vec<&String>) =
        commands.iter().partition(|command| command.contains("CONFIG SET"));
    assert!(orders.len() >= 3 && questions.len() >= 8, "{commands:?}");
    for command in questions.into_iter().chain(orders) {
        let script = format!("{function}\n{}", moved(command));
        let output = run(set.cluster.shell().args(["-c", &script]));
        let said = String::from_utf8(output.stdout).unwrap();
        let is_good = match command.as_str() {
            // Only a build with its own allocator can.
            order if order.contains("activedefrag") => {
                said == "OK\n" || said.contains("DISABLED") || said.contains("cannot be enabled")
            }
            order if order.contains("CONFIG SET") => said == "OK\n",
            // Nothing was refused, or was slow.
            log if log.ends_with("ACL LOG") || log.contains("SLOWLOG") => {
                said.lines().all(|line| !line.contains("NOPERM") && !line.contains("unknown"))
            }
            _ => !said.trim().is_empty() && !refusal.is_match(&said),
        };
        assert!(is_good, "{command}: {said:?}");
    }
}
