//! Broken scripts: each drill notices the one that it is there for.

use std::{collections::BTreeSet, fs, path::Path, sync::Mutex, thread};

use redisforge::rehearse::{NOT_UP, drills::DRILLS, report::Verdict};
use serde_json::json;
use walkdir::WalkDir;

use crate::drills::{alone, rehearse, report, story};

/// A drill, what is broken, and where: `(file, text, instead)`.
type Mutation = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

const MUTATIONS: &[Mutation] = &[
    (
        "master-killed",
        "a named master starts as master without looking for a fresh peer",
        &[(
            "decide-redis.sh",
            "elif [ \"$fresh\" ] && [ \"$elapsed\" -lt \"$wait_over\" ]; then",
            "elif false; then",
        )],
    ),
    (
        "all-killed",
        "no copy on disk is ever recognised",
        &[(
            "volume.sh",
            "elif [ \"$persistence\" != RDB ] && has_aof; then",
            "elif true; then\n        echo none\n    elif false; then",
        )],
    ),
    (
        "seed-stale",
        "the seed starts as master without asking",
        &[(
            "decide-redis.sh",
            "    if [ \"$force\" ]; then",
            "    if [ \"$seed\" = \"$node\" ]; then",
        )],
    ),
    (
        "volume-lost",
        "a named master starts as master whatever its copy",
        &[(
            "decide-redis.sh",
            "    if [ \"$failing_over\" ]; then",
            "    if true; then\n        act 4 master\n    elif false; then",
        )],
    ),
    (
        "planned-stop",
        "writes go on during a planned stop",
        &[(
            "stop-redis.sh",
            "order_self \"CLIENT PAUSE 60000 WRITE\" | grep -q '^OK' || resume \"cannot pause the writers\"",
            ":",
        )],
    ),
    (
        "rolling-restart",
        "a start keeps the old live file",
        &[(
            "start-redis.sh",
            "    cat \"$here/redis.conf\" || exit 1\n",
            "    cat \"$live/redis.conf\" 2>/dev/null || cat \"$here/redis.conf\"\n",
        )],
    ),
    (
        "sentinels-lost",
        "a last master waits for the Sentinels",
        &[(
            "decide-redis.sh",
            "elif [ \"$state\" = \"$node\" ] && best_copy && [ -z \"$silent$strangers$named_others\" ]; then",
            "elif false; then",
        )],
    ),
    (
        "master-cut-off",
        "a master needs no replica to acknowledge",
        &[("redis.conf", "min-replicas-to-write 1", "min-replicas-to-write 0")],
    ),
    (
        "master-frozen",
        "a master needs no replica to acknowledge",
        &[("redis.conf", "min-replicas-to-write 1", "min-replicas-to-write 0")],
    ),
    (
        "address-changed",
        "a node announces its name at its first start only",
        &[(
            "start-redis.sh",
            "    echo \"replica-announce-ip ${address% *}\"",
            "    [ -f \"$data/member\" ] || echo \"replica-announce-ip ${address% *}\"",
        )],
    ),
    (
        "first-start",
        "the seed starts as master without asking",
        &[(
            "decide-redis.sh",
            "elif first_start && [ -z \"$silent$holders$named_others\" ]; then",
            "elif first_start; then",
        )],
    ),
    (
        "last-master-gone",
        "nobody may be promoted who was not synced",
        &[("watch-redis.sh", "&& set_priority \"$(orphans_priority)\"; then", "&& false; then")],
    ),
    (
        "sentinel-volumes-lost",
        "a Sentinel learns nothing from replicas",
        &[
            (
                "decide-sentinel.sh",
                "elif candidate=$(followed_by_majority) && agrees \"$candidate\" \"$named\"; then",
                "elif false; then",
            ),
            (
                "decide-sentinel.sh",
                "elif candidate=${named# } candidate=${candidate%% *} && [ \"$candidate\" ] && agrees \"$candidate\" \"$named$follows\"; then",
                "elif false; then",
            ),
        ],
    ),
    (
        "first-sync-cut",
        "a replica may be promoted before its first sync",
        &[("start-redis.sh", "echo \"replica-priority 0\"", "echo \"replica-priority 100\"")],
    ),
    (
        "first-sync-cut",
        "a probe trusts the exit code of redis-cli",
        &[("ready.sh", "        judge_data_node\n", "        exit 0\n")],
    ),
    (
        "stale-sentinel",
        "a Sentinel that contradicts another takes no new epoch",
        &[("decide-sentinel.sh", "|| epoch=$((epoch + 1))", "|| epoch=$epoch")],
    ),
    (
        "secrets-rotated",
        "a probe logs in with the mounted Secret",
        &[
            ("ready.sh", "for part in node ask; do", "for part in node ask secrets volume; do"),
            (
                "ready.sh",
                "case $kind in\n    data)\n        info",
                "prepare_volume\ncase $kind in\n    data)\n        info",
            ),
        ],
    ),
    (
        "scaled",
        "a Sentinel keeps its old live file",
        &[(
            "start-sentinel.sh",
            "write_live sentinel.conf sentinel_conf || exit 1",
            "[ -f \"$live/sentinel.conf\" ] || write_live sentinel.conf sentinel_conf || exit 1",
        )],
    ),
    (
        "one-of-two-masters",
        "a Sentinel waits for every master",
        &[
            (
                "start-sentinel.sh",
                "    [ -z \"$unknown\" ] || [ \"$remembers\" ] ||",
                "    [ -z \"$unknown\" ] ||",
            ),
            ("start-sentinel.sh", "-ge \"$patience\"", "-ge 99999"),
        ],
    ),
    (
        "killed-between-steps",
        "a start forgets that the copy is complete until it has ended",
        &[(
            "start-redis.sh",
            "copy=$(judge_copy)\n",
            "copy=$(judge_copy)\nrm -f \"$data/member\"\n",
        )],
    ),
    (
        "hundred-restarts",
        "a live file takes over lines of the one before",
        &[(
            "start-redis.sh",
            "    cat \"$here/redis.conf\" || exit 1\n",
            "    cat \"$here/redis.conf\"\n    echo '# started'\n    grep '^# started' \"$live/redis.conf\" 2>/dev/null\n",
        )],
    ),
    (
        "dns-silent",
        "a replica without any answer starts as master",
        &[("decide-redis.sh", "act 11 replica \"$state\"", "act 11 master")],
    ),
];

