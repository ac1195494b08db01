//! Sentinels that tell real Alertmanagers.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    cluster::Cluster,
    nodes::{Nodes, PATIENCE},
    programs::{Running, free_port, get, until},
    set::Set,
    support::installed::for_installed_engine,
};

/// An Alertmanager, and what it tells its receiver.
struct Alertmanager {
    _server: Running,
    url: String,
    told: Receiver<Value>,
    _scratch: TempDir,
}

impl Alertmanager {
    fn start() -> Self {
        let scratch = TempDir::new().unwrap();
        let (sender, told) = channel();
        let hook = receive(sender);
        let config = serde_json::json!({
            // Each alert by itself, at once, and again only when it has changed.
            "route": {
                "receiver": "test", "group_by": ["..."],
                "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h",
            },
            "receivers": [{ "name": "test", "webhook_configs": [{ "url": hook, "send_resolved": true }] }],
        });
        let file = scratch.path().join("alertmanager.yaml");
        fs::write(&file, config.to_string()).unwrap();
        let port = free_port();
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.path={}", scratch.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=");
        let log = scratch.path().join("log");
        let server = Running::start(&mut command, &log);
        let url = format!("http://127.0.0.1:{port}");
        until("Alertmanager is ready", 20, || {
            let is_ready = get(&format!("{url}/-/ready"), &[]).contains("OK");
            (!is_ready).then(|| fs::read_to_string(&log).unwrap())
        });
        Self { _server: server, url, told, _scratch: scratch }
    }

    /// Everything that was told within some seconds: status, event, name of the master, instance.
    fn tells(&self, seconds: u64) -> Vec<Told> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let mut all = Vec::new();
        while let Ok(message) =
            self.told.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            for alert in message["alerts"].as_array().unwrap() {
                let label = |name: &str| alert["labels"][name].as_str().unwrap().to_string();
                assert_eq!(label("alertname"), "RedisSentinelEvent");
                assert_eq!(label("topology"), "orders");
                all.push(Told {
                    status: alert["status"].as_str().unwrap().into(),
                    event: label("event"),
                    master: label("master"),
                    instance: label("instance"),
                });
            }
        }
        all
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Told {
    status: String,
    event: String,
    master: String,
    instance: String,
}

/// Takes what an Alertmanager posts, and returns where it has to post it.
fn receive(sender: Sender<Value>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            if let Some(message) = take(stream.unwrap())
                && sender.send(message).is_err()
            {
                return;
            }
        }
    });
    url
}

fn take(mut stream: TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok()?;
        bytes.extend_from_slice(&buffer[..count]);
        let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| &bytes[at + 4..]);
        if let Some(message) = body.and_then(|body| serde_json::from_slice(body).ok()) {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).ok()?;
            return Some(message);
        }
        if count == 0 {
            return None;
        }
    }
}

/// Where nobody ever answers, though somebody listens; as long as it is held.
fn hanging() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn sentinel_directory(cluster: &Cluster, host: usize) -> PathBuf {
    cluster.root(host).join("etc/redis/sentinel")
}

/// Lets an event that is over at once show for five seconds instead of five minutes.
fn hurry(cluster: &Cluster) {
    for host in 0..cluster.topology.hosts.len() {
        replace(&sentinel_directory(cluster, host).join("notify.sh"), "short=300", "short=5");
    }
}

fn replace(file: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(old), "{old} in {text}");
    fs::write(file, text.replace(old, new)).unwrap();
}

/// A spec whose Sentinels tell these.
fn telling(urls: &[&str]) -> String {
    let spec = for_installed_engine("hosts");
    let list: Vec<String> = urls.iter().map(|url| format!("{url:?}")).collect();
    let written = r#"["http://192.168.1.20:9093"]"#;
    assert!(spec.contains(written));
    spec.replace(written, &format!("[{}]", list.join(", ")))
}

/// Kills the master and says how long it takes until most Sentinels name another.
fn fail_over(set: &mut Set) -> (usize, Duration) {
    set.cluster.wait_until_promotable("orders");
    let old = set.cluster.current("orders");
    set.cluster.kill(old);
    let took = set.cluster.wait_for("a new master", PATIENCE, |cluster| {
        cluster.majority("orders").is_some_and(|new| new != old)
    });
    (old, took)
}

