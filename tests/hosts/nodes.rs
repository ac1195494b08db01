//! Nodes that run, in directories or on machines, and what can be asked of them.

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use redisforge::{spec::OWN_USERS, topology::Topology};

use crate::expected::under;

pub const PATIENCE: Duration = Duration::from_secs(90);

/// Held by a test that measures seconds, so that no other one takes the processors from its nodes.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a process runs: a data node of a master, or `sentinel`.
pub struct Place {
    pub host: usize,
    pub name: String,
    pub port: u32,
}

/// Every process, at the port that the spec gives it.
pub fn places(topology: &Topology) -> Vec<Place> {
    let on_host = |(index, host): (usize, &redisforge::topology::Host)| {
        let own = topology.masters.iter().filter(|master| host.masters.contains(&master.name));
        let names = own.map(|master| master.name.clone());
        let names: Vec<String> =
            names.chain(host.has_sentinel.then(|| "sentinel".into())).collect();
        let place = move |name: String| Place { host: index, port: port(topology, &name), name };
        names.into_iter().map(place).collect::<Vec<_>>()
    };
    topology.hosts.iter().enumerate().flat_map(on_host).collect()
}

pub fn port(topology: &Topology, name: &str) -> u32 {
    let master = topology.masters.iter().find(|master| master.name == name);
    master.map_or(topology.sentinel.port, |master| master.port)
}

/// What `/etc/hosts` is for the processes.
pub fn names(topology: &Topology) -> String {
    let lines = topology.hosts.iter().map(|host| format!("{} {}\n", host.address, host.name));
    "127.0.0.1 localhost\n".to_string() + &lines.collect::<String>()
}

/// The client's command for a process, with the certificates that lie below a root.
pub fn client(topology: &Topology, place: &Place, root: &Path) -> Vec<String> {
    let address = topology.hosts[place.host].address.clone();
    let mut command = vec![topology.engine.cli.clone(), "-h".into(), address];
    command.extend(["-p".into(), place.port.to_string()]);
    if let Some(tls) = &topology.tls {
        command.push("--tls".into());
        for (option, file) in [("--cacert", &tls.ca), ("--cert", &tls.cert), ("--key", &tls.key)] {
            command.extend([option.into(), under(root, file).display().to_string()]);
        }
    }
    command
}

pub trait Nodes {
    fn topology(&self) -> &Topology;
    fn places(&self) -> Vec<Place>;
    /// The command that connects to a process.
    fn client(&self, index: usize) -> Vec<String>;
    /// The password in a file of a host.
    fn secret(&self, file: &str) -> String;
    /// Whether a script beside the configuration of a process ends well.
    fn script(&self, index: usize, name: &str) -> bool;
    fn log(&self, index: usize) -> String;

    /// How a process is known to Sentinel: by name, if the spec says so.
    fn announced(&self, place: &Place) -> String {
        let host = &self.topology().hosts[place.host];
        let is_named = self.topology().network.announce_hostnames;
        format!("{}:{}", if is_named { &host.name } else { &host.address }, place.port)
    }

    /// The line that logs in a program of ours.
    fn login(&self, place: &Place) -> String {
        let auth = self.topology().auth.as_ref().expect("the examples have passwords");
        match (auth.acl, place.name.as_str()) {
            (true, _) => format!("AUTH node {}", self.secret(&auth.node_password_file)),
            (false, "sentinel") => format!("AUTH {}", self.secret(&auth.sentinel_password_file)),
            (false, _) => format!("AUTH {}", self.secret(&auth.password_file)),
        }
    }

    /// The line that logs in a program of the user.
    fn login_of_client(&self) -> String {
        let auth = self.topology().auth.as_ref().unwrap();
        match auth.users.iter().find(|user| !OWN_USERS.contains(&user.name.as_str())) {
            Some(user) => {
                format!("AUTH {} {}", user.name, self.secret(user.file.as_ref().unwrap()))
            }
            None => format!("AUTH {}", self.secret(&auth.password_file)),
        }
    }

