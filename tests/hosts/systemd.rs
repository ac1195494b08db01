//! The units of each host under its systemd.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::{
    machine::Machines,
    nodes::{Nodes, PATIENCE, alone},
    support::installed::for_installed_engine,
    writer::{Writer, count_lost},
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn units_start_stop_and_restart_the_nodes_of_machines_that_come_and_go() {
    let _alone = alone();
    let spec = for_installed_engine("hosts");
    let mut machines = Machines::new(&spec, false);
    let hosts = 0..machines.topology.hosts.len();
    let master = machines.topology.masters[0].name.clone();
    for host in hosts.clone() {
        assert!(machines.install(host).contains("writes /etc/systemd/system/redis-"));
        if host == 0 {
            stops_what_waits(&machines, &master);
        }
    }
    let well = machines.wait_until_well(&master);
    println!("well {well:?} after the last install.sh");
    assert!(machines.is_seed(machines.current(&master)));
    for host in hosts {
        assert_eq!(machines.install(host), "nothing to do\n");
        exporter_sees_its_host(&machines, host);
    }
    for index in 0..machines.places().len() {
        is_confined(&machines, index);
    }

    stops_a_master(&machines, &master);
    kills_what_restarts(&machines, &master);
    let host = restarts_an_outdated_replica(&mut machines, &spec, &master);
    restarts_a_sentinel_that_knows_others(&machines, host, &master);
    machines_go_and_come(&mut machines, &master);
    power_is_cut(&mut machines, &master);
}

/// A node that waits for the others ends at once.
fn stops_what_waits(machines: &Machines, master: &str) {
    let node = machines.called(master)[0];
    let sentinel = machines.sentinels()[0];
    machines.wait_for("it waits", 10 * SECOND, |machines| {
        [node, sentinel].iter().all(|&index| machines.log(index).contains("does=wait"))
    });
    let start = Instant::now();
    for index in [node, sentinel] {
        machines.unit("stop", index);
        assert_eq!(machines.main_pid(index), "0");
    }
    let stopped = start.elapsed();
    println!("two that waited: stopped after {stopped:?}");
    assert!(stopped < 5 * SECOND, "{stopped:?}\n{}", machines.logs());
    for index in [sentinel, node] {
        machines.unit("start", index);
    }
}

/// ExecStop hands over, while clients write.
fn stops_a_master(machines: &Machines, master: &str) {
    machines.wait_until_promotable(master);
    let old = machines.current(master);
    let writer = Writer::start(machines, master);
    thread::sleep(SECOND);
    machines.unit("stop", old);
    assert_eq!(machines.main_pid(old), "0");
    assert_ne!(machines.current(master), old);
    thread::sleep(SECOND);
    let written = writer.stop();
    assert!(machines.log(old).contains("stop: handed over"), "{}", machines.logs());
    let lost = count_lost(machines, machines.current(master), written.acknowledged);
    println!("stop: {lost} of {} lost, gap {:?}", written.acknowledged, written.longest_gap);
    assert_eq!(lost, 0);
    assert!(written.longest_gap <= 3 * SECOND, "{:?}", written.longest_gap);
    machines.unit("start", old);
    machines.wait_until_well(master);
    assert_ne!(machines.current(master), old);
}

/// The unit starts again what did not end by itself.
fn kills_what_restarts(machines: &Machines, master: &str) {
    machines.wait_until_promotable(master);
    let old = machines.current(master);
    let sentinel = machines.sentinels()[0];
    let writer = Writer::start(machines, master);
    thread::sleep(SECOND);
    for index in [old, sentinel] {
        let pid = machines.main_pid(index);
        machines.run(machines.places()[index].host, &["kill", "-KILL", &pid]);
        let again = machines.wait_for("another main process", 5 * SECOND, |machines| {
            !["0", &pid].contains(&machines.main_pid(index).as_str())
        });
        println!("{}: killed, started again after {again:?}", machines.places()[index].name);
    }
    let well = machines.wait_until_well(master);
    let written = writer.stop();
    let new = machines.current(master);
    let lost = count_lost(machines, new, written.acknowledged);
    println!(
        "kill: {lost} of {} lost, gap {:?}, well after {well:?}",
        written.acknowledged, written.longest_gap
    );
    assert_eq!(lost, 0);
    assert_ne!(new, old, "a master that was killed hands over as it starts");
}

