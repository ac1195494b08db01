//! Settings and certificates.

use super::{
    Situation, fires,
    levels::float,
    scene::{address, seed},
    series::CERTIFICATE,
    values::flat,
};
use crate::topology::Master;

pub const SITUATIONS: &[Situation] = &[
    fires("RedisConfigDrift", "settings were changed by CONFIG SET", |scene| {
        scene.show_roles();
        for master in scene.masters("RedisConfigDrift") {
            let name = &master.name;
            let nodes: Vec<String> = master.nodes.iter().map(address).collect();
            let settings = [
                ("redis_memory_max_bytes", float(master.maxmemory_bytes) + 1.0),
                ("redis_replication_backlog_bytes", float(master.backlog_bytes) + 1.0),
                ("redis_max_clients", float(master.maxclients) - 1.0),
                ("redis_aof_enabled", f64::from(u32::from(!master.persistence.aof))),
            ];
            let mut turn = nodes.iter().cycle();
            for ((metric, value), own) in settings.iter().zip(turn.by_ref()) {
                scene.set(metric, name, own, &flat(*value));
            }
            let own = turn.next().cloned().unwrap_or_else(|| address(seed(master)));
            let label = |policy: &str| format!(r#"maxmemory_policy="{policy}""#);
            let (old, new) = (label(&master.maxmemory_policy), label(other_policy(master)));
            scene.relabel("redis_instance_info", name, &own, &old, &new);
            scene.fires("RedisConfigDrift", master, nodes.len().min(settings.len() + 1));
        }
    }),
    fires("RedisTlsCertExpiring", "certificates are not renewed", |scene| {
        let days = f64::from(scene.thresholds.certificate_days);
        scene.set(CERTIFICATE, "", "", &flat(days * 86400.0 - 1.0));
        scene.topology_fires("RedisTlsCertExpiring", scene.topology.masters.len() + 1);
    }),
];

fn other_policy(master: &Master) -> &'static str {
    if master.maxmemory_policy == "noeviction" { "allkeys-lru" } else { "noeviction" }
}
