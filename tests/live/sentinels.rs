//! Sentinels: gone, too many, standing still, kept busy.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    fault::Fault,
    nodes::{kill_master, start_victim},
    set::{ELSEWHERE, MASTER, Set},
};

pub const FAULTS: &[Fault] = &[
    Fault::new(
        "a Sentinel is killed",
        &["RedisSentinelDown"],
        |set| set.kill_sentinel(1),
        |set| set.start_sentinel(1),
    ),
    Fault::new(
        "two of three Sentinels are killed",
        &[
            "RedisSentinelDown",
            "RedisSentinelMajorityDown",
            "RedisSentinelPeersBelowMajority",
            "RedisSentinelQuorumUnreachable",
        ],
        kill_two_sentinels,
        start_two_sentinels,
    ),
    Fault::new(
        "SENTINEL REMOVE on one Sentinel",
        &["RedisSentinelNotMonitoring"],
        |set| set.order(set.sentinel(0), &["SENTINEL", "REMOVE", MASTER]),
        |set| {
            set.kill_sentinel(0);
            set.start_sentinel(0);
        },
    ),
    Fault::new(
        "a notification script hangs",
        &["RedisSentinelScriptsBacklog"],
        |set| {
            let flag = set.folder("hang").join("flag");
            fs::write(&flag, "").unwrap();
            let script = script(set);
            fs::rename(&script, script.with_extension("kept")).unwrap();
            let hang =
                format!("#!/bin/sh\nwhile [ -e '{}' ]; do sleep 0.2; done\n", flag.display());
            fs::write(&script, hang).unwrap();
            fs::set_permissions(
                &script,
                fs::metadata(script.with_extension("kept")).unwrap().permissions(),
            )
            .unwrap();
            for _ in 0..20 {
                set.order(set.sentinel(1), &["SENTINEL", "SET", MASTER, "quorum", "2"]);
            }
        },
        |set| {
            let script = script(set);
            fs::rename(script.with_extension("kept"), script).unwrap();
            fs::remove_file(set.folder("hang").join("flag")).unwrap();
        },
    ),
    Fault::new(
        "a replica came and went",
        &["RedisSentinelReplicaCountDrift"],
        |set| {
            ghost(set, "redis-server", 7000, |set, password| {
                let (host, port) = set.announced(set.master());
                format!(
                    "replicaof {host} {port}\nmasterauth {password}\nreplica-announce-ip {ELSEWHERE}\nsave ''\n"
                )
            });
            until_counted(set, "num-slaves");
            set.end_helpers();
        },
        restart_sentinels,
    ),
    Fault::new(
        "a Sentinel came and went",
        &["RedisSentinelPeerCountDrift"],
        |set| {
            ghost(set, "redis-sentinel", 27000, |set, password| {
                let (host, port) = set.announced(set.master());
                format!(
                    "sentinel resolve-hostnames yes\nsentinel announce-ip {ELSEWHERE}\n\
                     sentinel monitor {MASTER} {host} {port} 2\nsentinel auth-pass {MASTER} {password}\n"
                )
            });
            until_counted(set, "num-other-sentinels");
            set.end_helpers();
        },
        restart_sentinels,
    ),
    Fault::new(
        "two of three Sentinels are killed, then the master",
        &[
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisNoMaster",
            "RedisReplicationLinkDown",
            "RedisSentinelDown",
            "RedisSentinelMajorityDown",
            "RedisSentinelPeersBelowMajority",
            "RedisSentinelQuorumUnreachable",
            "RedisSentinelSeesMasterDown",
        ],
        |set| {
            kill_two_sentinels(set);
            kill_master(set);
        },
        |set| {
            start_two_sentinels(set);
            start_victim(set);
        },
    )
    .may(&[
        ("RedisWriteErrors", "clients are there before the replicas of a master that starts"),
        ("RedisRestartLoop", "the two repairs before have restarted every Sentinel already"),
    ]),
    Fault::new(
        "a Sentinel stands still for four seconds",
        &["RedisSentinelTilt"],
        |set| {
            set.signal(set.sentinel(2), Signal::STOP);
            set.rest(4.0);
            set.signal(set.sentinel(2), Signal::CONT);
        },
        |_| {},
    ),
    Fault::new(
        "three masters are killed, one after the other",
        &["RedisFailoverFlapping", "RedisFailoverHappened"],
        |set| {
            for _ in 0..3 {
                kill_master(set);
                set.until("a failover", Duration::from_secs(30), |set| {
                    set.has_other_master(set.victim)
                });
                start_victim(set);
                set.until("a good end", Duration::from_secs(40), |set| set.ailments().is_empty());
            }
        },
        |_| {},
    ),
];

fn kill_two_sentinels(set: &mut Set) {
    set.kill_sentinel(0);
    set.kill_sentinel(1);
}

fn start_two_sentinels(set: &mut Set) {
    set.start_sentinel(0);
    set.start_sentinel(1);
}

fn script(set: &Set) -> std::path::PathBuf {
    set.lab.processes[set.sentinel(1)].place.directory.join("notify.sh")
}

/// Starts a server that no spec names, with the password of the set.
fn ghost(set: &mut Set, program: &str, port: u16, more: fn(&Set, &str) -> String) {
    let folder = set.folder(program);
    // Written so that no character of the password means anything.
    let password: String = set.password().bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let password = format!("\"{password}\"");
    let text =
        format!("port {port}\nprotected-mode no\nrequirepass {password}\n{}", more(set, &password));
    fs::write(folder.join("conf"), text).unwrap();
    let mut command = Command::new(program);
    command.arg("conf");
    set.help(&folder, command);
}

/// Until every Sentinel counts one more.
fn until_counted(set: &mut Set, field: &'static str) {
    set.until(field, Duration::from_secs(30), |set| {
        (0..set.hosts).all(|host| counted(set, host, field) == Some(3))
    });
}

fn counted(set: &Set, host: usize, field: &str) -> Option<u32> {
    let view: std::collections::HashMap<String, String> =
        set.ask(set.sentinel(host), &["SENTINEL", "MASTER", MASTER]).ok()?;
    view.get(field)?.parse().ok()
}

/// As the runbook says: each start takes its list from the members. One after the other, so that the rest can still fail over.
fn restart_sentinels(set: &mut Set) {
    for host in 0..set.hosts {
        set.lab.terminate(set.sentinel(host));
        set.start_sentinel(host);
        let began = Instant::now();
        while ["num-slaves", "num-other-sentinels"]
            .iter()
            .any(|field| counted(set, host, field) != Some(2))
        {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "Sentinel {host} finds the others again"
            );
            set.tick();
        }
    }
}