/// install.sh names what runs with an older file, and only that. Returns the host.
fn restarts_an_outdated_replica(machines: &mut Machines, spec: &str, master: &str) -> usize {
    let current = machines.current(master);
    let replica = machines.called(master).into_iter().find(|&index| index != current).unwrap();
    let host = machines.places()[replica].host;
    let changed = spec.replace("    memory: 8Gi\n", "    memory: 8Gi\n    config: {hz: 17}\n");
    assert_ne!(changed, spec);
    machines.render(&changed);
    let said = machines.install(host);
    let outdated = format!("These run with what they read before: redis-{master}.service\n");
    assert!(said.contains(&outdated), "{said}");
    machines.unit("restart", replica);
    machines.wait_until_well(master);
    assert_eq!(machines.install(host), "nothing to do\n");
    assert_eq!(machines.ask(replica, "CONFIG GET hz").lines().last(), Some("17"));
    assert_eq!(machines.current(master), current);
    host
}

/// A changed list of members is for the Sentinels; to a data node only its own line matters.
fn restarts_a_sentinel_that_knows_others(machines: &Machines, host: usize, master: &str) {
    let lists =
        format!("/opt/tree/etc/redis/sentinel/members /opt/tree/etc/redis/{master}/members");
    let says = |edit: &str| {
        machines.run(host, &["sh", "-c", &format!("sed -i '{edit}' {lists}")]);
        machines.install(host)
    };
    let said = says("$ a sentinel redis-4 192.168.1.13 26379");
    assert!(said.contains("what they read before: redis-sentinel.service\n"), "{said}");
    let name = &machines.topology.hosts[host].name;
    let said = says(&format!("/^data .* {name} / s/ 6379/ 6380/"));
    let both = format!("what they read before: redis-sentinel.service redis-{master}.service\n");
    assert!(said.contains(&both), "{said}");
    says("/ redis-4 /d; s/ 6380/ 6379/");
    machines.unit("restart", machines.sentinels()[host]);
    machines.wait_until_well(master);
    assert_eq!(machines.install(host), "nothing to do\n");
}

/// With one machine off already, only the Sentinel of the machine that goes can make a majority for its own master.
fn machines_go_and_come(machines: &mut Machines, master: &str) {
    machines.wait_until_promotable(master);
    let places = machines.places();
    let nodes = machines.called(master);
    let old = machines.current(master);
    let mut replicas = nodes.iter().copied().filter(|&index| index != old);
    let (gone, new) = (replicas.next().unwrap(), replicas.next().unwrap());
    let hand_overs = |machines: &Machines| machines.log(old).matches("stop: handed over").count();
    let before = hand_overs(machines);
    let writer = Writer::start(machines, master);
    thread::sleep(SECOND);
    machines.power_off(places[gone].host);
    machines.power_off(places[old].host);
    let written = writer.stop();
    assert_eq!(hand_overs(machines), before + 1, "{}", machines.logs());
    assert!(machines.is_role(new, "master"), "{}", machines.logs());
    machines.boot(places[gone].host);
    machines.boot(places[old].host);
    let well = machines.wait_until_well(master);
    assert_eq!(machines.current(master), new);
    for index in nodes {
        assert_eq!(count_lost(machines, index, written.acknowledged), 0);
    }
    println!(
        "two of three machines off: 0 of {} lost; well {well:?} after they are back",
        written.acknowledged
    );
    assert!(written.acknowledged > 1000);
}

