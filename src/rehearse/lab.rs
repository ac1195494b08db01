//! The processes of a topology: started, killed, stopped as the platform does it, and started again when they end themselves.

use std::{
    fs,
    net::Ipv4Addr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::{Signal, kill_process};

use super::{
    ground::{self, Ground},
    machines::{self, Kind, Machine, Place},
    mutation::Mutation,
    process::Process,
    secrets::{Authority, Passwords},
    timeline::Timeline,
};
use crate::{catalog, templates::Templates, topology::Topology};

/// What a platform waits before it starts a process again (`RestartSec=1`).
const RESTART: Duration = Duration::from_secs(1);
/// What a platform waits between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(30);
/// Between two looks at the logs.
const LISTEN: Duration = Duration::from_millis(250);
/// Between two looks.
pub const TICK: Duration = Duration::from_millis(20);

pub struct Lab {
    pub topology: Topology,
    pub ground: Ground,
    pub machines: Vec<Machine>,
    pub processes: Vec<Process>,
    pub passwords: Passwords,
    pub authority: Authority,
    pub timeline: Timeline,
    scratch: PathBuf,
    templates: Templates,
    listened: Instant,
    mutations: Vec<Mutation>,
}

impl Lab {
    /// Writes everything; starts nothing.
    pub(super) fn new(
        topology: Topology,
        ground: Ground,
        scratch: &Path,
        mutations: &[Mutation],
    ) -> Result<Self> {
        let (machines, places) = machines::of(&topology, ground, scratch);
        let processes = places.into_iter().map(|place| Process::new(place, scratch)).collect();
        let lab = Self {
            passwords: Passwords::new(&topology)?,
            authority: Authority::new()?,
            topology,
            ground,
            machines,
            processes,
            timeline: Timeline::default(),
            scratch: scratch.into(),
            templates: Templates::parse(),
            listened: Instant::now(),
            mutations: mutations.to_vec(),
        };
        for machine in &lab.machines {
            ground.connect(&machine.namespace, machine.address)?;
        }
        fs::create_dir_all(scratch.join("logs")).context("cannot make a directory for logs")?;
        lab.name()?;
        lab.put_secrets()?;
        lab.put_files()?;
        Ok(lab)
    }

    /// Tells every machine the names of all.
    pub(super) fn name(&self) -> Result<()> {
        let names: Vec<_> = self
            .processes
            .iter()
            .map(|process| {
                (process.place.host.clone(), self.machines[process.place.machine].address)
            })
            .collect();
        self.ground.name(&names)
    }

    /// Puts passwords and certificates where they are mounted.
    pub(super) fn put_secrets(&self) -> Result<()> {
        for (index, machine) in self.machines.iter().enumerate() {
            self.passwords.put(&self.topology, machine)?;
            let here = self.processes.iter().map(|process| &process.place);
            let here: Vec<&Place> = here.filter(|place| place.machine == index).collect();
            self.authority.put(&self.topology, machine, &here)?;
        }
        Ok(())
    }

    /// Renders the topology and puts the files of every process in place.
    pub(super) fn put_files(&self) -> Result<()> {
        let artifacts = catalog::plan(&self.topology, &self.templates);
        for process in &self.processes {
            let machine = &self.machines[process.place.machine];
            machines::write(&artifacts, &self.topology, machine, &process.place, self.ground)?;
            for mutation in &self.mutations {
                mutation.apply(&process.place.directory)?;
            }
        }
        Ok(())
    }

    /// Takes a changed topology: new nodes get a machine; nodes that it lacks run on, with the new member list.
    pub(super) fn change(&mut self, topology: Topology) -> Result<()> {
        let (machines, places) = machines::of(&topology, self.ground, &self.scratch);
        self.topology = topology;
        for mut place in places {
            if self.processes.iter().any(|process| process.place.title == place.title) {
                continue;
            }
            place.machine = match self.machines.iter().position(|known| known.name == place.node) {
                Some(index) => index,
                None => self.add_machine(&machines[place.machine])?,
            };
            self.processes.push(Process::new(place, &self.scratch));
        }
        self.name()?;
        self.put_secrets()?;
        self.put_files()
    }

    /// Forgets the processes that the topology lacks.
    pub fn drop_the_gone(&mut self) {
        let (_, places) = machines::of(&self.topology, self.ground, &self.scratch);
        self.processes
            .retain(|process| places.iter().any(|place| place.title == process.place.title));
    }

    fn add_machine(&mut self, wanted: &Machine) -> Result<usize> {
        let index = self.machines.len();
        let highest = self.machines.iter().map(|machine| u32::from(machine.address)).max();
        let mut machine = wanted.clone();
        machine.namespace = format!("m{index}");
        if self.machines.iter().any(|other| other.address == machine.address) {
            machine.address = (highest.unwrap_or(0) + 1).into();
        }
        self.ground.connect(&machine.namespace, machine.address)?;
        self.machines.push(machine);
        Ok(index)
    }

    /// A script of a process, on its machine.
    #[must_use]
    pub fn script(&self, index: usize, name: &str) -> Command {
        let place = &self.processes[index].place;
        let mut command = self.ground.on(&self.machines[place.machine].namespace);
        command.arg("sh").arg(place.directory.join(name));
        command
    }

    /// # Errors
    /// When its start script cannot be run.
    pub fn start(&mut self, index: usize) -> Result<()> {
        let script = match self.processes[index].place.kind {
            Kind::Data(_) => "start-redis.sh",
            Kind::Sentinel => "start-sentinel.sh",
        };
        let mut command = self.script(index, script);
        let process = &mut self.processes[index];
        let log = fs::File::options().create(true).append(true).open(&process.log)?;
        process.begin();
        command.stdout(log.try_clone()?).stderr(log).process_group(0);
        process.child =
            Some(command.spawn().with_context(|| format!("cannot start {}", process.place.title))?);
        self.timeline.tell(format!("{} starts", self.processes[index].place.title));
        Ok(())
    }

    /// `kill -9`: the server, or the start script that waits; the platform does not start it again.
    pub fn kill(&mut self, index: usize) {
        let process = &mut self.processes[index];
        process.is_wanted = false;
        process.ended = None;
        if let Some(mut child) = process.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            self.timeline.tell(format!("kill -9 {}", self.processes[index].place.title));
        }
    }

    /// Has a script of a process die behind a line, together with its server if that runs in its place.
    pub(super) fn break_behind(&self, index: usize, file: &str, line: &str) -> Result<()> {
        let instead = format!("{line}kill -9 $$\n");
        Mutation { file: file.into(), text: line.into(), instead }
            .apply(&self.processes[index].place.directory)
    }

    /// Gives a machine an address that nobody had.
    pub(super) fn readdress(&mut self, machine: usize) -> Result<()> {
        let highest = self.machines.iter().map(|machine| u32::from(machine.address)).max();
        let address = Ipv4Addr::from(highest.unwrap_or(0) + 1);
        ground::give(&self.machines[machine].namespace, address)?;
        self.machines[machine].address = address;
        let name = &self.machines[machine].name;
        if let Some(host) = self.topology.hosts.iter_mut().find(|host| host.name == *name) {
            // A host's address is in the spec, which changes with it.
            host.bind = vec![address.to_string(), "127.0.0.1".into()];
            host.address = address.to_string();
            self.put_files()?;
        }
        self.timeline.tell(format!("{} gets the address {address}", self.machines[machine].name));
        self.name()?;
        self.put_secrets()
    }

    /// Sends a signal to a server.
    pub fn signal(&self, index: usize, signal: Signal) {
        if let Some(pid) = self.processes[index].pid() {
            let _ = kill_process(pid, signal);
        }
    }

    /// What comes after the stop script: SIGTERM, and SIGKILL after the grace period.
    pub fn terminate(&mut self, index: usize) {
        self.processes[index].is_wanted = false;
        self.signal(index, Signal::TERM);
        let began = Instant::now();
        while self.processes[index].is_running() && began.elapsed() < GRACE {
            std::thread::sleep(TICK);
        }
        if self.processes[index].is_running() {
            self.timeline
                .tell(format!("{} outlives its grace period", self.processes[index].place.title));
        }
        if let Some(mut child) = self.processes[index].child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.timeline.tell(format!("{} has stopped", self.processes[index].place.title));
    }

    /// Removes what lies on the volume of a process that does not run.
    pub(super) fn wipe(&self, index: usize) -> Result<()> {
        let place = &self.processes[index].place;
        fs::remove_dir_all(&place.volume).context("cannot remove a volume")?;
        fs::create_dir_all(&place.volume).context("cannot make a volume")?;
        self.timeline.tell(format!("{} loses its volume", place.title));
        Ok(())
    }

    /// Takes down what scripts say, and starts again what ended by itself, as the platform does.
    ///
    /// # Errors
    /// When a start script cannot be run.
    pub fn tend(&mut self) -> Result<()> {
        if self.listened.elapsed() > LISTEN {
            self.listen();
        }
        for index in 0..self.processes.len() {
            let process = &mut self.processes[index];
            if !process.is_wanted || process.is_running() {
                continue;
            }
            match process.ended {
                None => {
                    process.ended = Some(Instant::now());
                    let words = process.last_words();
                    let words = words.map_or(String::new(), |words| format!(": {words}"));
                    self.timeline.tell(format!("{} ends by itself{words}", process.place.title));
                }
                Some(ended) if ended.elapsed() >= RESTART => self.start(index)?,
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn listen(&mut self) {
        for process in &mut self.processes {
            for news in process.news() {
                self.timeline.tell(format!("{}: {news}", process.place.title));
            }
        }
        self.listened = Instant::now();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.processes.clear();
        self.ground.heal();
        for machine in &self.machines {
            self.ground.disconnect(&machine.namespace);
        }
    }
}
