//! Connections, errors and slowness.

use super::{
    Situation, fires,
    levels::{calm, percent, too_many_per_minute, too_many_per_second},
    scene::{address, last, replicas, seed},
    series::{data, error},
    values::{beginning, flat},
};

/// Samples before it happens: longer than an error is new.
const CALM: u32 = 24;

pub const SITUATIONS: &[Situation] = &[
    fires("RedisClientsNearMax", "many connections, or fewer allowed on one replica", |scene| {
        let limit = scene.thresholds.clients_used_percent;
        scene.show(&["redis_connected_clients", "redis_max_clients"]);
        for master in scene.masters("RedisClientsNearMax") {
            let (name, own) = (&master.name, address(seed(master)));
            let connected = flat(percent(master.maxclients, limit) + 1.0);
            scene.set("redis_connected_clients", name, &own, &connected);
            let lowered = !replicas(master).is_empty();
            if lowered {
                scene.set("redis_connected_clients", name, &last(master), &flat(30.0));
                scene.set("redis_max_clients", name, &last(master), &flat(30.0));
            }
            scene.fires("RedisClientsNearMax", master, 1 + usize::from(lowered));
        }
    }),
    fires("RedisRejectedConnections", "a connection is refused", |scene| {
        scene.starts(CALM);
        for master in scene.masters("RedisRejectedConnections") {
            let refused = flat(7.0).until(CALM, flat(8.0));
            let own = address(seed(master));
            scene.set("redis_rejected_connections_total", &master.name, &own, &refused);
            scene.fires("RedisRejectedConnections", master, 1);
        }
    }),
    fires("RedisConnectionChurn", "a client connects anew for each command", |scene| {
        let limit = scene.thresholds.connections_per_second;
        scene.starts(calm(scene));
        for master in scene.masters("RedisConnectionChurn") {
            let (own, received) = (address(seed(master)), too_many_per_second(scene, limit));
            scene.set("redis_connections_received_total", &master.name, &own, &received);
            scene.fires("RedisConnectionChurn", master, 1);
        }
    }),
    fires("RedisWriteErrors", "writes are refused, one for the first time", |scene| {
        scene.starts(CALM);
        scene.show(&["redis_errors_total"]);
        for master in scene.masters("RedisWriteErrors") {
            let (again, first) = (flat(7.0).until(CALM, flat(8.0)), beginning(CALM, flat(1.0)));
            scene.set_error("OOM", master, &again);
            scene.put(error(scene, master, "NOREPLICAS", first));
            scene.fires("RedisWriteErrors", master, 2);
        }
    }),
    fires("RedisAuthFailures", "logins are refused, and commands for the first time", |scene| {
        // Five minutes are looked at.
        let failures = f64::from(scene.thresholds.auth_failures_per_minute) * 5.0 + 1.0;
        scene.starts(CALM);
        scene.show(&["redis_errors_total"]);
        for master in scene.masters("RedisAuthFailures") {
            let again = flat(7.0).until(CALM, flat(7.0 + failures));
            scene.set_error("WRONGPASS", master, &again);
            let first = beginning(CALM, flat(failures));
            scene.put(error(scene, master, "NOPERM", first));
            scene.fires("RedisAuthFailures", master, 2);
        }
    }),
    fires("RedisSlowCommands", "slow commands on the master", |scene| {
        let limit = scene.thresholds.slow_commands_per_minute;
        scene.starts(calm(scene));
        for master in scene.masters("RedisSlowCommands") {
            let (own, slow) = (address(seed(master)), too_many_per_minute(scene, limit));
            scene.set("redis_slowlog_last_id", &master.name, &own, &slow);
            scene.fires("RedisSlowCommands", master, 1);
        }
    }),
    fires("RedisLatencySpike", "a fork takes too long", |scene| {
        let seconds = (f64::from(scene.thresholds.latency_spike_milliseconds) + 1.0) / 1000.0;
        scene.starts(1);
        for master in scene.masters("RedisLatencySpike") {
            let own = address(seed(master));
            for (metric, value) in [
                ("redis_latency_spike_duration_seconds", seconds),
                ("redis_latency_spike_last", f64::from(scene.step)),
            ] {
                let values = beginning(1, flat(value));
                scene.put(data(scene, metric, master, &own, r#",event_name="fork""#, values));
            }
            scene.fires("RedisLatencySpike", master, 1);
        }
    }),
];
