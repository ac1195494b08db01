//! Every combination of evidence that a start can meet, through the rendered scripts in both shells, against the tables of the
//! runtime contract.

#[path = "decisions/cases.rs"]
mod cases;
#[path = "decisions/data_node.rs"]
mod data_node;
#[path = "decisions/evidence.rs"]
mod evidence;
#[path = "decisions/orphans.rs"]
mod orphans;
#[path = "decisions/sentinel.rs"]
mod sentinel;
#[path = "decisions/shells.rs"]
mod shells;
mod support;

use std::collections::BTreeSet;

use cases::Dice;
use data_node::{Does, Verdict};
use evidence::{Evidence, SentinelEvidence};
use shells::Decision;

fn every_case() -> Vec<Evidence> {
    let mut cases = Vec::new();
    cases::sentinels(&mut cases);
    cases::named(&mut cases);
    cases::unnamed(&mut cases);
    cases::settled(&mut cases);
    cases.extend(cases::thrown(25_000, &mut Dice(1)));
    cases.sort_unstable();
    cases.dedup();
    cases
}

#[test]
fn a_data_node_does_what_the_table_says_in_both_shells() {
    let cases = every_case();
    assert!(cases.len() > 90_000, "{}", cases.len());
    let rows: BTreeSet<u8> = cases.iter().map(|case| data_node::CONTRACT.decide(case).0).collect();
    assert_eq!(rows, (0..15).collect(), "every row is reached");
    for (shell, decisions) in
        shells::decide(&shells::script("decide-redis.sh"), "decide_redis", &cases)
    {
        let wrong: Vec<String> = cases
            .iter()
            .zip(&decisions)
            .filter_map(|(case, decision)| Some(format!("{}\n{case}", differs(case, decision)?)))
            .collect();
        assert_none(&wrong, shell, cases.len());
    }
}

/// Says how a script's decision departs from the table.
fn differs(case: &Evidence, decision: &Decision) -> Option<String> {
    let (row, does) = data_node::CONTRACT.decide(case);
    let verdict = match case.verdict() {
        Verdict::Nobody => "none".into(),
        Verdict::Me(epoch) => format!("me@{epoch}"),
        Verdict::Another(node, epoch) => format!("{node}@{epoch}"),
    };
    let (word, target) = match does {
        Does::Master => ("master", "-".into()),
        Does::ReplicaOf(node) => ("replica", node.to_string()),
        Does::Wait => ("wait", "-".into()),
        Does::HandOver => ("hand-over", usable(case, &decision.target)),
    };
    let table = format!("{row} {word} {target} {verdict}");
    let Decision { row, does, target, known, needs } = decision;
    let script = format!("{row} {does} {target} {known}");
    if script != table {
        Some(format!("the script says `{script}`, the table `{table}`"))
    } else if (word == "wait") == needs.is_empty() {
        Some(format!("`{script}` needs `{needs}`"))
    } else {
        None
    }
}

/// The Sentinel that was chosen, if it may be.
fn usable(case: &Evidence, chosen: &str) -> String {
    let mut usable = case
        .sentinels
        .iter()
        .enumerate()
        .filter(|(_, says)| case.is_usable(**says))
        .map(|(number, _)| format!("s{number}"));
    usable.find(|name| name == chosen).unwrap_or_else(|| "a usable Sentinel".into())
}

fn assert_none(wrong: &[String], shell: &str, of: usize) {
    let first: String = wrong.iter().take(5).map(|text| format!("{text}\n")).collect();
    assert!(wrong.is_empty(), "{shell}: {} of {of}:\n{first}", wrong.len());
}

#[test]
fn a_sentinel_monitors_what_the_table_says_in_both_shells() {
    let cases: Vec<SentinelEvidence> = cases::monitored(&mut Dice(2));
    assert!(cases.len() > 5_000, "{}", cases.len());
    let rows: BTreeSet<char> = cases.iter().map(|case| sentinel::decide(case).0).collect();
    assert_eq!(rows, ('a'..='f').collect(), "every row is reached");
    for (shell, decisions) in
        shells::decide(&shells::script("decide-sentinel.sh"), "decide_sentinel", &cases)
    {
        let mut wrong = Vec::new();
        for (case, decision) in cases.iter().zip(&decisions) {
            let (letter, monitors) = sentinel::decide(case);
            let Decision { row, does, target, known, needs } = decision;
            let (table, script) = match monitors {
                Some((node, epoch)) => (
                    format!("{letter} monitor {node} {epoch} "),
                    format!("{row} {does} {target} {known} {needs}"),
                ),
                None => (format!("{letter} wait - true"), {
                    format!("{row} {does} {target} {}", !needs.is_empty())
                }),
            };
            if script != table {
                wrong.push(format!("the script says `{script}`, the table `{table}`\n{case}"));
            }
        }
        assert_none(&wrong, shell, cases.len());
    }
}
