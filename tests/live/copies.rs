//! Disks and copies: what persistence and replication do when they cannot go on.

use std::{fs, time::Duration};

use rustix::process::Signal;

use crate::{
    fault::Fault,
    set::{Set, sh},
};

pub const FAULTS: &[Fault] = &[
    // Since 7.0 a replica that cannot write to its disk ends itself (`replica-ignore-disk-write-errors`).
    Fault::new(
        "the disk of a replica is full",
        &["RedisInstanceDown", "RedisInstancesMissing", "RedisReplicasConnectedLow"],
        |set| {
            set.victim = set.replicas()[0];
            fill_disk(set, 0);
        },
        free_disk,
    ),
    Fault::new(
        "a client writes more than the backlog holds",
        &["RedisBacklogTooSmall"],
        |set| set.victim = set.master(),
        |_| {},
    )
    .keep(|set| set.order(set.victim, &["SET", "noise", &noise(60_000)])),
    Fault::new(
        "a replica cannot rewrite its AOF",
        &["RedisAofRewriteFailed"],
        |set| {
            set.victim = set.replicas()[0];
            nearly_fill_disk(set);
            set.order(set.victim, &["BGREWRITEAOF"]);
        },
        |set| {
            free_disk(set);
            set.order(set.victim, &["BGREWRITEAOF"]);
        },
    ),
    Fault::new(
        "a replica was away for longer than the backlog holds",
        &["RedisPartialResyncDenied"],
        |set| {
            set.victim = set.replicas()[0];
            overtake(set);
        },
        |_| {},
    ),
    Fault::new(
        "a replica is frozen, and clients write half of what the backlog holds",
        &[
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisReplicationLagBytes",
            "RedisReplicationLagSeconds",
        ],
        |set| {
            set.victim = set.replicas()[0];
            set.signal(set.victim, Signal::STOP);
            for _ in 0..2 {
                set.order(set.master(), &["SET", "noise", &noise(400_000)]);
            }
        },
        |set| set.signal(set.victim, Signal::CONT),
    ),
    Fault::new(
        "a copy takes too long",
        &["RedisSyncTooLong"],
        |set| {
            set.victim = set.replicas()[0];
            set.order(set.master(), &["CONFIG", "SET", "rdb-key-save-delay", "80000"]);
            set.lab.kill(set.victim);
            set.lab.start(set.victim).unwrap();
        },
        |set| set.order(set.master(), &["CONFIG", "SET", "rdb-key-save-delay", "0"]),
    ),
    // Without the setting it would end itself, as above.
    Fault::new(
        "a replica cannot save its RDB, with stop-writes-on-bgsave-error no",
        &["RedisRdbSaveFailed"],
        |set| {
            set.victim = set.replicas()[0];
            set.order(set.victim, &["CONFIG", "SET", "stop-writes-on-bgsave-error", "no"]);
            nearly_fill_disk(set);
            set.order(set.victim, &["BGSAVE"]);
        },
        |set| {
            free_disk(set);
            set.order(set.victim, &["BGSAVE"]);
            // A replica that may not write for a failed save ends itself at the next write of its master.
            set.until("a save", Duration::from_secs(30), |set| {
                set.info(set.victim).is_some_and(|info| info["rdb_last_bgsave_status"] == "ok")
            });
            set.order(set.victim, &["CONFIG", "SET", "stop-writes-on-bgsave-error", "yes"]);
        },
    ),
    Fault::new(
        "a replica is copied again and again",
        &["RedisFullResyncLoop", "RedisPartialResyncDenied"],
        |set| {
            set.victim = set.replicas()[0];
            for _ in 0..6 {
                overtake(set);
                set.rest(2.0);
            }
        },
        |_| {},
    )
    .may(&[(
        "RedisBacklogTooSmall",
        "all this writing may be over before it has waited long enough",
    )]),
    // Such a master answers MISCONF to a PING too, so Sentinel replaces it. Nobody tells it as long as it does, and once it is
    // told it has no room for a copy.
    Fault::new(
        "the disk of the master is full",
        &[
            "RedisAofWriteFailed",
            "RedisFailoverHappened",
            "RedisFullResyncLoop",
            "RedisReplicasConnectedLow",
            "RedisWriteErrors",
        ],
        |set| {
            set.victim = set.master();
            fill_disk(set, 0);
        },
        free_disk,
    )
    .may(&[
        ("RedisReplicationLinkDown", "it is between two copies for most of the time"),
        ("RedisMasterNotWhatSentinelSays", "it stays master for ten seconds or so"),
        ("RedisMultipleMasters", "which is about as long as the alert waits"),
        ("RedisPartialResyncDenied", "its replicas come back to it before the failover"),
        ("RedisWritesRefusedMinReplicas", "and without replicas meanwhile"),
    ]),
];

/// Random text, which no RDB compresses.
fn noise(bytes: usize) -> String {
    let mut random = vec![0; bytes / 2];
    getrandom::fill(&mut random).unwrap();
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fills the disk of the victim up to so many bytes. Its server writes meanwhile, so that there may be less room than there was.
fn fill_disk(set: &Set, rest: usize) {
    let volume = set.volume(set.victim);
    let volume = volume.display();
    let free = format!("$(df --output=avail -B1 '{volume}' | tail -1)");
    sh(&format!(
        "head -c $(({free} - {rest})) /dev/zero >'{volume}/filler' || [ {free} -le {rest} ]"
    ));
}

fn free_disk(set: &mut Set) {
    fs::remove_file(set.volume(set.victim).join("filler")).unwrap();
}

/// Leaves room for the AOF, but for no copy of the data.
fn nearly_fill_disk(set: &mut Set) {
    for number in 0..6 {
        set.order(set.master(), &["SET", &format!("noise:{number}"), &noise(500_000)]);
    }
    set.rest(1.0);
    fill_disk(set, 1_000_000);
}

/// Lets the master write more than its backlog holds while a replica cannot read.
fn overtake(set: &mut Set) {
    let master = set.master();
    set.signal(set.victim, Signal::STOP);
    let address = set.address(set.victim).socket().0;
    let replicas: String = set.ask(master, &["CLIENT", "LIST", "TYPE", "replica"]).unwrap();
    let mut links = replicas.split(' ').filter_map(|word| word.strip_prefix("addr="));
    let link = links.find(|link| link.split(':').next() == Some(&address)).expect("its link");
    set.order(master, &["CLIENT", "KILL", "ADDR", link]);
    for _ in 0..4 {
        set.order(master, &["SET", "noise", &noise(400_000)]);
    }
    set.signal(set.victim, Signal::CONT);
    set.until("a copy", Duration::from_secs(20), |set| set.ailments().is_empty());
}
