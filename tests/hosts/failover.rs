//! Trees in operation: first start, a killed master, a planned stop under a writer.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use regex::Regex;

use crate::{cluster::Cluster, exporter, support::root, trees::run};

const PATIENCE: Duration = Duration::from_secs(90);
/// Users that are redisforge's own.
const OUR_USERS: &[&str] = &["default", "replication", "sentinel", "exporter", "node"];

#[test]
fn the_classic_three_hosts_survive_a_killed_master_and_lose_nothing_on_a_planned_stop() {
    survive("hosts");
}

#[test]
fn hosts_with_users_and_certificates_survive_a_killed_master_and_lose_nothing_on_a_planned_stop() {
    survive("valkey");
}

fn survive(example: &str) {
    let mut cluster = Cluster::new(&for_installed_engine(example));
    for index in 0..cluster.processes.len() {
        cluster.start(index);
    }
    let master = cluster.topology.masters[0].name.clone();
    wait_until_well(&cluster, &master);
    let is_named = cluster.topology.network.announce_hostnames;
    assert_eq!(is_named, example == "hosts", "one example is known by name, the other by address");

    let old = current(&cluster, &master);
    exporter::sees_every_process(&cluster);
    assert!(is_seed(&cluster, old), "the first master is the one of the spec");
    let limit =
        Duration::from_millis(cluster.topology.masters[0].watch.down_after_milliseconds.into());
    cluster.kill(old);
    let elected = cluster.wait_for("a new master", limit + Duration::from_secs(3), |cluster| {
        majority(cluster, &master).is_some_and(|new| new != old)
    });
    let new = current(&cluster, &master);
    cluster
        .wait_for("it serves", Duration::from_secs(2), |cluster| is_role(cluster, new, "master"));
    cluster.start(old);
    let rejoined = cluster.wait_for("the old master is a replica", PATIENCE, |cluster| {
        is_role(cluster, old, "slave")
    });
    wait_until_well(&cluster, &master);
    assert_eq!(current(&cluster, &master), new);

    // A Sentinel asks for priorities every 10 s; until then it takes the replica that just came back for none.
    thread::sleep(Duration::from_secs(15));
    let stopped = current(&cluster, &master);
    let writer = Writer::start(&cluster, &master);
    thread::sleep(Duration::from_secs(2));
    let said = cluster.stop(stopped);
    assert!(said.contains("handed over"), "{said}\n{}", cluster.logs());
    thread::sleep(Duration::from_secs(2));
    let written = writer.stop();
    let now = majority(&cluster, &master).unwrap();
    assert_ne!(now, stopped);
    assert_eq!(count_lost(&cluster, now, written.acknowledged), 0);
    assert!(written.acknowledged > 1000, "{} writes", written.acknowledged);
    assert!(written.longest_gap <= Duration::from_secs(3), "{:?}", written.longest_gap);
    cluster.start(stopped);
    wait_until_well(&cluster, &master);
    println!(
        "{example}: elected after {elected:?}, rejoined after {rejoined:?}; planned stop: {} writes, 0 lost, gap {:?}",
        written.acknowledged, written.longest_gap
    );
}

/// The text of an example, for the server that is installed.
fn for_installed_engine(example: &str) -> String {
    let text = fs::read_to_string(root().join(format!("examples/{example}.yaml"))).unwrap();
    let said = run(Command::new("redis-server").arg("--version"));
    let said = String::from_utf8(said.stdout).unwrap();
    let version = said.split("v=").nth(1).unwrap().split('.').take(2).collect::<Vec<_>>().join(".");
    let engine = Regex::new(r"engine: \{[^}]*\}").unwrap();
    assert_eq!(engine.find_iter(&text).count(), 1);
    let installed = format!("engine: {{type: Redis, version: \"{version}\"}}");
    engine.replace(&text, installed).into_owned()
}

/// One master, every replica with its link up and complete, every Sentinel of one mind and ready.
fn wait_until_well(cluster: &Cluster, master: &str) {
    let expected = format!(
        ",slaves={},sentinels={}",
        cluster.topology.masters[0].replicas,
        sentinels(cluster).len()
    );
    cluster.wait_for("all is well", PATIENCE, |cluster| {
        let views: Vec<String> =
            sentinels(cluster).iter().map(|&index| view(cluster, index, master)).collect();
        views.iter().all(|view| {
            view == &views[0] && view.contains("status=ok") && view.ends_with(&expected)
        }) && (0..cluster.processes.len()).all(|index| cluster.script(index, "ready.sh"))
    });
}

fn sentinels(cluster: &Cluster) -> Vec<usize> {
    (0..cluster.processes.len())
        .filter(|&index| cluster.processes[index].name == "sentinel")
        .collect()
}

