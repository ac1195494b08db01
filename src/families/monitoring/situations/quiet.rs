//! Situations that are about no alert: nothing that must be repaired.

use super::{
    Situation, quiet,
    scene::{Scene, address, replicas, seed},
    series::{data, error, info, links, opinion},
    values::{beginning, flat},
};
use crate::topology::{DataNode, Master};

/// Samples before it happens.
const CALM: u32 = 24;

pub const SITUATIONS: &[Situation] = &[
    quiet("all is well, up to the limits", |scene| {
        scene.show_all();
        scene.lasts_until_all_would_fire();
    }),
    quiet("a failover that takes one scrape", |scene| fail_over_all(scene, 0)),
    quiet("the old master returns and is master for one scrape", |scene| fail_over_all(scene, 1)),
];

fn fail_over_all(scene: &mut Scene<'_>, scrapes: u32) {
    scene.starts(CALM + 1);
    for master in &scene.topology.masters {
        if let Some(next) = replicas(master).first() {
            fail_over(scene, master, next, scrapes);
        }
    }
    scene.looks_before(CALM + 1 + scrapes);
    scene.lasts(CALM * scene.step + 420);
}

/// The master goes, for one sample nobody is master, then a replica is. Clients and replicas notice. For some scrapes more the
/// old one takes itself for master, without any replica.
fn fail_over(scene: &mut Scene<'_>, master: &Master, next: &DataNode, scrapes: u32) {
    let old = seed(master);
    let (name, from, to) = (&master.name, address(old), address(next));
    scene.show_roles();
    scene.set("redis_up", name, &from, &flat(1.0).until(CALM, flat(0.0).until(1, flat(1.0))));
    let follows = CALM + 1 + scrapes;
    let mut was = flat(1.0).ending(CALM);
    if scrapes > 0 {
        was = was.again(flat(1.0).ending(scrapes));
        scene.put(error(scene, master, "NOREPLICAS", beginning(CALM + 1, flat(3.0))));
    }
    scene.lose("redis_instance_info", name, &from);
    scene.lose("redis_instance_info", name, &to);
    for (instance, role, values) in [
        (&from, "master", was),
        (&from, "slave", beginning(follows, flat(1.0))),
        (&to, "slave", flat(1.0).ending(CALM)),
        (&to, "master", beginning(CALM, flat(1.0))),
    ] {
        scene.put(info(scene, master, instance, role, values));
    }
    let lag = "redis_connected_slave_lag_seconds";
    scene.lose(lag, name, "");
    for series in links(scene, lag, master, old, &flat(1.0).ending(CALM)) {
        scene.put(series);
    }
    let returned = format!(r#"slave_ip="{}",slave_port="{}""#, old.host, old.port);
    for mut series in links(scene, lag, master, next, &beginning(CALM + 1, flat(1.0))) {
        if series.labels.contains(&returned) {
            series.values = beginning(follows, flat(1.0));
        }
        scene.put(series);
    }
    scene.lose("redis_sentinel_master_status", name, "");
    for sentinel in scene.sentinels() {
        for (metric, before, after) in [
            ("redis_sentinel_master_status", 1.0, 1.0),
            ("redis_sentinel_master_config_epoch", 4.0, 5.0),
        ] {
            let (old, new) = (flat(before).ending(CALM + 1), beginning(CALM + 1, flat(after)));
            scene.put(opinion(scene, metric, sentinel, master, &from, old));
            scene.put(opinion(scene, metric, sentinel, master, &to, new));
        }
    }
    scene.put(error(scene, master, "READONLY", flat(0.0).until(CALM + 1, flat(3.0))));
    let denied = flat(0.0).until(CALM + 2, flat(1.0));
    scene.put(data(scene, "redis_replica_partial_resync_denied", master, &to, "", denied));
    scene.fires("RedisFailoverHappened", master, 1);
    if scene.thresholds.failovers_per_hour == 1 {
        scene.fires("RedisFailoverFlapping", master, 1);
    }
}