/// Seconds instead of the half hour after which a rehearsal would say the same.
#[test]
fn every_text_that_is_broken_is_there() {
    for (drill, broken, changes) in MUTATIONS {
        let set = Path::new("golden").join(example(drill));
        for (file, text, _) in *changes {
            let is_there = WalkDir::new(&set).into_iter().map(Result::unwrap).any(|entry| {
                entry.file_name() == *file
                    && fs::read_to_string(entry.path()).unwrap().contains(text)
            });
            assert!(is_there, "{drill}: {broken}: {file} has no {text:?}");
        }
    }
}

fn example(drill: &str) -> &'static str {
    if drill == "one-of-two-masters" { "valkey" } else { "hosts" }
}

#[test]
fn every_drill_fails_on_the_broken_script_that_it_is_there_for() {
    let _alone = alone();
    let broken: BTreeSet<&str> = MUTATIONS.iter().map(|(drill, _, _)| *drill).collect();
    let all: BTreeSet<&str> = DRILLS.iter().map(|drill| drill.name).collect();
    assert_eq!(broken, all, "at least one for each");
    let rest = Mutex::new(MUTATIONS.iter().rev().collect::<Vec<_>>());
    let unnoticed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(mutation) = rest.lock().unwrap().pop() else { break };
                    if let Some(story) = unnoticed_story(mutation) {
                        unnoticed.lock().unwrap().push(story);
                    }
                }
            });
        }
    });
    let unnoticed = unnoticed.into_inner().unwrap();
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

/// What happened, unless the drill noticed what is broken.
fn unnoticed_story((drill, broken, changes): &Mutation) -> Option<String> {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("mutations.json");
    let changes: Vec<_> = changes
        .iter()
        .map(|(file, text, instead)| json!({"file": file, "text": text, "instead": instead}))
        .collect();
    fs::write(&file, json!(changes).to_string()).unwrap();
    let mut command = rehearse(example(drill));
    command
        .args(["--drill", drill, "--orders", "1", "--time-scale", "0.3", "--mutations"])
        .arg(&file);
    let report = report(&mut command);
    let run = &report.runs[0];
    let did_begin = run.reasons.iter().all(|reason| !reason.starts_with(NOT_UP));
    let is_noticed = run.verdict == Verdict::Failed && did_begin;
    println!("{drill}: {broken}: {}", run.reasons.join("; "));
    (!is_noticed).then(|| format!("{drill} did not notice that {broken}\n{}", story(run)))
}
