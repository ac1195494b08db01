//! Hosts as machines: each has its own processes, file system and address in one network. systemd is booted on them or, where it
//! cannot be, a script that runs the lines of the units by hand.

#[path = "machine/ground.rs"]
mod ground;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisforge::{catalog, templates::Templates, topology::Topology};
use tempfile::TempDir;

use self::ground::{furnish, network};
use crate::{
    expected::under,
    nodes::{Nodes, Place, client, places},
    support::{
        self,
        installed::{all_output, run},
        write_host,
    },
};

const SYSTEMD: &str = "/lib/systemd/systemd";

pub struct Machines {
    pub topology: Topology,
    /// Whether no systemd runs on them.
    pub by_hand: bool,
    scratch: TempDir,
    network: Child,
    first_processes: Vec<Option<Child>>,
    boots: u32,
}

impl Machines {
    /// Machines with the tree of each host, not installed; `by_hand` wants no systemd.
    pub fn new(spec: &str, by_hand: bool) -> Self {
        let topology = support::topology(spec);
        let network = network(&topology);
        let mut machines = Self {
            first_processes: topology.hosts.iter().map(|_| None).collect(),
            topology,
            by_hand,
            scratch: tempfile::tempdir().unwrap(),
            network,
            boots: 0,
        };
        fs::set_permissions(machines.scratch.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for host in 0..machines.first_processes.len() {
            furnish(&machines.root(host), host, &machines.root(0), &machines.topology);
        }
        machines.render(spec);
        if let (false, Err(why)) = (by_hand, machines.try_to_boot(0)) {
            println!("cannot boot systemd: {why}");
            machines.end(0);
            machines.by_hand = true;
        }
        for host in 0..machines.first_processes.len() {
            if machines.first_processes[host].is_none() {
                machines.boot(host);
            }
        }
        println!(
            "{}",
            if machines.by_hand { "the lines of the units, by hand" } else { "booted systemd" }
        );
        machines
    }

    /// What stands for the disk of a machine.
    pub fn root(&self, host: usize) -> PathBuf {
        self.scratch.path().join(&self.topology.hosts[host].name)
    }

    /// Puts the trees of a spec, which may differ from the last one, on the machines.
    pub fn render(&mut self, spec: &str) {
        self.topology = support::topology(spec);
        let artifacts = catalog::plan(&self.topology, &Templates::parse());
        for (index, host) in self.topology.hosts.iter().enumerate() {
            let tree = self.root(index).join("opt/tree");
            let _ = fs::remove_dir_all(&tree);
            write_host(&artifacts, &host.name, &tree);
        }
    }

    pub fn boot(&mut self, host: usize) {
        self.try_to_boot(host).unwrap();
    }

    fn try_to_boot(&mut self, host: usize) -> Result<(), String> {
        let (root, name) = (self.root(host), self.topology.hosts[host].name.clone());
        let scripts = support::root().join("tests/hosts/machine");
        let console = fs::File::create(root.with_extension("console")).unwrap();
        let _ = fs::remove_file(pid_file(&root));
        self.boots += 1;
        // Of its own, because systemd wants to divide it.
        let mut command = Command::new("sh");
        match self.cgroup(host) {
            Some(cgroup) if !self.by_hand => {
                fs::create_dir_all(&cgroup).map_err(|error| error.to_string())?;
                command.args(["-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\""]).arg(cgroup);
            }
            None if !self.by_hand => return Err("no cgroup2 is mounted".into()),
            _ => {
                command.args(["-c", "exec \"$@\"", "sh"]);
            }
        }
        command.args(["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--uts", "--ipc"]);
        command.args(["--net", "--cgroup", "--pid", "--fork", "--kill-child", "sh"]);
        command.arg(scripts.join("boot.sh")).arg(&root).arg(&name);
        command.arg(format!("{}/8", self.topology.hosts[host].address));
        command.arg(self.network.id().to_string()).arg(format!("port{}", self.boots));
        if self.by_hand {
            let stand_in = root.join("opt/by-hand/systemctl");
            fs::create_dir_all(stand_in.parent().unwrap()).unwrap();
            fs::copy(scripts.join("systemctl.sh"), &stand_in).unwrap();
            fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
            command.arg("/opt/by-hand/systemctl");
        } else {
            command.args([SYSTEMD, "--unit=multi-user.target", "--log-target=console"]);
        }
        command.stdin(Stdio::null()).stderr(console.try_clone().unwrap()).stdout(console);
        self.first_processes[host] = Some(command.spawn().unwrap());
        let end = Instant::now() + Duration::from_secs(30);
        while !self.is_up(host) {
            let ended = self.first_processes[host].as_mut().unwrap().try_wait().unwrap();
            if ended.is_some() || Instant::now() > end {
                return Err(fs::read_to_string(root.with_extension("console")).unwrap());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn is_up(&self, host: usize) -> bool {
        if !pid_file(&self.root(host)).exists() {
            return false;
        }
        let question = if self.by_hand {
            "[ -d /run/systemd/system ] && [ -d /var/log/by-hand ]"
        } else {
            "systemctl is-active --quiet multi-user.target"
        };
        self.command(host, &["sh", "-c", question]).output().unwrap().status.success()
    }

    /// The group of processes of a machine, below the one that this machine has mounted.
    fn cgroup(&self, host: usize) -> Option<PathBuf> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let words = |line: &str| line.split(' ').map(String::from).collect::<Vec<_>>();
        let mount = mounts.lines().map(words).find(|words| words[2] == "cgroup2")?;
        Some(Path::new(&mount[1]).join(format!("redisforge-{}-{host}", self.network.id())))
    }

    /// A command on a machine.
    pub fn command(&self, host: usize, words: &[&str]) -> Command {
        let pid = fs::read_to_string(pid_file(&self.root(host))).unwrap();
        let mut command = Command::new("nsenter");
        command.args(["--target", pid.trim(), "--all", "env", "-i"]);
        command.arg("PATH=/opt/by-hand:/usr/sbin:/usr/bin").args(words).stdin(Stdio::null());
        command
    }

    /// What a command on a machine prints; it must succeed.
    pub fn run(&self, host: usize, words: &[&str]) -> String {
        all_output(&run(&mut self.command(host, words)))
    }

    pub fn install(&self, host: usize) -> String {
        self.run(host, &["sh", "/opt/tree/install.sh"])
    }

    /// systemctl VERB for the unit of a process.
    pub fn unit(&self, verb: &str, index: usize) -> String {
        let Place { host, name, .. } = &self.places()[index];
        self.run(*host, &["systemctl", verb, &format!("redis-{name}.service")])
    }

    pub fn main_pid(&self, index: usize) -> String {
        let Place { host, name, .. } = &self.places()[index];
        let unit = format!("redis-{name}.service");
        let words = ["systemctl", "show", "--property", "MainPID", "--value", &unit];
        self.run(*host, &words).trim().into()
    }

    /// The first process of each machine and of the network.
    pub fn first_pids(&self) -> Vec<String> {
        let first = (0..self.first_processes.len())
            .map(|host| fs::read_to_string(pid_file(&self.root(host))).unwrap().trim().to_string());
        first.chain([self.network.id().to_string()]).collect()
    }

    /// Shuts a machine down, and waits until nothing of it is left.
    pub fn power_off(&mut self, host: usize) {
        // The connection may break before the answer comes.
        let _ = self.command(host, &["systemctl", "poweroff"]).output();
        let mut first = self.first_processes[host].take().expect("it runs");
        let end = Instant::now() + Duration::from_mins(1);
        while first.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                self.first_processes[host] = Some(first);
                panic!("it is off within 60 s\n{}", self.logs());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Everything on a machine ends where it is.
    pub fn end(&mut self, host: usize) {
        if let Some(mut first) = self.first_processes[host].take() {
            let _ = first.kill();
            let _ = first.wait();
            let pid = fs::read_to_string(pid_file(&self.root(host))).unwrap_or_default();
            let status = format!("/proc/{}/status", pid.trim());
            for _ in 0..100 {
                let now = fs::read_to_string(&status).unwrap_or_default();
                if now.is_empty() || now.contains("State:\tZ") {
                    break;
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        if let Some(cgroup) = self.cgroup(host) {
            let _ = fs::write(cgroup.join("cgroup.kill"), "1");
            for _ in 0..50 {
                let inner = walkdir::WalkDir::new(&cgroup).contents_first(true).into_iter();
                for entry in inner.filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
                    let _ = fs::remove_dir(entry.path());
                }
                if !cgroup.exists() {
                    break;
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

impl Nodes for Machines {
    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn places(&self) -> Vec<Place> {
        places(&self.topology)
    }

    fn client(&self, index: usize) -> Vec<String> {
        let mut command =
            vec!["nsenter".into(), format!("--net=/proc/{}/ns/net", self.network.id())];
        command.extend(client(&self.topology, &self.places()[index], &self.root(0)));
        command
    }

    fn secret(&self, file: &str) -> String {
        fs::read_to_string(under(&self.root(0), file)).unwrap()
    }

    fn script(&self, index: usize, name: &str) -> bool {
        let place = &self.places()[index];
        let script = format!("/etc/redis/{}/{name}", place.name);
        self.command(place.host, &["sh", &script]).output().unwrap().status.success()
    }

    fn log(&self, index: usize) -> String {
        let place = &self.places()[index];
        let (root, unit) = (self.root(place.host), format!("redis-{}.service", place.name));
        if self.by_hand {
            return fs::read_to_string(root.join("var/log/by-hand").join(unit)).unwrap_or_default();
        }
        let journal = root.join("var/log/journal");
        let mut command = Command::new("journalctl");
        command.arg("--directory").arg(journal).args(["--output=short-precise", "--unit", &unit]);
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for host in 0..self.first_processes.len() {
            self.end(host);
        }
        let _ = self.network.kill();
        let _ = self.network.wait();
    }
}

/// Where a machine notes its first process.
fn pid_file(root: &Path) -> PathBuf {
    let mut path = root.as_os_str().to_owned();
    path.push(".pid");
    path.into()
}
