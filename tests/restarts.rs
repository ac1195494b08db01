//! What is said about a change on hosts is what happens to real processes: who restarts, whether the master moves, and what holds then.

mod support;

#[path = "hosts/expected.rs"]
mod expected;
#[path = "hosts/machine.rs"]
#[expect(dead_code, reason = "only hosts.rs turns a machine off")]
mod machine;
#[path = "hosts/nodes.rs"]
#[expect(
    dead_code,
    reason = "only hosts.rs and observed.rs write to nodes and wait for promotable ones"
)]
mod nodes;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use expected::under;
use machine::Machines;
use nodes::{Nodes, PATIENCE, places};
use redisforge::impact::{self, Effect, FileChange, Impact, Scope};
use support::{installed::for_installed_engine, render, topology};

const MASTER: &str = "orders";
/// That long install.sh wants each process to be ready before the next one is restarted.
const PAUSE: Duration = Duration::from_secs(15);
const REDIS: u32 = 990;

#[test]
fn what_is_called_none_restarts_nobody_and_what_is_called_rolling_only_sentinels() {
    let first = for_installed_engine("hosts");
    let mut machines = started(&first);

    let second = edited(
        &first,
        "  logging:",
        "  monitoring: {alerts: {thresholds: {memoryUsedPercent: 75}}}\n  logging:",
    );
    let effects = effects(&first, &second);
    assert_eq!(worst(&effects), Impact::None);
    machines.render(&second);
    let said = apply(&machines, &effects);
    assert!(said.iter().all(|said| said == "nothing to do\n"), "{said:?}");
    let rules = render(&second).into_iter().find(|file| file.path == "monitoring/rules.yaml");
    assert!(rules.unwrap().content.contains("75"), "the rules have the new value");

    let third = edited(&second, "parallelSyncs: 2", "parallelSyncs: 1");
    let effects = self::effects(&second, &third);
    assert_eq!(worst(&effects), Impact::Rolling);
    assert!(
        effects
            .iter()
            .all(|effect| { effect.impact < Impact::Rolling || effect.scope == Scope::Sentinels })
    );
    assert_sentinels(&machines, "2");
    machines.render(&third);
    apply(&machines, &effects);
    assert_sentinels(&machines, "1");

    a_runbook_copies_everything(&machines, &third);
}

#[test]
fn what_is_called_live_restarts_nobody_and_what_is_called_failover_moves_the_master() {
    let first = for_installed_engine("hosts");
    let mut machines = started(&first);

    let second = edited(&first, "secrets/chat-url", "secrets/room-url");
    let effects = effects(&first, &second);
    assert_eq!(worst(&effects), Impact::Live);
    let receiver = Receiver::start(&machines);
    for host in 0..machines.topology.hosts.len() {
        secret(&machines, host, "/etc/redis/secrets/room-url", &receiver.url);
    }
    machines.render(&second);
    apply(&machines, &effects);

    let third = edited(&second, "    memory: 8Gi\n", "    memory: 8Gi\n    config: {hz: 17}\n");
    let effects = self::effects(&second, &third);
    assert_eq!(worst(&effects), Impact::Failover);
    let hz = |machines: &Machines, value: &str| {
        for index in machines.called(MASTER) {
            let said = machines.ask(index, "CONFIG GET hz");
            assert!(said.ends_with(&format!("hz\n{value}\n")), "{said}");
        }
    };
    hz(&machines, "10");
    machines.render(&third);
    apply(&machines, &effects);
    hz(&machines, "17");
    let posted = receiver.posted();
    assert!(posted.starts_with("POST "), "{posted}\n{}", machines.logs());
    assert!(
        posted.contains(MASTER),
        "Sentinels that never restarted tell the new receiver: {posted}"
    );
}

/// The set of a spec, installed and running.
fn started(spec: &str) -> Machines {
    let machines = Machines::new(spec, true);
    thread::scope(|scope| {
        for host in 0..machines.topology.hosts.len() {
            let machines = &machines;
            scope.spawn(move || machines.install(host));
        }
    });
    machines.wait_until_well(MASTER);
    assert!(machines.is_seed(machines.current(MASTER)));
    machines
}

fn edited(spec: &str, from: &str, to: &str) -> String {
    assert_eq!(spec.matches(from).count(), 1, "{from}");
    spec.replace(from, to)
}

/// What is said about a change of the spec.
fn effects(before: &str, after: &str) -> Vec<Effect> {
    let files = |spec: &str| -> BTreeMap<String, String> {
        render(spec).into_iter().map(|file| (file.path, file.content)).collect()
    };
    let (old, new) = (files(before), files(after));
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |path: &String| FileChange {
        path: path.clone(),
        before: old.get(path).cloned(),
        after: new.get(path).cloned(),
    };
    let changes: Vec<FileChange> = paths.into_iter().map(change).collect();
    impact::effects(&changes, Some(&topology(after)))
}

fn worst(effects: &[Effect]) -> Impact {
    effects[0].impact
}