/// Nothing was told to stop, and all come back at once.
fn power_is_cut(machines: &mut Machines, master: &str) {
    let writer = Writer::start(machines, master);
    thread::sleep(SECOND);
    for host in 0..machines.topology.hosts.len() {
        machines.end(host);
    }
    let written = writer.stop();
    for host in 0..machines.topology.hosts.len() {
        machines.boot(host);
    }
    let well = machines.wait_until_well(master);
    let lost = count_lost(machines, machines.current(master), written.acknowledged);
    println!("power cut: {lost} of {} lost; well {well:?} after it is back", written.acknowledged);
    assert_eq!(lost, 0);
    assert!(written.acknowledged > 1000);
}

/// A process is of user redis and may not become more.
fn is_confined(machines: &Machines, index: usize) {
    let status = format!("/proc/{}/status", machines.main_pid(index));
    let status = machines.run(machines.places()[index].host, &["cat", &status]);
    let value = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|rest| rest.split_whitespace().next()).unwrap_or_default().to_string()
    };
    assert_eq!(value("Uid:"), "990");
    assert_eq!(value("NoNewPrivs:"), "1");
    assert!(machines.by_hand || value("CapBnd:").trim_matches('0').is_empty(), "{status}");
    assert!(machines.by_hand || value("Seccomp:") == "2", "{status}");
}

fn exporter_sees_its_host(machines: &Machines, host: usize) {
    let address = &machines.topology.hosts[host].address;
    for place in machines.places().iter().filter(|place| place.host == host) {
        let target = machines.announced(place);
        let url = format!("http://{address}:9121/scrape?target=redis://{target}");
        machines.wait_for(&format!("metrics of {}", place.name), PATIENCE, |machines| {
            let words = ["curl", "--silent", "--max-time", "5", &url];
            machines.run(host, &words).contains("\nredis_up 1\n")
        });
    }
}

/// The units have TLS, users and files for their logs, and two of them hand over at once.
#[test]
fn units_of_two_masters_log_to_files_and_hand_over_as_their_machine_goes() {
    let _alone = alone();
    let mut machines = Machines::new(&for_installed_engine("valkey"), false);
    for host in 0..machines.topology.hosts.len() {
        machines.install(host);
    }
    let masters: Vec<String> =
        machines.topology.masters.iter().map(|master| master.name.clone()).collect();
    for master in &masters {
        machines.wait_until_well(master);
    }
    let host = machines.places()[machines.current(&masters[0])].host;
    for name in masters.iter().map(String::as_str).chain(["sentinel"]) {
        let file = format!("/var/log/redis/{name}.log");
        let owner = machines.run(host, &["stat", "--format", "%U:%G %a", &file]);
        assert_eq!(owner, "redis:adm 640\n", "{file}");
    }
    let rotate = ["logrotate", "--force", "--state", "/tmp/state", "/etc/logrotate.d/redis"];
    assert_eq!(machines.run(host, &rotate), "");

    for master in &masters {
        machines.wait_until_promotable(master);
    }
    let old: Vec<usize> = masters.iter().map(|master| machines.current(master)).collect();
    assert!(old.iter().all(|&index| machines.places()[index].host == host));
    machines.power_off(host);
    for (master, &old) in masters.iter().zip(&old) {
        assert!(machines.log(old).contains("stop: handed over"), "{}", machines.logs());
        assert_ne!(machines.current(master), old);
        let log = machines.root(host).join(format!("var/log/redis/{master}.log"));
        let log = fs::read_to_string(log).unwrap();
        assert!(log.contains("bye bye"), "after it was rotated: {log}");
    }
    machines.boot(host);
    for (master, old) in masters.iter().zip(old) {
        machines.wait_until_well(master);
        assert_ne!(machines.current(master), old);
    }
}

/// What the tests start is gone when they end, also when they fail.
#[test]
fn nothing_is_left_of_machines_that_are_no_longer_needed() {
    let _alone = alone();
    let machines = Machines::new(&for_installed_engine("hosts"), false);
    let pids = machines.first_pids();
    drop(machines);
    for pid in pids {
        // Whoever is the parent of all has yet to read how it ended.
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        assert!(status.is_empty() || status.contains("State:\tZ"), "{status}");
    }
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    assert!(!mounts.contains("redis-1.example.internal"), "{mounts}");
}