/// The line of a Sentinel about a master.
fn view(cluster: &Cluster, sentinel: usize, master: &str) -> String {
    let info = cluster.ask(sentinel, "INFO sentinel");
    let wanted = format!(":name={master},");
    info.lines()
        .find(|line| line.contains(&wanted))
        .and_then(|line| line.split_once(':'))
        .unwrap_or_default()
        .1
        .into()
}

/// The node that a majority of Sentinels names.
fn majority(cluster: &Cluster, master: &str) -> Option<usize> {
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for sentinel in sentinels(cluster) {
        let view = view(cluster, sentinel, master);
        let named = cluster.processes.iter().position(|process| {
            let address = cluster.announced(process);
            process.name == master && view.contains(&format!("address={address},"))
        });
        if let Some(index) = named {
            *votes.entry(index).or_default() += 1;
        }
    }
    votes
        .into_iter()
        .find(|(_, count)| *count > sentinels(cluster).len() / 2)
        .map(|(index, _)| index)
}

fn current(cluster: &Cluster, master: &str) -> usize {
    majority(cluster, master).unwrap_or_else(|| panic!("no master\n{}", cluster.logs()))
}

fn is_seed(cluster: &Cluster, index: usize) -> bool {
    let name = &cluster.topology.hosts[cluster.processes[index].host].name;
    cluster.topology.masters[0].nodes.iter().any(|node| node.seed && node.name == *name)
}

fn is_role(cluster: &Cluster, index: usize, role: &str) -> bool {
    let info = cluster.ask(index, "INFO replication");
    info.contains(&format!("role:{role}\n"))
        && (role == "master" || info.contains("master_link_status:up\n"))
}

/// Numbers of keys among the first so many that a node lacks.
fn count_lost(cluster: &Cluster, index: usize, acknowledged: usize) -> usize {
    let keys: Vec<String> = (0..acknowledged).map(|number| format!("key:{number}")).collect();
    let questions: Vec<String> =
        keys.chunks(500).map(|keys| format!("EXISTS {}", keys.join(" "))).collect();
    let mut client = Command::new(cluster.topology.engine.cli)
        .args(cluster.connection(&cluster.processes[index]))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    write!(
        client.stdin.take().unwrap(),
        "{}\n{}\n",
        login_of_client(cluster),
        questions.join("\n")
    )
    .unwrap();
    let said = String::from_utf8(client.wait_with_output().unwrap().stdout).unwrap();
    acknowledged - said.lines().filter_map(|line| line.trim().parse::<usize>().ok()).sum::<usize>()
}

fn login_of_client(cluster: &Cluster) -> String {
    let auth = cluster.topology.auth.as_ref().unwrap();
    match auth.users.iter().find(|user| !OUR_USERS.contains(&user.name.as_str())) {
        Some(user) => format!("AUTH {} {}", user.name, cluster.secret(user.file.as_ref().unwrap())),
        None => format!("AUTH {}", cluster.secret(&auth.password_file)),
    }
}

/// A client that writes one key after the other, each until it is acknowledged.
struct Writer {
    ends: Arc<AtomicBool>,
    thread: JoinHandle<Written>,
}

struct Written {
    acknowledged: usize,
    longest_gap: Duration,
}

impl Writer {
    fn start(cluster: &Cluster, master: &str) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let nodes = cluster.processes.iter().filter(|process| process.name == master);
        let nodes: Vec<Vec<String>> = nodes.map(|process| cluster.connection(process)).collect();
        let (cli, login, flag) =
            (cluster.topology.engine.cli, login_of_client(cluster), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            let mut written = Written { acknowledged: 0, longest_gap: Duration::ZERO };
            let mut last = Instant::now();
            // Whoever is not the master refuses, so the nodes are tried in turn.
            for node in nodes.iter().cycle() {
                write_to(node, cli, &login, &flag, &mut written, &mut last);
                if flag.load(Ordering::Relaxed) {
                    break;
                }
                thread::sleep(Duration::from_millis(20));
            }
            written
        });
        Self { ends, thread }
    }

    fn stop(self) -> Written {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Writes to one node until it refuses or it is time to end.
fn write_to(
    node: &[String],
    cli: &str,
    login: &str,
    ends: &AtomicBool,
    written: &mut Written,
    last: &mut Instant,
) {
    let mut client = Command::new("timeout")
        .args(["60", "sh", "-c", "exec \"$@\" 2>&1", "sh", cli])
        .args(node)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    let mut replies = BufReader::new(client.stdout.take().unwrap()).lines();
    let mut is_ok = |line: String| {
        writeln!(input, "{line}").is_ok()
            && matches!(replies.next(), Some(Ok(reply)) if reply.trim() == "OK")
    };
    if is_ok(login.to_string()) {
        while !ends.load(Ordering::Relaxed)
            && is_ok(format!("SET key:{} value", written.acknowledged))
        {
            written.acknowledged += 1;
            written.longest_gap = written.longest_gap.max(last.elapsed());
            *last = Instant::now();
        }
    }
    let _ = client.kill();
    let _ = client.wait();
}
