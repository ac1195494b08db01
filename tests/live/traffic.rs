//! What clients and people do to a set: memory, connections, passwords, commands, settings, restarts.

use std::{fs, net::TcpStream, time::Duration};

use crate::{fault::Fault, set::Set};

/// Busy for so many seconds, as a slow command is.
const BUSY: &str = "local function now() local time = redis.call('TIME') return time[1] + time[2] / 1e6 end \
    local ends = now() + ARGV[1] while now() < ends do end";

pub const FAULTS: &[Fault] = &[
    Fault::new("memory is used to 87 %", &["RedisMemoryHigh"], |set| fill(set, 0.87), empty),
    Fault::new(
        "165 of 200 clients are connected",
        &["RedisClientsNearMax"],
        |set| connect(set, 165),
        disconnect,
    ),
    Fault::new(
        "memory is full",
        &["RedisMemoryFull", "RedisMemoryHigh", "RedisWriteErrors"],
        |set| fill(set, 1.01),
        empty,
    ),
    Fault::new(
        "a client has a wrong password",
        &["RedisAuthFailures"],
        |set| set.victim = set.master(),
        |_| {},
    )
    .keep(|set| {
        assert!(set.address(set.victim).with_password("wrong").open().is_err());
    }),
    Fault::new(
        "clients are refused for a moment",
        &["RedisRejectedConnections"],
        |set| {
            connect(set, 230);
            set.rest(0.3);
            set.connections.clear();
        },
        |_| {},
    ),
    Fault::new(
        "clients are exhausted",
        &["RedisInstanceDown", "RedisInstancesMissing"],
        |set| connect(set, 230),
        let_clients_in,
    )
    .keep(|set| connect_to(set, 5))
    .may(&[(
        "RedisRejectedConnections",
        "the exporter is refused too; it sees the number only if it gets in within the window",
    )]),
    Fault::new(
        "maxmemory is switched off by hand",
        &["RedisConfigDrift"],
        |set| {
            set.victim = set.master();
            set.order(set.victim, &["CONFIG", "SET", "maxmemory", "0"]);
        },
        |set| {
            let maxmemory = set.info(set.replicas()[0]).unwrap()["maxmemory"].clone();
            set.order(set.victim, &["CONFIG", "SET", "maxmemory", &maxmemory]);
        },
    ),
    Fault::new(
        "a master evicts keys",
        &["RedisConfigDrift", "RedisMemoryFull", "RedisMemoryHigh", "RedisUnexpectedEvictions"],
        |set| {
            set.order(set.master(), &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
            fill(set, 0.99);
        },
        |set| {
            set.order(set.victim, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
            empty(set);
        },
    )
    .keep(|set| {
        for _ in 0..4 {
            set.filled += 1;
            set.order(set.victim, &["SETRANGE", &format!("fill:{}", set.filled), "500000", "x"]);
        }
    }),
    Fault::new(
        "a client connects anew for each command",
        &["RedisConnectionChurn"],
        |set| set.victim = set.master(),
        |_| {},
    )
    .keep(|set| {
        for _ in 0..60 {
            TcpStream::connect(set.address(set.victim).socket()).unwrap();
        }
    }),
    Fault::new("slow commands", &["RedisSlowCommands"], |set| set.victim = set.master(), |_| {})
        .keep(|set| (0..3).for_each(|_| set.order(set.victim, &["EVAL", BUSY, "0", "0.03"]))),
    Fault::new(
        "one command takes 0.6 s",
        &["RedisLatencySpike"],
        |set| set.order(set.master(), &["EVAL", BUSY, "0", "0.6"]),
        |_| {},
    ),
    Fault::new(
        "a replica restarts again and again",
        &["RedisRestartLoop"],
        |set| {
            set.victim = set.replicas()[0];
            for _ in 0..3 {
                set.lab.kill(set.victim);
                set.lab.start(set.victim).unwrap();
                set.until("a restart", Duration::from_secs(20), |set| set.ailments().is_empty());
                set.rest(3.0);
            }
        },
        |_| {},
    ),
    Fault::new(
        "replica-read-only no",
        &["RedisReplicaWritable"],
        |set| {
            set.victim = set.replicas()[0];
            set.order(set.victim, &["CONFIG", "SET", "replica-read-only", "no"]);
        },
        |set| set.order(set.victim, &["CONFIG", "SET", "replica-read-only", "yes"]),
    ),
    Fault::new(
        "both replicas have priority 0",
        &["RedisNoPromotableReplica"],
        |set| priorities(set, "0"),
        |set| priorities(set, "100"),
    ),
    Fault::new(
        "an exporter has a wrong password",
        &["RedisInstanceDown", "RedisInstancesMissing", "RedisSentinelDown"],
        |set| {
            set.victim = set.master();
            set.stop_exporter(set.victim);
            let file = set.exporter_passwords(set.victim);
            let wrong = fs::read_to_string(&file).unwrap().replace("\": \"", "\": \"no ");
            fs::write(file, wrong).unwrap();
            set.run_exporter(set.victim);
        },
        |set| {
            set.stop_exporter(set.victim);
            set.start_exporter(set.victim);
        },
    ),
    Fault::new(
        "REPLICAOF NO ONE again and again",
        &[
            "RedisFailoverHappened",
            "RedisMasterNotWhatSentinelSays",
            "RedisMultipleMasters",
            "RedisReplicasConnectedLow",
            "RedisWritesRefusedMinReplicas",
        ],
        |set| set.victim = set.replicas()[0],
        |_| {},
    )
    .keep(|set| set.order(set.victim, &["REPLICAOF", "NO", "ONE"])),
    Fault::new(
        "a replica follows the other one",
        &["RedisReplicasConnectedLow", "RedisReplicasFollowDifferentMasters"],
        |set| set.victim = set.replicas()[0],
        |_| {},
    )
    .keep(|set| {
        let master = set.master();
        let other = (0..set.hosts).find(|node| ![master, set.victim].contains(node)).unwrap();
        let (host, port) = set.announced(other);
        set.order(set.victim, &["REPLICAOF", &host, &port]);
    }),
];

fn priorities(set: &mut Set, priority: &str) {
    for replica in set.replicas() {
        set.order(replica, &["CONFIG", "SET", "replica-priority", priority]);
    }
}

fn connect(set: &mut Set, count: usize) {
    set.victim = set.master();
    connect_to(set, count);
}

fn connect_to(set: &mut Set, count: usize) {
    let socket = set.address(set.victim).socket();
    for _ in 0..count {
        set.connections.push(TcpStream::connect(&socket).unwrap());
    }
}

/// As the runbook says: no new connection can raise the limit until the client that leaks is stopped.
fn let_clients_in(set: &mut Set) {
    let old = set.victim;
    let raised: redis::RedisResult<redis::Value> =
        set.ask(old, &["CONFIG", "SET", "maxclients", "300"]);
    assert!(raised.is_err(), "a node without a free connection takes no order");
    disconnect(set);
    set.until("a way in", Duration::from_secs(30), |set| set.info(old).is_some());
    set.order(old, &["CONFIG", "SET", "maxclients", "200"]);
}

fn disconnect(set: &mut Set) {
    set.connections.clear();
}

/// Makes a master use so much of its memory. Zeros are sent as a few bytes, so only memory fills.
fn fill(set: &mut Set, part: f64) {
    set.victim = set.master();
    let number =
        |set: &Set, name: &str| set.info(set.victim).unwrap()[name].parse::<f64>().unwrap();
    for _ in 0..1000 {
        let used = number(set, "used_memory") - number(set, "mem_not_counted_for_evict");
        if used > number(set, "maxmemory") * part {
            return;
        }
        set.filled += 1;
        let filled: redis::RedisResult<redis::Value> =
            set.ask(set.victim, &["SETRANGE", &format!("fill:{}", set.filled), "500000", "x"]);
        if filled.is_err() {
            return;
        }
    }
    panic!("memory does not fill");
}

fn empty(set: &mut Set) {
    let keys: Vec<String> = set.ask(set.victim, &["KEYS", "fill:*"]).unwrap();
    for key in keys {
        set.order(set.victim, &["UNLINK", &key]);
    }
}
