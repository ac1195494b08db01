//! A set with everything that watches it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::MutexGuard,
    time::{Duration, Instant},
};

use redisforge::{
    catalog,
    rehearse::{
        Lab, Rehearsal, Scope, engine,
        ground::{self, Ground},
    },
    spec::EngineType,
    templates::Templates,
};
use rustix::process::Signal;

use crate::{
    alerts::{self, ALERTMANAGER, PROMETHEUS, Seen, Watch},
    clients::Load,
    scaled,
    support::{root, topology},
};

/// The master, by the name of the example.
pub const MASTER: &str = "orders";
pub const PASSWORD_FILE: &str = "/etc/redis/secrets/password";
/// Timings of Sentinel and of the scripts, as in the drills.
const TIME_SCALE: f64 = 0.4;
/// A node's data, so that a disk can be full.
const VOLUME: &str = "size=64m";
/// Where the spec has its Alertmanager, and whatever else is no host of the set.
pub const ELSEWHERE: &str = "192.168.1.20";
/// The timeout of a scrape is the interval here, and that of the exporter shorter, as in what is rendered.
const INTERVAL: &str = "1s";
const CONNECTION_TIMEOUT: &str = "600ms";
const TICK: Duration = Duration::from_millis(50);

/// Data node and Sentinel of each host have the number of the host.
pub struct Set {
    pub lab: Lab,
    pub hosts: usize,
    load: Option<Load>,
    watch: Watch,
    scratch: PathBuf,
    exporters: Vec<Option<Child>>,
    others: Vec<Child>,
    /// What a fault must remember for its repair.
    pub victim: usize,
    helpers: Vec<Child>,
    pub connections: Vec<std::net::TcpStream>,
    /// How many keys a fault wrote.
    pub filled: usize,
}

/// The example with a memory, a number of clients and a backlog that can be exhausted.
pub fn spec() -> String {
    let example = fs::read_to_string(root().join("examples/hosts.yaml")).unwrap();
    let small = example.replace(
        "    memory: 8Gi\n",
        "    memory: 128Mi\n    config: {maxclients: 200, repl-backlog-size: 1mb, repl-diskless-sync-delay: 0, latency-monitor-threshold: 100}\n",
    );
    assert_ne!(small, example);
    // An hour would take two minutes.
    small + "  monitoring: {alerts: {thresholds: {versionSkewMinutes: 20}}}\n"
}

impl Set {
    /// Starts everything and waits until it is well.
    pub fn start() -> Self {
        let scratch = Ground::Namespaces.prepare().unwrap().path().to_path_buf();
        sh(&format!("ip address add {ELSEWHERE}/32 dev lo"));
        let installed = engine::find(EngineType::Redis, None).unwrap();
        let scope = Scope { scale: TIME_SCALE, orders: 1 };
        let rehearsal =
            Rehearsal::new(topology(&spec()), &installed, Ground::Namespaces, scope, &scratch)
                .unwrap();
        let lab = rehearsal.lab().unwrap();
        let mut set = Self {
            hosts: lab.machines.len(),
            load: None,
            watch: Watch::new(),
            exporters: lab.machines.iter().map(|_| None).collect(),
            lab,
            scratch: scratch.clone(),
            others: Vec::new(),
            victim: 0,
            helpers: Vec::new(),
            connections: Vec::new(),
            filled: 0,
        };
        for host in 0..set.hosts {
            let volume = set.volume(host);
            sh(&format!("mount -t tmpfs -o {VOLUME} none '{}'", volume.display()));
        }
        for index in 0..set.lab.processes.len() {
            set.lab.start(index).unwrap();
        }
        set.start_watching();
        set.until("a well set", Duration::from_mins(1), |set| set.ailments().is_empty());
        set.load = Some(Load::on(&set));
        set
    }

