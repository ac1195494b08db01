//! Trees in operation: first start, a killed master, a planned stop under a writer.

use std::{thread, time::Duration};

use crate::{
    cluster::Cluster,
    exporter,
    nodes::{Nodes, PATIENCE, alone},
    support::installed::for_installed_engine,
    writer::{Writer, count_lost},
};

#[test]
fn the_classic_three_hosts_survive_a_killed_master_and_lose_nothing_on_a_planned_stop() {
    survive("hosts");
}

#[test]
fn hosts_with_users_and_certificates_survive_a_killed_master_and_lose_nothing_on_a_planned_stop() {
    survive("valkey");
}

fn survive(example: &str) {
    let _alone = alone();
    let mut cluster = Cluster::new(&for_installed_engine(example));
    for index in 0..cluster.processes.len() {
        cluster.start(index);
    }
    let master = cluster.topology.masters[0].name.clone();
    cluster.wait_until_well(&master);
    let is_named = cluster.topology.network.announce_hostnames;
    assert_eq!(is_named, example == "hosts", "one example is known by name, the other by address");

    let old = cluster.current(&master);
    exporter::sees_every_process(&cluster);
    assert!(cluster.is_seed(old), "the first master is the one of the spec");
    cluster.wait_until_promotable(&master);
    let limit =
        Duration::from_millis(cluster.topology.masters[0].watch.down_after_milliseconds.into());
    cluster.kill(old);
    let elected = cluster.wait_for("a new master", limit + Duration::from_secs(3), |cluster| {
        cluster.majority(&master).is_some_and(|new| new != old)
    });
    let new = cluster.current(&master);
    cluster.wait_for("it serves", Duration::from_secs(2), |cluster| cluster.is_role(new, "master"));
    cluster.start(old);
    let rejoined = cluster
        .wait_for("the old master is a replica", PATIENCE, |cluster| cluster.is_role(old, "slave"));
    cluster.wait_until_well(&master);
    assert_eq!(cluster.current(&master), new);

    cluster.wait_until_promotable(&master);
    let stopped = cluster.current(&master);
    // A master that says something each second, so that silence during the stop is the script's doing.
    assert!(cluster.ask(stopped, "CONFIG SET repl-ping-replica-period 1").contains("OK"));
    let writer = Writer::start(&cluster, &master);
    thread::sleep(Duration::from_secs(2));
    let said = cluster.stop(stopped);
    assert!(said.contains("handed over"), "{said}\n{}", cluster.logs());
    thread::sleep(Duration::from_secs(2));
    let written = writer.stop();
    let now = cluster.majority(&master).unwrap();
    assert_ne!(now, stopped);
    assert_eq!(count_lost(&cluster, now, written.acknowledged), 0);
    assert!(written.acknowledged > 1000, "{} writes", written.acknowledged);
    assert!(written.longest_gap <= Duration::from_secs(3), "{:?}", written.longest_gap);
    let copies = cluster.ask(now, "INFO stats");
    assert!(copies.contains("sync_partial_err:0\n"), "no replica was ahead of it: {copies}");
    cluster.start(stopped);
    cluster.wait_until_well(&master);
    println!(
        "{example}: elected after {elected:?}, rejoined after {rejoined:?}; planned stop: {} writes, 0 lost, gap {:?}",
        written.acknowledged, written.longest_gap
    );
}