    /// What a process answers; nothing if it does not.
    fn ask(&self, index: usize, question: &str) -> String {
        let login = self.login(&self.places()[index]);
        let mut client = Command::new("timeout")
            .arg("2")
            .args(self.client(index))
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
    fn wait_for(
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

    fn logs(&self) -> String {
        let log = |(index, place): (usize, &Place)| {
            let text = self.log(index);
            let lines: Vec<&str> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(25)..].join("\n");
            format!("--- {} of host {}\n{last}\n", place.name, place.host)
        };
        self.places().iter().enumerate().map(log).collect()
    }

    /// One master, every replica with its link up and complete, every Sentinel of one mind and ready.
    fn wait_until_well(&self, master: &str) -> Duration {
        let expected = format!(
            ",slaves={},sentinels={}",
            self.topology().masters[0].replicas,
            self.sentinels().len()
        );
        self.wait_for("all is well", PATIENCE, |nodes| {
            let sentinels = nodes.sentinels();
            let views: Vec<String> =
                sentinels.iter().map(|&index| nodes.view(index, master)).collect();
            views.iter().all(|view| {
                view == &views[0] && view.contains("status=ok") && view.ends_with(&expected)
            }) && (0..nodes.places().len()).all(|index| nodes.script(index, "ready.sh"))
        })
    }

    /// A Sentinel asks for priorities every 10 s; until then it takes a replica that came back for none to promote.
    fn wait_until_promotable(&self, master: &str) {
        let replicas = self.topology().masters[0].replicas as usize;
        let start = Instant::now();
        self.wait_for("all replicas may be promoted", PATIENCE, |nodes| {
            nodes.sentinels().into_iter().all(|index| {
                let said = nodes.ask(index, &format!("SENTINEL REPLICAS {master}"));
                let promotable = said.matches("slave-priority\n100\n").count() == replicas
                    && said.matches("flags\nslave\n").count() == replicas;
                // Where our user may not ask, only the time tells.
                promotable || said.contains("NOPERM") && start.elapsed() > Duration::from_secs(15)
            })
        });
    }

    /// The processes of this name.
    fn called(&self, name: &str) -> Vec<usize> {
        let places = self.places();
        (0..places.len()).filter(|&index| places[index].name == name).collect()
    }

    fn sentinels(&self) -> Vec<usize> {
        self.called("sentinel")
    }

    /// The line of a Sentinel about a master.
    fn view(&self, sentinel: usize, master: &str) -> String {
        let info = self.ask(sentinel, "INFO sentinel");
        let wanted = format!(":name={master},");
        info.lines()
            .find(|line| line.contains(&wanted))
            .and_then(|line| line.split_once(':'))
            .unwrap_or_default()
            .1
            .into()
    }

    /// The node that a majority of Sentinels names.
    fn majority(&self, master: &str) -> Option<usize> {
        let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
        for sentinel in self.sentinels() {
            let view = self.view(sentinel, master);
            let named = self.places().iter().position(|place| {
                let address = self.announced(place);
                place.name == master && view.contains(&format!("address={address},"))
            });
            if let Some(index) = named {
                *votes.entry(index).or_default() += 1;
            }
        }
        votes
            .into_iter()
            .find(|(_, count)| *count > self.sentinels().len() / 2)
            .map(|(index, _)| index)
    }

    fn current(&self, master: &str) -> usize {
        self.majority(master).unwrap_or_else(|| panic!("no master\n{}", self.logs()))
    }

    fn is_seed(&self, index: usize) -> bool {
        let name = &self.topology().hosts[self.places()[index].host].name;
        self.topology().masters[0].nodes.iter().any(|node| node.seed && node.name == *name)
    }

    fn is_role(&self, index: usize, role: &str) -> bool {
        let info = self.ask(index, "INFO replication");
        info.contains(&format!("role:{role}\n"))
            && (role == "master" || info.contains("master_link_status:up\n"))
    }
}