    fn start_watching(&mut self) {
        let artifacts = catalog::plan(&self.lab.topology, &Templates::parse());
        let rendered = |path: &str| {
            let found = artifacts.iter().find(|artifact| artifact.path == path);
            found.unwrap_or_else(|| panic!("no {path}")).content.clone()
        };
        for host in 0..self.hosts {
            let name = self.lab.machines[host].name.clone();
            let file = "etc/redis/exporter/start-exporter.sh";
            let script = rendered(&format!("hosts/{name}/{file}"));
            let here = self.lab.machines[host].root.clone();
            let script = script
                .replace(
                    "=/run/redis-exporter/",
                    &format!("={}/run/redis-exporter/", here.display()),
                )
                .replace(
                    "-connection-timeout='4000ms'",
                    &format!("-connection-timeout={CONNECTION_TIMEOUT}"),
                );
            assert!(
                script.contains(CONNECTION_TIMEOUT) && script.contains("machines/"),
                "{script}"
            );
            fs::create_dir_all(here.join("etc/redis/exporter")).unwrap();
            fs::create_dir_all(here.join("run/redis-exporter")).unwrap();
            fs::write(here.join(file), script).unwrap();
            self.start_exporter(host);
        }
        let folder = self.scratch.join("watch");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("rules.yaml"), scaled::rules(&rendered("monitoring/rules.yaml")))
            .unwrap();
        let scrape = rendered("monitoring/scrape.yaml")
            .replace("scrape_interval: 15s", &format!("scrape_interval: {INTERVAL}"))
            .replace("scrape_timeout: 10s", &format!("scrape_timeout: {INTERVAL}"));
        assert_eq!(scrape.matches(INTERVAL).count(), 2, "{scrape}");
        let prometheus = format!(
            "global: {{evaluation_interval: {INTERVAL}}}\nrule_files: [rules.yaml]\n\
             alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{ALERTMANAGER}']}}]}}]}}\n{scrape}"
        );
        fs::write(folder.join("prometheus.yaml"), prometheus).unwrap();
        fs::write(folder.join("alertmanager.yaml"), rendered("monitoring/alertmanager.yaml"))
            .unwrap();
        self.run_beside(
            "prometheus-alertmanager",
            &[
                "--config.file=alertmanager.yaml",
                "--storage.path=alerts",
                "--cluster.listen-address=",
            ],
        );
        self.until("Alertmanager", Duration::from_secs(30), |_| {
            alerts::get(ALERTMANAGER, "/api/v2/alerts").is_some()
        });
        let listen = format!("--web.listen-address={PROMETHEUS}");
        self.run_beside(
            "prometheus",
            &["--config.file=prometheus.yaml", "--storage.tsdb.path=series", &listen],
        );
        self.until("Prometheus", Duration::from_secs(30), |_| {
            alerts::get(PROMETHEUS, "/api/v1/alerts").is_some()
        });
    }

    /// What the alerts did so far.
    pub fn alerts(&self) -> MutexGuard<'_, Seen> {
        self.watch.seen()
    }

    /// How many writes the application got through.
    pub fn writes(&self) -> usize {
        self.load.as_ref().map_or(0, Load::count)
    }

    fn run_beside(&mut self, program: &str, arguments: &[&str]) {
        let folder = self.scratch.join("watch");
        let log = fs::File::create(folder.join(format!("{program}.log"))).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; `.ci/test` installs it"));
        self.others.push(child);
    }

    /// As the unit does it: the passwords first.
    pub fn start_exporter(&mut self, host: usize) {
        let mut command = self.lab.script(self.sentinel(host), "exporter-passwords.sh");
        for index in [self.sentinel(host), host] {
            command.arg(&self.lab.processes[index].place.directory);
        }
        assert!(command.status().unwrap().success(), "exporter-passwords.sh");
        self.run_exporter(host);
    }

    /// With the passwords that are there.
    pub fn run_exporter(&mut self, host: usize) {
        let script =
            self.lab.machines[host].root.clone().join("etc/redis/exporter/start-exporter.sh");
        let log = self.scratch.join(format!("logs/exporter-{host}.log"));
        let log = fs::File::options().create(true).append(true).open(log).unwrap();
        let mut command = self.on(host);
        command.arg("sh").arg(script).stdout(Stdio::null()).stderr(log);
        self.exporters[host] = Some(command.spawn().unwrap());
    }

    /// What the exporter of a host knows.
    pub fn exporter_passwords(&self, host: usize) -> PathBuf {
        self.lab.machines[host].root.join("run/redis-exporter/passwords.json")
    }

    pub fn stop_exporter(&mut self, host: usize) {
        let mut exporter = self.exporters[host].take().expect("the exporter runs");
        exporter.kill().unwrap();
        exporter.wait().unwrap();
    }

    /// The command that runs a program on a host.
    pub fn on(&self, host: usize) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.lab.machines[host].namespace));
        command.stdin(Stdio::null());
        command
    }

    pub fn volume(&self, host: usize) -> PathBuf {
        self.lab.processes[host].place.volume.clone()
    }

    pub fn sentinel(&self, host: usize) -> usize {
        self.hosts + host
    }

    pub fn kill_sentinel(&mut self, host: usize) {
        self.lab.kill(self.sentinel(host));
    }

    pub fn start_sentinel(&mut self, host: usize) {
        self.lab.start(self.sentinel(host)).unwrap();
    }

    /// As the platform does it: the stop script of a data node, SIGTERM, and a start.
    pub fn restart(&mut self, index: usize) {
        if index < self.hosts {
            let mut stop = self.lab.script(index, "stop-redis.sh");
            let mut stop = stop.stdout(Stdio::null()).spawn().unwrap();
            while stop.try_wait().unwrap().is_none() {
                self.tick();
            }
        }
        self.lab.terminate(index);
        self.lab.start(index).unwrap();
    }

    pub fn signal(&self, index: usize, signal: Signal) {
        self.lab.signal(index, signal);
    }

    /// Cuts a host off from the others, not from clients, exporters' readers and Alertmanager; or connects it again.
    pub fn cut_off(&self, host: usize, is_cut: bool) {
        let own = self.lab.machines[host].address;
        for other in self.lab.machines.iter().filter(|other| other.address != own) {
            ground::cut(own, other.address, is_cut).unwrap();
        }
    }

    /// A directory of this run.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.scratch.join(name);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Runs a server of nobody's until the fault is repaired.
    pub fn help(&mut self, folder: &Path, mut command: Command) {
        let log = fs::File::create(folder.join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.helpers.push(command.current_dir(folder).spawn().unwrap());
    }

    pub fn end_helpers(&mut self) {
        for mut helper in self.helpers.drain(..) {
            helper.kill().unwrap();
            helper.wait().unwrap();
        }
    }

    pub fn tick(&mut self) {
        self.lab.tend().unwrap();
        std::thread::sleep(TICK);
    }

    pub fn rest(&mut self, seconds: f64) {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs_f64(seconds) {
            self.tick();
        }
    }

    pub fn until(&mut self, what: &str, limit: Duration, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(
                began.elapsed() < limit,
                "{what}: not within {limit:?}: {}\n{}",
                self.ailments().join("; "),
                self.logs()
            );
            self.tick();
        }
    }

    /// The last words of every process.
    pub fn logs(&self) -> String {
        let tail = |path: &Path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(12)..].join("\n")
        };
        let mut files: Vec<PathBuf> = fs::read_dir(self.scratch.join("logs"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files.extend(
            ["prometheus", "prometheus-alertmanager"]
                .map(|name| self.scratch.join(format!("watch/{name}.log"))),
        );
        files.iter().map(|file| format!("== {}\n{}\n", file.display(), tail(file))).collect()
    }
}

pub fn sh(script: &str) {
    let status = Command::new("sh").args(["-ec", script]).stdin(Stdio::null()).status().unwrap();
    assert!(status.success(), "{script}");
}
