//! Clients of the set: the test's own questions, and an application that writes through Sentinel all the time.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use redis::{
    Client, Connection, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo, RedisResult,
};

use crate::set::{MASTER, PASSWORD_FILE, Set};

const CALL: Duration = Duration::from_millis(700);
/// Ten small writes a second: far less than what the backlog holds.
const PAUSE: Duration = Duration::from_millis(100);
/// Keys of the application, which writes them over and over.
const KEYS: usize = 500;

/// A client with a password, which knows where a process is.
#[derive(Clone)]
pub struct Address {
    host: String,
    port: u16,
    password: String,
}

impl Address {
    pub fn open(&self) -> RedisResult<Connection> {
        let login = RedisConnectionInfo::default()
            .set_skip_set_lib_name()
            .set_password(self.password.clone());
        let info = ConnectionAddr::Tcp(self.host.clone(), self.port).into_connection_info()?;
        let client = Client::open(info.set_redis_settings(login))?;
        let connection = client.get_connection_with_timeout(CALL)?;
        connection.set_read_timeout(Some(CALL))?;
        connection.set_write_timeout(Some(CALL))?;
        Ok(connection)
    }

    pub fn with_password(&self, password: &str) -> Self {
        Self { password: password.into(), ..self.clone() }
    }

    pub fn socket(&self) -> (String, u16) {
        (self.host.clone(), self.port)
    }
}

fn command(words: &[&str]) -> redis::Cmd {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command
}

impl Set {
    pub fn password(&self) -> &str {
        self.lab.passwords.of(PASSWORD_FILE)
    }

    pub fn address(&self, index: usize) -> Address {
        let place = &self.lab.processes[index].place;
        Address {
            host: self.lab.machines[place.machine].address.to_string(),
            port: u16::try_from(place.port).unwrap(),
            password: self.password().into(),
        }
    }

    /// The announced name and the port of a process.
    pub fn announced(&self, index: usize) -> (String, String) {
        let place = &self.lab.processes[index].place;
        (place.host.clone(), place.port.to_string())
    }

    pub fn ask<T: redis::FromRedisValue>(&self, index: usize, words: &[&str]) -> RedisResult<T> {
        command(words).query(&mut self.address(index).open()?)
    }

    /// Orders that must be obeyed.
    pub fn order(&self, index: usize, words: &[&str]) {
        let answer: RedisResult<redis::Value> = self.ask(index, words);
        answer.unwrap_or_else(|error| panic!("{words:?} on {index}: {error}"));
    }