/// What an Alertmanager must have been told of one failover, once each: the two events, and that both are over.
fn tells_of_one_failover(told: &[Told], old: &str, new: &str) {
    let count = |status: &str, event: &str, instance: &str| {
        let is_it =
            |told: &&Told| told.status == status && told.event == event && told.master == "orders";
        let instances: Vec<&str> =
            told.iter().filter(is_it).map(|told| told.instance.as_str()).collect();
        assert_eq!(instances, [instance], "{status} {event}: {told:#?}");
    };
    for status in ["firing", "resolved"] {
        count(status, "+switch-master", old);
        count(status, "+odown", old);
    }
    assert_ne!(old, new);
}

#[test]
fn each_switch_arrives_once_at_every_alertmanager_and_a_hanging_one_delays_nothing() {
    let _alone = crate::nodes::alone();
    let (first, second) = (Alertmanager::start(), Alertmanager::start());
    let (_held, hanging) = hanging();
    let dead = format!("http://127.0.0.1:{}", free_port());
    let mut set = Set::start_changed(&telling(&[&first.url]), hurry);
    let address = |set: &Set, index: usize| set.cluster.announced(&set.cluster.places()[index]);

    let (old, healthy) = fail_over(&mut set);
    let new = set.cluster.current("orders");
    let told = first.tells(20);
    tells_of_one_failover(&told, &address(&set, old), &address(&set, new));
    set.cluster.start(old);
    set.cluster.wait_until_well("orders");
    first.tells(5);

    // The scripts read their settings each time, so the next events go to all four.
    for host in 0..set.cluster.topology.hosts.len() {
        let settings = sentinel_directory(&set.cluster, host).join("settings");
        let all = format!("{} {} {hanging} {dead}", first.url, second.url);
        replace(&settings, &format!("'{}'", first.url), &format!("'{all}'"));
    }
    let (old, hindered) = fail_over(&mut set);
    let new = set.cluster.current("orders");
    for told in [first.tells(25), second.tells(1)] {
        tells_of_one_failover(&told, &address(&set, old), &address(&set, new));
    }
    // A post to the hanging one ends after 5 s, and two events come before the switch: had Sentinel waited, it were 10 s more.
    let down_after = set.cluster.topology.masters[0].watch.down_after_milliseconds;
    let limit = Duration::from_millis(down_after.into()) + Duration::from_secs(8);
    assert!(hindered < limit, "{healthy:?} with good ones, {hindered:?} with a hanging one");
    println!(
        "a new master after {healthy:?} with good Alertmanagers, {hindered:?} with a hanging and a dead one"
    );
}

/// Names that no spec may have, but a Sentinel can.
const NAMES: [&str; 3] = ["or\"d\\ers", "bestellungen-ü", "a$(id)`b`*"];

#[test]
fn an_event_arrives_whatever_the_master_is_called() {
    let alertmanager = Alertmanager::start();
    let cluster = Cluster::new(&telling(&[&alertmanager.url]));
    let scratch = TempDir::new().unwrap();
    let (data, port) = (free_port(), free_port());
    let start = |name: &str, words: &[&str], config: String| {
        let file = scratch.path().join(name);
        fs::write(&file, config).unwrap();
        let mut command = Command::new("redis-server");
        command.arg(&file).args(words).current_dir(scratch.path());
        Running::start(&mut command, &scratch.path().join(format!("{name}.log")))
    };
    let master = start("redis.conf", &[], format!("port {data}\nbind 127.0.0.1\nsave \"\"\n"));
    let script = sentinel_directory(&cluster, 0).join("notify.sh");
    let watched = |name: &&str| {
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        format!(
            "sentinel monitor \"{name}\" 127.0.0.1 {data} 1\nsentinel down-after-milliseconds \"{name}\" 1000\n\
             sentinel notification-script \"{name}\" {}\n",
            script.display()
        )
    };
    let lines: String = NAMES.iter().map(watched).collect();
    let config = format!("port {port}\nbind 127.0.0.1\n{lines}");
    let _sentinel = start("sentinel.conf", &["--sentinel"], config);
    until("Sentinel watches", 10, || {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &port.to_string(), "INFO", "sentinel"]);
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        (said.matches("status=ok").count() != NAMES.len()).then_some(said)
    });
    drop(master);
    let told = alertmanager.tells(8);
    for name in NAMES {
        let events: Vec<&Told> =
            told.iter().filter(|told| told.master == name && told.event == "+odown").collect();
        assert_eq!(events.len(), 1, "{name}: {told:#?}");
        assert_eq!(events[0].instance, format!("127.0.0.1:{data}"));
    }
}
