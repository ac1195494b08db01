//! What happens to a deployment, beyond what is tested where it is rendered: quiet situations, one of two masters, several alerts
//! at once.

use std::{fs, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SPEC, find, render, world::*};

struct Situation {
    name: &'static str,
    change: fn(&mut World),
    /// When to look.
    at: &'static str,
    fires: &'static [&'static str],
}

impl Situation {
    /// Long ones need no fine steps, and would take long.
    fn interval(&self) -> &'static str {
        if self.at.len() > 3 || self.at == "90m" { "1m" } else { "15s" }
    }
}

const fn after(
    at: &'static str,
    name: &'static str,
    fires: &'static [&'static str],
    change: fn(&mut World),
) -> Situation {
    Situation { name, change, at, fires }
}

const fn soon(
    name: &'static str,
    fires: &'static [&'static str],
    change: fn(&mut World),
) -> Situation {
    after("8m", name, fires, change)
}

const OWN: &str = r#"instance="orders-0""#;
const ORDERS: &str = r#"master="orders""#;
const ALL: &str = "";

/// Orders moves from its first pod to its second at the given step of 15 s.
fn move_master(world: &mut World, step: usize) {
    world.role("orders", MASTER, "noeviction", "slave");
    world.role("orders", REPLICA, "noeviction", "master");
    let (before, since) = (format!("1+0x{} stale", step - 1), format!("_x{step} 1+0x400"));
    for (instance, role, values) in [
        (MASTER, "master", &before),
        (MASTER, "slave", &since),
        (REPLICA, "slave", &before),
        (REPLICA, "master", &since),
    ] {
        world.set(
            "redis_instance_info",
            &format!(r#"instance="{instance}",role="{role}""#),
            values.clone(),
        );
    }
    for (instance, values) in [(MASTER, &since), (REPLICA, &before)] {
        for metric in ["redis_master_link_up", "redis_slave_info"] {
            world.set(metric, &format!(r#"instance="{instance}""#), values.clone());
        }
    }
    world.lose("redis_connected_slave_lag_seconds", ORDERS);
    world.lose("redis_connected_slave_offset_bytes", ORDERS);
    for (pod, other, values) in [(MASTER, REPLICA, &before), (REPLICA, MASTER, &since)] {
        for replica in [other, OTHER_REPLICA] {
            world.acknowledge("orders", pod, replica, 1.0, 4900.0);
        }
        let own = format!(r#"instance="{pod}",slave_ip"#);
        world.set("redis_connected_slave_lag_seconds", &own, values.clone());
        world.set("redis_connected_slave_offset_bytes", &own, values.replace('1', "4900"));
    }
    world.set(
        "redis_connected_slaves",
        r#"instance="orders-1""#,
        format!("0+0x{} 2+0x400", step - 1),
    );
    world.set("redis_connected_slaves", OWN, format!("2+0x{} 0+0x400", step - 1));
    for ordinal in 0..3 {
        let own = format!(r#"instance="sentinel-{ordinal}",master="orders""#);
        world.set("", &own, "_");
        world.0.retain(|series, _| !series.contains(&own));
        world.opinion(ordinal, "orders", MASTER, 2.0);
        for (series, values) in world.0.clone() {
            if series.contains(&own) && series.contains(r#"master_address="orders-0""#) {
                let moved =
                    series.replace(r#"master_address="orders-0""#, r#"master_address="orders-1""#);
                let value = values.split('+').next().unwrap();
                let later = if series.contains("config_epoch") { "5" } else { value };
                world.0.insert(series, format!("{value}+0x{} stale", step - 1));
                world.0.insert(moved, format!("_x{step} {later}+0x400"));
            }
        }
    }
}

const SITUATIONS: &[Situation] = &[
    soon("no target of a master", &["RedisMetricsAbsent"], |w| {
        w.lose("", r#"component="redis",master="pages""#);
    }),
    soon(
        "a replica dies",
        &["RedisInstanceDown", "RedisInstancesMissing", "RedisReplicasConnectedLow"],
        |w| {
            w.kill(OTHER_REPLICA);
            w.lose("", r#"slave_ip="orders-2""#);
            w.set("redis_connected_slaves", OWN, "1");
            w.set("redis_sentinel_master_ok_slaves", ORDERS, "1");
        },
    ),
    soon(
        "every data node of a master is down",
        &[
            "RedisAllInstancesDown",
            "RedisFailoverStuck",
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisSentinelNoFailoverCandidate",
            "RedisSentinelSeesMasterDown",
        ],
        |w| {
            for pod in [MASTER, REPLICA, OTHER_REPLICA] {
                w.kill(pod);
            }
            w.set("redis_sentinel_master_status", ORDERS, "0");
            w.set("redis_sentinel_master_ok_slaves", ORDERS, "0");
        },
    ),
    soon(
        "the master is dead, and no failover follows",
        &[
            "RedisFailoverStuck",
            "RedisInstanceDown",
            "RedisInstancesMissing",
            "RedisNoMaster",
            "RedisReplicationLinkDown",
            "RedisSentinelSeesMasterDown",
        ],
        |w| {
            w.kill(MASTER);
            w.set("redis_sentinel_master_status", ORDERS, "0");
            w.set("redis_master_link_up", ORDERS, "0");
        },
    ),
    soon(
        "maxclients is exhausted on the master",
        &["RedisInstanceDown", "RedisInstancesMissing"],
        |w| w.kill(MASTER),
    ),
    after(
        "4m",
        "the old master comes back and stays",
        &[
            "RedisMasterNotWhatSentinelSays",
            "RedisMultipleMasters",
            "RedisWritesRefusedMinReplicas",
        ],
        |w| {
            w.lose("", r#"instance="orders-1",master_host"#);
            w.lose("redis_instance_info", r#"instance="orders-1""#);
            w.lose("redis_slave_priority", r#"instance="orders-1""#);
            w.role("orders", REPLICA, "noeviction", "master");
        },
    ),
    soon("a failover takes place", &["RedisFailoverHappened"], |w| move_master(w, 20)),
    soon(
        "a failover takes place before an exporter without epochs",
        &["RedisFailoverHappened"],
        |w| {
            move_master(w, 20);
            w.lose("redis_sentinel_master_config_epoch", ALL);
        },
    ),
    soon(
        "one Sentinel is cut off",
        &["RedisSentinelPeersBelowMajority", "RedisSentinelSeesMasterDown"],
        |w| {
            w.set("redis_sentinel_master_ok_sentinels", "sentinel-2", "1");
            w.set("redis_sentinel_master_ckquorum_status", "sentinel-2", "0");
            w.set("redis_sentinel_master_status", r#"instance="sentinel-2",master="orders""#, "0");
        },
    ),
    soon("a replica copies", &[], |w| {
        w.set("redis_master_link_up", r#"instance="orders-2""#, "0");
        w.set("redis_master_sync_in_progress", r#"instance="orders-2""#, "1");
    }),
    soon("a replica is being copied", &[], |w| {
        w.set("redis_master_repl_offset", OWN, "3000000000");
        w.set("redis_connected_slave_offset_bytes", ORDERS, "3000000000");
        w.lose("redis_connected_slave_offset_bytes", r#"slave_ip="orders-1""#);
        let own = r#"topology="shop",component="redis",master="orders",instance="orders-0""#;
        let copied =
            format!(r#"{own},slave_ip="orders-1",slave_port="6379",slave_state="send_bulk""#);
        w.put("redis_connected_slave_offset_bytes", &copied, 0.0);
    }),
    soon("a replica loads its copy", &[], |w| {
        w.set("redis_master_repl_offset", OWN, "3000000000");
        w.set("redis_connected_slave_offset_bytes", ORDERS, "3000000000");
        w.set("redis_connected_slave_offset_bytes", r#"slave_ip="orders-1""#, "0");
    }),
    soon("a replica is refused after a failover", &["RedisFailoverHappened"], |w| {
        move_master(w, 20);
        w.set("redis_replica_partial_resync_denied", OWN, "0+0x22 1+0x400");
    }),
    soon("four copies in an hour", &[], |w| {
        w.set("redis_replica_resyncs_full", OWN, "2+0x5 3+0x3 4+0x3 5+0x3 6+0x400");
    }),
    soon("a failover copies every replica twice", &["RedisFailoverHappened"], |w| {
        move_master(w, 12);
        w.set("redis_replica_resyncs_full", OWN, "2+0x5 3+0x3 4+0x3 5+0x3 6+0x3 7+0x400");
    }),
    soon("a full cache", &[], |w| {
        w.set("redis_memory_used_bytes", r#"master="pages""#, "751619276");
        w.set("redis_evicted_keys_total", r#"master="pages""#, "0+1500x500");
    }),
    soon("no limit of memory by hand", &[], |w| w.set("redis_memory_max_bytes", ORDERS, "0")),
    after(
        "15m",
        "a limit of open files lowers maxclients",
        &["RedisClientsNearMax", "RedisConfigDrift"],
        |w| {
            w.set("redis_connected_clients", OWN, "900");
            w.set("redis_max_clients", OWN, "992");
        },
    ),
    soon("writes that were refused long ago", &[], |w| error(w, "OOM", "7+0x500")),
    soon("a client writes to a replica", &["RedisWriteErrors"], |w| {
        error(w, "READONLY", "0+0x20 3+0x400");
    }),
    soon("clients notice a failover", &["RedisFailoverHappened"], |w| {
        move_master(w, 20);
        error(w, "READONLY", "0+0x21 3+0x400");
    }),
    soon("a new master waits for its replicas", &["RedisFailoverHappened"], |w| {
        move_master(w, 20);
        error(w, "NOREPLICAS", "0+0x21 8+0x400");
    }),
    soon("a node with old errors answers again", &[], |w| {
        error(w, "OOM", "7+0x5 _x12 7+0x400");
        w.set("redis_up", OWN, "1+0x5 0+0x11 1+0x400");
    }),
    soon("a node that refused logins long ago answers again", &[], |w| {
        error(w, "WRONGPASS", "7+0x5 _x12 7+0x400");
        w.set("redis_up", OWN, "1+0x5 0+0x11 1+0x400");
    }),
    soon("liveness probes", &[], |w| error(w, "NOAUTH", "0+2x500")),
    soon("an old spike of latency", &[], |w| {
        let own = r#"topology="shop",component="redis",master="orders",instance="orders-0",event_name="fork""#;
        w.put("redis_latency_spike_duration_seconds", own, 0.7);
        w.put("redis_latency_spike_last", own, 10.0);
    }),
    after("90m", "somebody else's certificate is not renewed", &[], |w| {
        let labels = r#"name="shop-pages-tls",namespace="cert-manager",exported_namespace="test""#;
        w.put("certmanager_certificate_expiration_timestamp_seconds", labels, 1_000_000.0);
    }),
];

fn error(world: &mut World, kind: &str, values: &str) {
    let labels = format!(
        r#"topology="shop",component="redis",master="orders",instance="orders-0",err="{kind}""#
    );
    world.0.insert(format!("redis_errors_total{{{labels}}}"), values.into());
}

fn test_of(situation: &Situation) -> Value {
    let mut world = World::healthy();
    (situation.change)(&mut world);
    let series: Vec<Value> = world
        .0
        .iter()
        .map(|(series, values)| json!({ "series": series, "values": values }))
        .collect();
    let samples: Vec<Value> = situation
        .fires
        .iter()
        .map(|alert| json!({ "labels": format!(r#"{{alertname="{alert}"}}"#), "value": 1 }))
        .collect();
    json!({
        "name": situation.name,
        "interval": situation.interval(),
        "input_series": series,
        "promql_expr_test": [{
            "expr": r#"group by (alertname) (ALERTS{alertstate="firing"})"#,
            "eval_time": situation.at,
            "exp_samples": samples,
        }],
    })
}

#[test]
fn each_situation_raises_exactly_its_alerts() {
    let directory = TempDir::new().unwrap();
    let artifacts = render(SPEC);
    fs::write(
        directory.path().join("rules.yaml"),
        find(&artifacts, "monitoring/rules.yaml").unwrap(),
    )
    .unwrap();
    for interval in ["15s", "1m"] {
        let tests: Vec<Value> = SITUATIONS
            .iter()
            .filter(|situation| situation.interval() == interval)
            .map(test_of)
            .collect();
        let file = json!({ "rule_files": ["rules.yaml"], "evaluation_interval": interval, "tests": tests });
        fs::write(directory.path().join(format!("{interval}.yaml")), file.to_string()).unwrap();
    }
    let output = Command::new("promtool")
        .args(["test", "rules", "15s.yaml", "1m.yaml"])
        .current_dir(directory.path())
        .output()
        .expect("promtool is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat())
    );
}