    pub fn info(&self, index: usize) -> Option<HashMap<String, String>> {
        let text: String = self.ask(index, &["INFO"]).ok()?;
        let fields = text.lines().filter_map(|line| line.trim_end().split_once(':'));
        Some(fields.map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The node that is master, when all is well.
    pub fn master(&self) -> usize {
        (0..self.hosts).find(|node| self.is_master(*node)).expect("a master")
    }

    pub fn has_other_master(&self, old: usize) -> bool {
        (0..self.hosts).any(|node| node != old && self.is_master(node))
    }

    fn is_master(&self, node: usize) -> bool {
        self.info(node).is_some_and(|info| info["role"] == "master")
    }

    pub fn replicas(&self) -> Vec<usize> {
        let master = self.master();
        (0..self.hosts).filter(|node| *node != master).collect()
    }

    /// What is not as it should be: one master, complete replicas, Sentinels of one mind.
    pub fn ailments(&self) -> Vec<String> {
        let infos: Vec<_> = (0..self.hosts).map(|node| self.info(node)).collect();
        let mut ailments = Vec::new();
        let mut masters = Vec::new();
        for (node, info) in infos.iter().enumerate() {
            let Some(info) = info else {
                ailments.push(format!("node {node} is silent"));
                continue;
            };
            if info["role"] == "master" {
                masters.push(node);
            } else if info["master_link_status"] != "up" || info["slave_priority"] != "100" {
                ailments.push(format!("node {node} is not complete"));
            }
        }
        if masters.len() != 1 {
            ailments.push(format!("masters: {masters:?}"));
            return ailments;
        }
        let (host, port) = self.announced(masters[0]);
        if infos[masters[0]].as_ref().is_some_and(|info| info["connected_slaves"] != "2") {
            ailments.push("the master has not two replicas".into());
        }
        for sentinel in (0..self.hosts).map(|host| self.sentinel(host)) {
            let view: RedisResult<HashMap<String, String>> =
                self.ask(sentinel, &["SENTINEL", "MASTER", MASTER]);
            let Ok(view) = view else {
                ailments.push(format!("Sentinel {sentinel} is silent"));
                continue;
            };
            let is = |field: &str, value: &str| view.get(field).is_some_and(|it| it == value);
            let can: RedisResult<String> = self.ask(sentinel, &["SENTINEL", "CKQUORUM", MASTER]);
            let replicas: RedisResult<Vec<HashMap<String, String>>> =
                self.ask(sentinel, &["SENTINEL", "REPLICAS", MASTER]);
            let is_well = is("ip", &host)
                && is("port", &port)
                && is("flags", "master")
                && is("num-slaves", "2")
                && is("num-other-sentinels", "2")
                && can.is_ok()
                && replicas.is_ok_and(|all| {
                    all.iter().all(|one| one["flags"] == "slave" && one["slave-priority"] == "100")
                });
            if !is_well {
                ailments.push(format!("Sentinel {sentinel}: {view:?}"));
            }
        }
        ailments
    }
}

/// An application. It stays with its master as long as that takes its writes, and then asks the Sentinels.
pub struct Load {
    count: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Load {
    pub fn on(set: &Set) -> Self {
        let nodes = (0..set.hosts).map(|node| (set.announced(node), set.address(node))).collect();
        let sentinels: Vec<Address> =
            (0..set.hosts).map(|host| set.address(set.sentinel(host))).collect();
        let ends = Arc::new(AtomicBool::new(false));
        let count = Arc::new(AtomicUsize::new(0));
        let (until, counter) = (Arc::clone(&ends), Arc::clone(&count));
        let thread = thread::spawn(move || write(&nodes, &sentinels, &until, &counter));
        Self { count, ends, thread: Some(thread) }
    }

    /// How many writes were acknowledged.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type Nodes = HashMap<(String, String), Address>;

fn write(nodes: &Nodes, sentinels: &[Address], ends: &AtomicBool, count: &AtomicUsize) {
    let mut connection = None;
    for number in 0_usize.. {
        if ends.load(Ordering::Relaxed) {
            return;
        }
        if connection.is_none() {
            connection = find_master(nodes, sentinels);
        }
        if let Some(master) = &mut connection {
            let key = format!("order:{}", number % KEYS);
            if command(&["SET", &key, &number.to_string()]).exec(master).is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            } else {
                connection = None;
            }
        }
        thread::sleep(PAUSE);
    }
}

/// The node that most Sentinels name, if it says the same.
fn find_master(nodes: &Nodes, sentinels: &[Address]) -> Option<Connection> {
    let mut votes: HashMap<(String, String), usize> = HashMap::new();
    for sentinel in sentinels {
        let named: Option<(String, String)> = sentinel.open().ok().and_then(|mut connection| {
            command(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]).query(&mut connection).ok()
        });
        if let Some(named) = named {
            *votes.entry(named).or_default() += 1;
        }
    }
    let (named, _) = votes.into_iter().max_by_key(|(_, votes)| *votes)?;
    let mut connection = nodes.get(&named)?.open().ok()?;
    let role: redis::Value = redis::cmd("ROLE").query(&mut connection).ok()?;
    let says_master = matches!(&role, redis::Value::Array(words)
        if words.first() == Some(&redis::Value::BulkString(b"master".to_vec())));
    says_master.then_some(connection)
}
