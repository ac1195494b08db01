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

use redisforge::{
    catalog,
    templates::Templates,
    topology::{Host, Topology},
};
use regex::Regex;
use tempfile::TempDir;

use crate::{
    support,
    trees::{run, write_host},
};

/// What a host has of its own, and redirects into its directory here.
const PLACES: &[&str] = &["/etc/redis", "/var/lib/redis", "/var/log/redis", "/run/redis-exporter"];
/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:9";
/// The file with the names of the hosts.
const NAMES: &str = "names";

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
    /// Puts every host of a spec on this machine, each at an address of its own; starts nothing.
    pub fn new(spec: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let topology = support::topology(&on_loopback(spec));
        let expected = topology.expectations();
        let processes = processes(&topology, scratch.path());
        put_names(&topology.hosts, scratch.path());
        let artifacts = catalog::plan(&topology, &Templates::parse());
        for (index, host) in topology.hosts.iter().enumerate() {
            let root = scratch.path().join(&host.name);
            let mut own = artifacts.clone();
            for artifact in &mut own {
                artifact.content = redirected(&artifact.content, &root, &expected);
            }
            write_host(&own, &host.name, &root);
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

    /// How a process is known to Sentinel: by name, if the spec says so.
    pub fn announced(&self, process: &Process) -> String {
        let host = &self.topology.hosts[process.host];
        let is_named = self.topology.network.announce_hostnames;
        format!("{}:{}", if is_named { &host.name } else { &host.address }, process.port)
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

    pub fn script(&self, index: usize, name: &str) -> bool {
        let mut command = self.script_of(index, name);
        command.stdout(Stdio::null()).status().unwrap().success()
    }

    /// What stands for the file system of a host.
    pub fn root(&self, host: usize) -> PathBuf {
        self.scratch.path().join(&self.topology.hosts[host].name)
    }

    /// The password in a file of a host.
    pub fn secret(&self, file: &str) -> String {
        fs::read_to_string(under(&self.root(0), file)).unwrap()
    }

    /// Arguments with which the client reaches a process.
    pub fn connection(&self, process: &Process) -> Vec<String> {
        let address = self.topology.hosts[process.host].address.clone();
        let mut arguments = vec!["-h".into(), address, "-p".into(), process.port.to_string()];
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
            .args(self.connection(process))
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

/// The text of a spec with its hosts at addresses that no other cluster has; its names and its ports stay.
fn on_loopback(spec: &str) -> String {
    let hosts = support::topology(spec).hosts;
    let network = free_network();
    let mut text = Regex::new("http://[^\"]*").unwrap().replace_all(spec, NOBODY).into_owned();
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

/// Every process, at the port that the spec gives it.
fn processes(topology: &Topology, scratch: &Path) -> Vec<Process> {
    let mut processes = Vec::new();
    for (index, host) in topology.hosts.iter().enumerate() {
        let own = topology.masters.iter().filter(|master| host.masters.contains(&master.name));
        let data = own.map(|master| (master.name.clone(), master.port));
        let sentinel = host.has_sentinel.then(|| ("sentinel".into(), topology.sentinel.port));
        for (name, port) in data.chain(sentinel) {
            processes.push(Process {
                host: index,
                port,
                directory: scratch.join(&host.name).join("etc/redis").join(&name),
                log: scratch.join(format!("{}-{name}.log", host.name)),
                name,
                child: None,
            });
        }
    }
    processes
}

/// What `/etc/hosts` is for the processes of a cluster.
fn put_names(hosts: &[Host], scratch: &Path) {
    let lines = hosts.iter().map(|host| format!("{} {}\n", host.address, host.name));
    fs::write(
        scratch.join(NAMES),
        "127.0.0.1 localhost\n".to_string() + &lines.collect::<String>(),
    )
    .unwrap();
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
