//! A topology as local processes: each host's tree in a directory of its own, started by the scripts that it holds.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use redisforge::{catalog, templates::Templates, topology::Topology};
use tempfile::TempDir;

use crate::trees::{run, write_host};

/// What a host has of its own, and redirects into its directory here.
const PLACES: &[&str] = &["/etc/redis", "/var/lib/redis", "/var/log/redis", "/run/redis-exporter"];
/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:9";

/// One process of a host: a data node of a master, or `sentinel`.
pub struct Process {
    pub host: usize,
    pub name: String,
    pub port: u32,
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
    /// Puts every host of the topology on this machine; starts nothing.
    pub fn new(mut topology: Topology) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        put_on_loopback(&mut topology);
        let expected = topology.expectations();
        let processes = free_processes(&topology, scratch.path());
        announce(&mut topology, &processes);
        for (index, host) in topology.hosts.iter().enumerate() {
            let root = scratch.path().join(&host.name);
            let mut own = topology.clone();
            for process in processes.iter().filter(|process| process.host == index) {
                match own.masters.iter_mut().find(|master| master.name == process.name) {
                    Some(master) => master.port = process.port,
                    None => own.sentinel.port = process.port,
                }
            }
            let mut artifacts = catalog::plan(&own, &Templates::parse());
            for artifact in &mut artifacts {
                artifact.content = redirected(&artifact.content, &root, &expected);
            }
            write_host(&artifacts, &host.name, &root);
            for process in processes.iter().filter(|process| process.host == index) {
                fs::create_dir_all(root.join("var/lib/redis").join(&process.name)).unwrap();
            }
            fs::create_dir_all(root.join("var/log/redis")).unwrap();
            if index == 0 {
                put_expected(&expected, &root, &host.address);
            } else {
                copy_expected(&expected, &scratch.path().join(&topology.hosts[0].name), &root);
            }
        }
        Self { topology, processes, scratch }
    }

    pub fn start(&mut self, index: usize) {
        let process = &mut self.processes[index];
        let script =
            if process.name == "sentinel" { "start-sentinel.sh" } else { "start-redis.sh" };
        let log = fs::File::options().create(true).append(true).open(&process.log).unwrap();
        let mut command = Command::new("sh");
        command.arg(process.directory.join(script)).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        process.child = Some(command.spawn().unwrap());
    }

    pub fn kill(&mut self, index: usize) {
        let mut child = self.processes[index].child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// What systemd does: `ExecStop`, then SIGTERM. Returns what the stop script said.
    pub fn stop(&mut self, index: usize) -> String {
        let process = &mut self.processes[index];
        let said = run(Command::new("sh").arg(process.directory.join("stop-redis.sh")));
        let mut child = process.child.take().expect("it runs");
        run(Command::new("kill").arg("-TERM").arg(child.id().to_string()));
        assert!(child.wait().unwrap().success());
        String::from_utf8(said.stdout).unwrap()
    }

    pub fn script(&self, index: usize, name: &str) -> bool {
        let path = self.processes[index].directory.join(name);
        Command::new("sh").arg(path).stdout(Stdio::null()).status().unwrap().success()
    }

    /// What stands for the file system of a host.
    pub fn root(&self, host: usize) -> PathBuf {
        self.scratch.path().join(&self.topology.hosts[host].name)
    }

    /// The password in a file of a host.
    pub fn secret(&self, file: &str) -> String {
        fs::read_to_string(under(&self.root(0), file)).unwrap()
    }

    /// Arguments with which the client reaches a port.
    pub fn connection(&self, port: u32) -> Vec<String> {
        let mut arguments =
            vec!["-h".to_string(), "127.0.0.1".into(), "-p".into(), port.to_string()];
        if let Some(tls) = &self.topology.tls {
            let root = self.root(0);
            arguments.push("--tls".into());
            for (option, file) in
                [("--cacert", &tls.ca), ("--cert", &tls.cert), ("--key", &tls.key)]
            {
                arguments.extend([option.into(), under(&root, file).display().to_string()]);
            }
        }
        arguments
    }

    /// The line that logs in a program of ours.
    fn login(&self, process: &Process) -> String {
        let auth = self.topology.auth.as_ref().expect("the examples have passwords");
        match (auth.acl, process.name.as_str()) {
            (true, _) => format!("AUTH node {}", self.secret(&auth.node_password_file)),
            (false, "sentinel") => format!("AUTH {}", self.secret(&auth.sentinel_password_file)),
            (false, _) => format!("AUTH {}", self.secret(&auth.password_file)),
        }
    }

    /// What a process answers; nothing if it does not.
    pub fn ask(&self, index: usize, question: &str) -> String {
        let process = &self.processes[index];
        let login = self.login(process);
        let mut client = Command::new("timeout")
            .arg("2")
            .arg(self.topology.engine.cli)
            .args(self.connection(process.port))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A client that could not connect is gone already.
        let _ = write!(client.stdin.take().unwrap(), "{login}\n{question}\n");
        String::from_utf8_lossy(&client.wait_with_output().unwrap().stdout).replace('\r', "")
    }

    /// Waits for something; on failure says what every process logged last.
    pub fn wait_for(
        &self,
        what: &str,
        limit: Duration,
        mut is_so: impl FnMut(&Self) -> bool,
    ) -> Duration {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < limit, "{what} within {limit:?}\n{}", self.logs());
            thread::sleep(Duration::from_millis(50));
        }
        start.elapsed()
    }

    pub fn logs(&self) -> String {
        let log = |process: &Process| {
            let text = fs::read_to_string(&process.log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(25)..].join("\n");
            format!("--- {} of host {}\n{last}\n", process.name, process.host)
        };
        self.processes.iter().map(log).collect()
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

/// Addresses that no other cluster has, because every exporter listens on one port.
fn put_on_loopback(topology: &mut Topology) {
    static CLUSTERS: AtomicU32 = AtomicU32::new(0);
    let network =
        format!("127.{}.{}", process::id() % 200 + 20, CLUSTERS.fetch_add(1, Ordering::Relaxed));
    topology.network.announce_hostnames = false;
    topology.notifications.alertmanagers.iter_mut().for_each(|url| *url = NOBODY.into());
    for (index, host) in topology.hosts.iter_mut().enumerate() {
        host.address = format!("{network}.{}", index + 1);
        host.bind = vec![host.address.clone(), "127.0.0.1".into()];
    }
}

/// Every process with a port that is free, because all share one machine.
fn free_processes(topology: &Topology, scratch: &Path) -> Vec<Process> {
    let mut processes = Vec::new();
    let mut taken = Vec::new();
    for (index, host) in topology.hosts.iter().enumerate() {
        let sentinel = host.has_sentinel.then(|| "sentinel".to_string());
        for name in host.masters.iter().cloned().chain(sentinel) {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let root = scratch.join(&host.name);
            processes.push(Process {
                host: index,
                port: listener.local_addr().unwrap().port().into(),
                directory: root.join("etc/redis").join(&name),
                log: scratch.join(format!("{}-{name}.log", host.name)),
                name,
                child: None,
            });
            taken.push(listener);
        }
    }
    processes
}

fn announce(topology: &mut Topology, processes: &[Process]) {
    let hosts = &topology.hosts;
    let find = |host: &str, name: &str| {
        let process = processes
            .iter()
            .find(|process| hosts[process.host].name == host && process.name == name);
        process.map(|process| (hosts[process.host].address.clone(), process.port)).unwrap()
    };
    for master in &mut topology.masters {
        for node in &mut master.nodes {
            (node.host, node.port) = find(&node.name, &master.name);
        }
    }
    for node in &mut topology.sentinel.nodes {
        (node.host, node.port) = find(&node.name, "sentinel");
    }
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

fn under(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Secrets that differ wherever they may, and certificates.
fn put_expected(expected: &[String], root: &Path, address: &str) {
    for path in expected {
        let file = under(root, path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        fs::write(
            &file,
            if name.ends_with("url") { NOBODY.into() } else { format!("secret-of-{name}") },
        )
        .unwrap();
    }
    let find =
        |end: &str| expected.iter().find(|path| path.ends_with(end)).map(|path| under(root, path));
    if let (Some(ca), Some(key)) = (find("ca.crt"), find(".key")) {
        let certificate = key.with_extension("crt");
        run(openssl()
            .args(["-subj", "/CN=authority", "-keyout"])
            .arg(root.join("ca.key"))
            .arg("-out")
            .arg(&ca));
        run(openssl()
            .args(["-subj", "/CN=redis", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(certificate)
            .arg("-CA")
            .arg(&ca)
            .arg("-CAkey")
            .arg(root.join("ca.key"))
            .arg("-addext")
            .arg(format!("subjectAltName=IP:{address}")));
    }
}

/// The same for every host, signed by one authority.
fn copy_expected(expected: &[String], from: &Path, to: &Path) {
    for path in expected {
        fs::create_dir_all(under(to, path).parent().unwrap()).unwrap();
        fs::copy(under(from, path), under(to, path)).unwrap();
    }
}

fn openssl() -> Command {
    let mut command = Command::new("openssl");
    command.args(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '),
    );
    command
}
