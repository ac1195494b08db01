//! install.sh a second time, with another spec, where nodes run and have lived through a failover.

use std::{collections::BTreeMap, thread, time::Duration};

use regex::Regex;

use crate::{
    machine::Machines,
    nodes::{Nodes, PATIENCE, Place},
    support::installed::for_installed_engine,
    writer::{Writer, count_lost},
};

/// Values of a live file by what stands before them.
type State = BTreeMap<&'static str, String>;

const MASTER: &str = "orders";
const ID: &str = "sentinel myid ";
const CONFIG_EPOCH: &str = "sentinel config-epoch orders ";
/// What Redis and Sentinel write themselves and have to find again.
const STATE: &[&str] = &[
    "replicaof ",
    "sentinel monitor orders ",
    "sentinel current-epoch ",
    "sentinel leader-epoch orders ",
    CONFIG_EPOCH,
    ID,
];
/// That long install.sh wants each process to be ready before the next one is restarted.
const PAUSE: Duration = Duration::from_secs(15);

#[test]
fn install_sh_run_again_after_a_failover_changes_the_configuration_and_keeps_the_state() {
    let spec = for_installed_engine("hosts");
    let first = changed(&spec, "{hz: 15, slowlog-max-len: 77}", "5000");
    let second = changed(&spec, "{hz: 17}", "6000");
    let mut machines = Machines::new(&first, true);
    for host in 0..machines.topology.hosts.len() {
        machines.install(host);
    }
    machines.wait_until_well(MASTER);
    assert_all(&machines, &[("hz", "15"), ("slowlog-max-len", "77")], "5000");
    for host in 0..machines.topology.hosts.len() {
        assert_eq!(machines.install(host), "nothing to do\n");
    }
    let written = fail_over(&machines);
    let master = machines.current(MASTER);
    assert!(!machines.is_seed(master), "another one than the spec's");

    let before = state(&machines);
    let sentinels = machines.sentinels();
    assert!(sentinels.iter().all(|&index| before[index].len() == 5), "{before:?}");
    assert!(sentinels.iter().all(|&index| before[index][CONFIG_EPOCH] != "0"), "{before:?}");
    assert_eq!(before.iter().filter(|state| state.contains_key("replicaof ")).count(), 2);
    machines.render(&second);
    let said: Vec<String> =
        (0..machines.topology.hosts.len()).map(|host| machines.install(host)).collect();
    for said in &said {
        assert!(said.contains("writes /etc/redis/orders/redis.conf\n"), "{said}");
        assert!(said.contains("writes /etc/redis/sentinel/sentinel.conf\n"), "{said}");
        let outdated = "what they read before: redis-sentinel.service redis-orders.service\n";
        assert!(said.contains(outdated), "{said}");
    }
    assert_eq!(state(&machines), before, "it touches nothing that Redis and Sentinel keep");
    assert_eq!(machines.current(MASTER), master);
    assert_all(&machines, &[("hz", "15"), ("slowlog-max-len", "77")], "5000");

    let order = order(&said[0], &machines, master);
    assert_eq!(order.len(), machines.places().len());
    for &index in &order {
        assert_eq!(machines.current(MASTER), master, "until its own turn, the last one");
        machines.unit("restart", index);
        machines.wait_for("it is ready", PATIENCE, |machines| machines.script(index, "ready.sh"));
        thread::sleep(PAUSE);
    }
    machines.wait_until_well(MASTER);
    assert!(machines.log(master).trim_end().contains("stop: handed over"), "{}", machines.logs());
    assert_ne!(machines.current(MASTER), master, "one hand-over, as it stopped");
    assert_all(&machines, &[("hz", "17"), ("slowlog-max-len", "128")], "6000");
    is_continued(&before, &state(&machines));
    for index in machines.called(MASTER) {
        assert_eq!(count_lost(&machines, index, written), 0);
    }
    for host in 0..machines.topology.hosts.len() {
        assert_eq!(machines.install(host), "nothing to do\n");
    }
}

/// The example with these directives and this patience.
fn changed(spec: &str, config: &str, down_after: &str) -> String {
    let memory = "    memory: 8Gi\n";
    assert!(spec.contains(memory) && spec.contains("downAfterMilliseconds: 5000"));
    spec.replace(memory, &format!("{memory}    config: {config}\n"))
        .replace("downAfterMilliseconds: 5000", &format!("downAfterMilliseconds: {down_after}"))
        .replace("failoverTimeoutMilliseconds: 10000", "failoverTimeoutMilliseconds: 12000")
}

/// Stops the master and starts it again; returns how many keys there are.
fn fail_over(machines: &Machines) -> usize {
    machines.wait_until_promotable(MASTER);
    let old = machines.current(MASTER);
    let writer = Writer::start(machines, MASTER);
    thread::sleep(Duration::from_secs(1));
    machines.unit("stop", old);
    thread::sleep(Duration::from_secs(1));
    let written = writer.stop();
    machines.unit("start", old);
    machines.wait_until_well(MASTER);
    assert_ne!(machines.current(MASTER), old);
    assert!(written.acknowledged > 1000, "{}", written.acknowledged);
    written.acknowledged
}

/// What the volume of each process holds besides configuration.
fn state(machines: &Machines) -> Vec<State> {
    let state = |place: Place| {
        let kind = if place.name == "sentinel" { "sentinel" } else { "redis" };
        let file = format!("/var/lib/redis/{}/live/{kind}.conf", place.name);
        let live = machines.run(place.host, &["cat", &file]);
        let value = |name: &&'static str| {
            let value = live.lines().find_map(|line| line.strip_prefix(*name))?;
            Some((*name, value.to_string()))
        };
        STATE.iter().filter_map(value).collect()
    };
    machines.places().into_iter().map(state).collect()
}

/// One failover later: no epoch is lower, and nobody is new.
fn is_continued(before: &[State], after: &[State]) {
    for (before, after) in before.iter().zip(after) {
        assert_eq!(before.get(ID), after.get(ID));
        for (name, value) in before.iter().filter(|(name, _)| name.contains("epoch")) {
            let [was, is] = [value, &after[name]].map(|value| value.parse::<u32>().unwrap());
            assert!(is >= was, "{name} {was} became {is}");
            assert!(*name != CONFIG_EPOCH || is == was + 1, "{name} {was} became {is}");
        }
    }
}

/// The processes in the order that install.sh prints.
fn order(said: &str, machines: &Machines, master: usize) -> Vec<usize> {
    let line = Regex::new(r"(?m)^  \d\. systemctl restart redis-(\S+) on (.*)$").unwrap();
    let step = |found: regex::Captures| match (&found[1], &found[2]) {
        ("sentinel", "each host") => machines.sentinels(),
        ("MASTER", "the hosts of its replicas") => {
            machines.called(MASTER).into_iter().filter(|&index| index != master).collect()
        }
        ("MASTER", at) if at.starts_with("the host of its master") => vec![master],
        other => panic!("{other:?}"),
    };
    line.captures_iter(said).flat_map(step).collect()
}

/// Every data node and every Sentinel runs with these values.
fn assert_all(machines: &Machines, directives: &[(&str, &str)], down_after: &str) {
    for index in machines.called(MASTER) {
        for (name, value) in directives {
            let said = machines.ask(index, &format!("CONFIG GET {name}"));
            assert!(said.ends_with(&format!("{name}\n{value}\n")), "{said}");
        }
    }
    for index in machines.sentinels() {
        let said = machines.ask(index, &format!("SENTINEL MASTER {MASTER}"));
        assert!(said.contains(&format!("\ndown-after-milliseconds\n{down_after}\n")), "{said}");
    }
}
