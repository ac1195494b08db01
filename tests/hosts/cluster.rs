//! A topology as local processes: each host's tree in a directory of its own, started by the scripts that it holds.

use std::{
    collections::BTreeSet,
    fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use redisforge::{catalog, templates::Templates, topology::Topology};
use regex::{Captures, Regex};
use tempfile::TempDir;

use crate::{
    expected::{self, NOBODY, under},
    nodes::{Nodes, Place, client, names, places},
    support::{self, installed::run, write_host},
};

/// What a host has of its own, and redirects into its directory here.
const PLACES: &[&str] = &["/etc/redis", "/var/lib/redis", "/var/log/redis", "/run/redis-exporter"];
/// The file with the names of the hosts.
const NAMES: &str = "names";

/// One process of a host: a data node of a master, or `sentinel`.
pub struct Process {
    pub host: usize,
    pub name: String,
    directory: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

pub struct Cluster {
    pub topology: Topology,
    pub processes: Vec<Process>,
    scratch: TempDir,
}

impl Cluster {
    /// Puts every host of a spec on this machine, each at an address of its own; starts nothing.
    pub fn new(spec: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let topology = support::topology(&on_loopback(spec));
        let wanted = topology.expectations();
        let processes = processes(&topology, scratch.path());
        fs::write(scratch.path().join(NAMES), names(&topology)).unwrap();
        let artifacts = catalog::plan(&topology, &Templates::parse());
        for (index, host) in topology.hosts.iter().enumerate() {
            let root = scratch.path().join(&host.name);
            let mut own = artifacts.clone();
            for artifact in &mut own {
                artifact.content = redirected(&artifact.content, &root, &wanted);
            }
            write_host(&own, &host.name, &root);
            for process in processes.iter().filter(|process| process.host == index) {
                fs::create_dir_all(root.join("var/lib/redis").join(&process.name)).unwrap();
            }
            fs::create_dir_all(root.join("var/log/redis")).unwrap();
            if index == 0 {
                expected::put(&wanted, &root, &topology.hosts);
            } else {
                expected::copy(&wanted, &scratch.path().join(&topology.hosts[0].name), &root);
            }
        }
        Self { topology, processes, scratch }
    }

    /// A shell, to be told its script, on a machine that knows the hosts by name.
    pub fn shell(&self) -> Command {
        let mut command = Command::new("unshare");
        let script = "mount --bind \"$1\" /etc/hosts && shift && exec sh \"$@\"";
        command.args(["--mount", "sh", "-c", script, "sh"]);
        command.arg(self.scratch.path().join(NAMES)).stdin(Stdio::null());
        command
    }

    fn script_of(&self, index: usize, name: &str) -> Command {
        let mut command = self.shell();
        command.arg(self.processes[index].directory.join(name));
        command
    }

    pub fn start(&mut self, index: usize) {
        let process = &self.processes[index];
        let script =
            if process.name == "sentinel" { "start-sentinel.sh" } else { "start-redis.sh" };
        let log = fs::File::options().create(true).append(true).open(&process.log).unwrap();
        let mut command = self.script_of(index, script);
        command.stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        self.processes[index].child = Some(command.spawn().unwrap());
    }

    pub fn kill(&mut self, index: usize) {
        let mut child = self.processes[index].child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// What systemd does: `ExecStop`, then SIGTERM. Returns what the stop script said.
    pub fn stop(&mut self, index: usize) -> String {
        let said = run(&mut self.script_of(index, "stop-redis.sh"));
        let mut child = self.processes[index].child.take().expect("it runs");
        run(Command::new("kill").arg("-TERM").arg(child.id().to_string()));
        assert!(child.wait().unwrap().success());
        String::from_utf8(said.stdout).unwrap()
    }

    /// What stands for the file system of a host.
    pub fn root(&self, host: usize) -> PathBuf {
        self.scratch.path().join(&self.topology.hosts[host].name)
    }
}

impl Nodes for Cluster {
    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn places(&self) -> Vec<Place> {
        places(&self.topology)
    }

    fn client(&self, index: usize) -> Vec<String> {
        client(&self.topology, &self.places()[index], &self.root(0))
    }

    fn secret(&self, file: &str) -> String {
        fs::read_to_string(under(&self.root(0), file)).unwrap()
    }

    fn script(&self, index: usize, name: &str) -> bool {
        let mut command = self.script_of(index, name);
        command.stdout(Stdio::null()).status().unwrap().success()
    }

    fn log(&self, index: usize) -> String {
        fs::read_to_string(&self.processes[index].log).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.processes.iter_mut().filter_map(|process| process.child.as_mut()) {
            // Its group: the watcher beside the server too.
            let _ =
                Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status();
            let _ = child.wait();
        }
    }
}

/// The text of a spec with its hosts at addresses that no other cluster has; its names and its ports stay.
fn on_loopback(spec: &str) -> String {
    let hosts = support::topology(spec).hosts;
    let network = free_network();
    // Whom a test lets listen is on this machine already.
    let elsewhere = |found: &Captures<'_>| {
        if found[0].starts_with("http://127.0.0.1:") { found[0].into() } else { NOBODY.to_string() }
    };
    let mut text = Regex::new("http://[^\"]*").unwrap().replace_all(spec, elsewhere).into_owned();
    for (index, host) in hosts.iter().enumerate() {
        let own = format!("{network}.{}", index + 1);
        let address = format!("address: {}", host.address);
        assert!(text.contains(&address), "{address} in {text}");
        // All share the loopback address, so nobody listens there.
        let bind = format!("bind: [{}, 127.0.0.1]", host.address);
        text = text.replace(&format!(", {bind}"), "");
        text = text.replace(&address, &format!("address: {own}, bind: [{own}]"));
    }
    text
}

/// A part of the loopback network where nobody listens on the ports of Redis.
fn free_network() -> String {
    static CLUSTERS: AtomicU32 = AtomicU32::new(0);
    loop {
        let (own, number) = (process::id(), CLUSTERS.fetch_add(1, Ordering::Relaxed));
        let network = format!("127.{}.{}", own % 200 + 20, (own / 200 + number) % 256);
        let is_free =
            |port: &u16| TcpListener::bind((format!("{network}.1").as_str(), *port)).is_ok();
        if [6379, 26379, 9121].iter().all(is_free) {
            return network;
        }
    }
}

/// Every process, not started.
fn processes(topology: &Topology, scratch: &Path) -> Vec<Process> {
    let process = |Place { host, name, .. }: Place| {
        let own = &topology.hosts[host].name;
        Process {
            host,
            directory: scratch.join(own).join("etc/redis").join(&name),
            log: scratch.join(format!("{own}-{name}.log")),
            name,
            child: None,
        }
    };
    places(topology).into_iter().map(process).collect()
}

/// Each place once: one that lies in another would be redirected twice.
fn redirected(text: &str, root: &Path, expected: &[String]) -> String {
    let top = |file: &String| file.split('/').take(3).collect::<Vec<_>>().join("/");
    let places: BTreeSet<String> =
        PLACES.iter().map(ToString::to_string).chain(expected.iter().map(top)).collect();
    places.iter().fold(text.to_string(), |text, place| {
        text.replace(place, &format!("{}{place}", root.display()))
    })
}