/// Runs install.sh on every host, whose words it returns, and does what it says: what restarts and moves then is what was said.
fn apply(machines: &Machines, effects: &[Effect]) -> Vec<String> {
    let (before, master) = (runs(machines), machines.current(MASTER));
    let hosts = 0..machines.topology.hosts.len();
    let said: Vec<String> = hosts.clone().map(|host| machines.install(host)).collect();
    assert_eq!(runs(machines), before, "install.sh restarts nothing");
    let order = order(machines, &said, master);
    for (done, &index) in order.iter().enumerate() {
        if done > 0 {
            thread::sleep(PAUSE);
        }
        machines.unit("restart", index);
        machines.wait_for("it is ready", PATIENCE, |set| set.script(index, "ready.sh"));
    }
    machines.wait_until_well(MASTER);
    let after = runs(machines);
    let restarted: BTreeSet<String> = (0..before.len())
        .filter(|&index| {
            let (was, is) = (&before[index], &after[index]);
            assert_eq!(was.0 == is.0, was.1 == is.1, "{was:?} {is:?}");
            was != is
        })
        .map(|index| called(machines, index))
        .collect();
    let expected: BTreeSet<String> = effects
        .iter()
        .filter(|effect| effect.impact >= Impact::Rolling)
        .filter_map(|effect| effect.object.clone())
        .collect();
    assert_eq!(restarted, expected, "who restarts is who was named");
    let has_moved = machines.current(MASTER) != master;
    assert_eq!(has_moved, worst(effects) >= Impact::Failover, "{}", machines.logs());
    for host in hosts.filter(|_| !order.is_empty()) {
        assert_eq!(machines.install(host), "nothing to do\n");
    }
    said
}

/// What each process is known by: its number, and what the server calls its own run.
fn runs(machines: &Machines) -> Vec<(String, String)> {
    let run = |index: usize| {
        let info = machines.ask(index, "INFO server");
        let own = info.lines().find_map(|line| line.strip_prefix("run_id:")).map(Into::into);
        (machines.main_pid(index), own.unwrap_or_else(|| panic!("{info}\n{}", machines.logs())))
    };
    (0..machines.places().len()).map(run).collect()
}

/// As effects name a process.
fn called(machines: &Machines, index: usize) -> String {
    let place = &places(&machines.topology)[index];
    format!("redis-{} on {}", place.name, machines.topology.hosts[place.host].name)
}

/// The processes that install.sh names for a restart, in the order that it says: Sentinels, replicas, the master.
fn order(machines: &Machines, said: &[String], master: usize) -> Vec<usize> {
    let is_named = |index: &usize| {
        let place = &machines.places()[*index];
        let line = said[place.host].lines().find(|line| line.starts_with("These run with"));
        line.is_some_and(|line| line.contains(&format!(" redis-{}.service", place.name)))
    };
    let replicas = machines.called(MASTER).into_iter().filter(|&index| index != master);
    let all = machines.sentinels().into_iter().chain(replicas).chain([master]);
    let order: Vec<usize> = all.filter(is_named).collect();
    if !order.is_empty() {
        let words = said.concat();
        let at = |text: &str| words.find(text).unwrap_or_else(|| panic!("{text} in {words}"));
        assert!(at("1. systemctl restart redis-sentinel") < at("on the hosts of its replicas"));
        assert!(at("on the hosts of its replicas") < at("on the host of its master"));
        assert!(words.contains("the next one 15 s after"), "{words}");
    }
    order
}

fn assert_sentinels(machines: &Machines, value: &str) {
    for index in machines.sentinels() {
        let said = machines.ask(index, &format!("SENTINEL MASTER {MASTER}"));
        assert!(said.contains(&format!("\nparallel-syncs\n{value}\n")), "{said}");
    }
}

/// What `--runbook` prints before data is lost, done on the host that it names.
fn a_runbook_copies_everything(machines: &Machines, spec: &str) {
    let master = machines.current(MASTER);
    assert!(machines.ask(master, "SET kept safely").contains("OK"));
    let after = edited(spec, "{type: AOFAndRDB}", "{type: None, cacheOnly: true}");
    let effects = effects(spec, &after);
    assert_eq!(worst(&effects), Impact::DataLoss);
    let own = called(machines, master);
    let lost = effects.iter().find(|effect| effect.object.as_ref() == Some(&own)).unwrap();
    let place = &machines.places()[master];
    let runbook = format!("cd /tmp\n{}\n", lost.runbook.join("\n"));
    assert!(runbook.contains(&format!("# on {}\n", machines.topology.hosts[place.host].name)));
    machines.run(place.host, &["sh", "-euc", &runbook]);
    let copy = format!("/tmp/{MASTER}.rdb");
    let said = machines.run(place.host, &["redis-check-rdb", &copy]);
    assert!(said.contains("RDB looks OK"), "{said}");
    assert!(said.contains("1 keys read"), "{said}");
}

/// A secret that somebody puts on a host.
fn secret(machines: &Machines, host: usize, path: &str, value: &str) {
    let file = under(&machines.root(host), path);
    fs::write(&file, value).unwrap();
    chown(&file, Some(0), Some(REDIS)).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
}

/// Somebody in the network of the machines who takes one notification.
struct Receiver {
    child: Child,
    url: String,
}

impl Receiver {
    fn start(machines: &Machines) -> Self {
        let network = machines.first_pids().pop().unwrap();
        let address = &machines.topology.hosts[0].address;
        let url = format!("http://{}.250:8099/", address.rsplit_once('.').unwrap().0);
        let script = "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n' | timeout 120 busybox nc -l -p 8099";
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "nsenter", &format!("--net=/proc/{network}/ns/net")])
            .args(["sh", "-c", script])
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, url }
    }

    /// The request, as it came.
    fn posted(mut self) -> String {
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let _ = self.child.wait();
        text
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}
