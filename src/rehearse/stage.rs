//! What a drill works with: the lab, what is seen of it, the load, and the words to say what must hold.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use redis::Client;
use rustix::process::Signal;

use super::{
    clients::{self, Access},
    ground,
    lab::{Lab, TICK},
    machines::Kind,
    random::Random,
    watch::Watch,
    writer::Writer,
};

/// Set by Ctrl-C.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What was measured, for the report.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub new_master: Vec<Duration>,
    pub longest_gap: Duration,
    pub acknowledged: usize,
    pub lost: usize,
    /// Those among them that no script can help.
    pub lost_at_kill: usize,
    /// Whether a load ended whose keys nobody could look for.
    pub is_uncounted: bool,
    pub two_masters: Duration,
    pub epochs: Option<(u64, u64)>,
}

/// How much of the whole a drill repeats.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The factor on all timings.
    pub scale: f64,
    /// Random orders of a drill that has some.
    pub orders: usize,
}

pub struct Stage {
    pub lab: Lab,
    pub watch: Watch,
    pub access: Access,
    pub figures: Figures,
    pub random: Random,
    pub scope: Scope,
    /// What did not hold.
    pub failures: Vec<String>,
    pub writer: Option<Writer>,
    /// How many loads there were.
    pub loads: usize,
    /// When data nodes were killed.
    pub kills: Vec<Instant>,
}

impl Stage {
    pub fn new(lab: Lab, scope: Scope) -> Result<Self> {
        let (watch, access) = (Watch::of(&lab)?, Access::to(&lab)?);
        Ok(Self {
            lab,
            watch,
            access,
            figures: Figures::default(),
            random: Random::new()?,
            scope,
            failures: Vec::new(),
            writer: None,
            loads: 0,
            kills: Vec::new(),
        })
    }

    /// Forgets what earlier drills saw.
    pub fn begin(&mut self) {
        self.lab.timeline.begin();
        self.figures = Figures::default();
        self.failures.clear();
        self.kills.clear();
        self.watch.seen().begin();
    }

    /// Takes down the figures that are known at the end.
    pub fn finish(&mut self, epoch: u64) {
        self.writer = None;
        self.figures.two_masters += self.watch.seen().two_masters();
        self.figures.epochs = Some((epoch, self.epoch()));
    }

    /// Looks at the processes that there are now; what was seen of two masters stays.
    pub fn watch_anew(&mut self) -> Result<()> {
        let (two_masters, excused) = {
            let seen = self.watch.seen();
            (seen.two_masters(), seen.excused.clone())
        };
        self.figures.two_masters += two_masters;
        self.access = Access::to(&self.lab)?;
        self.watch = Watch::of(&self.lab)?;
        self.excuse(&excused);
        Ok(())
    }

    /// The name of the master that is drilled.
    #[must_use]
    pub fn master_name(&self) -> String {
        self.lab.topology.masters[0].name.clone()
    }

    /// Seconds of production, as long as they are here.
    #[must_use]
    pub fn seconds(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds * self.scope.scale)
    }

    #[must_use]
    pub fn down_after(&self) -> Duration {
        Duration::from_millis(self.lab.topology.masters[0].watch.down_after_milliseconds.into())
    }

    #[must_use]
    pub fn failover_timeout(&self) -> Duration {
        let timeout = self.lab.topology.masters[0].watch.failover_timeout_milliseconds;
        Duration::from_millis(timeout.into())
    }

    #[must_use]
    pub fn wait(&self) -> Duration {
        Duration::from_secs(self.lab.topology.patience.wait_seconds.into())
    }

    /// The time in which a set whose last master is gone finds another: T of the contract. The seconds in which watchers look and
    /// servers reconnect do not scale; `down-after` has room for them at production timings only.
    #[must_use]
    pub fn patience(&self) -> Duration {
        let fixed = Duration::from_secs_f64(5.0 * (1.0 - self.scope.scale).max(0.0));
        self.wait() + self.failover_timeout() * 2 + self.down_after() + fixed
    }

    /// Processes of a kind.
    #[must_use]
    pub fn all(&self, kind: Kind) -> Vec<usize> {
        let processes = self.lab.processes.iter().enumerate();
        processes
            .filter(|(_, process)| process.place.kind == kind)
            .map(|(index, _)| index)
            .collect()
    }

    /// Data nodes of the master that is drilled.
    #[must_use]
    pub fn nodes(&self) -> Vec<usize> {
        self.all(Kind::Data(0))
    }

    #[must_use]
    pub fn sentinels(&self) -> Vec<usize> {
        self.all(Kind::Sentinel)
    }

    #[must_use]
    pub fn everything(&self) -> Vec<usize> {
        (0..self.lab.processes.len()).collect()
    }

    #[must_use]
    pub fn title(&self, index: usize) -> String {
        self.lab.processes[index].place.title.clone()
    }

    /// Lets time pass.
    pub fn rest(&mut self, duration: Duration) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < duration {
            self.tick()?;
        }
        Ok(())
    }

    pub fn tick(&mut self) -> Result<()> {
        if INTERRUPTED.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        self.lab.tend()?;
        std::thread::sleep(TICK);
        Ok(())
    }

    /// Waits until something is so, and says how long it took.
    pub fn until(
        &mut self,
        what: &str,
        limit: Duration,
        is_so: impl Fn(&Self) -> bool,
    ) -> Result<Duration> {
        let began = Instant::now();
        while !is_so(self) {
            if began.elapsed() > limit {
                bail!("{what}: not within {:.1} s", limit.as_secs_f64());
            }
            self.tick()?;
        }
        Ok(began.elapsed())
    }

    /// Says what must hold; the drill goes on.
    pub fn check(&mut self, holds: bool, what: impl Into<String>) {
        if !holds {
            let what = what.into();
            self.lab.timeline.tell(format!("FAILED: {what}"));
            self.failures.push(what);
        }
    }

    pub fn tell(&self, what: impl Into<String>) {
        self.lab.timeline.tell(what);
    }

    pub fn application(&self, node: usize) -> Result<Client> {
        let place = &self.lab.processes[node].place;
        let address = self.lab.machines[place.machine].address.to_string();
        self.access.application(&address, clients::port(place.port)?)
    }

    /// A client with the rights of the scripts.
    pub fn node_client(&self, index: usize) -> Result<Client> {
        let place = &self.lab.processes[index].place;
        let address = self.lab.machines[place.machine].address.to_string();
        self.access.node(place.kind, &address, clients::port(place.port)?)
    }

    /// Sends a command with the rights of an application where there are no users, else of the scripts.
    pub fn order(&self, index: usize, words: &[&str]) -> Result<()> {
        let mut connection = clients::connect(&self.node_client(index)?)?;
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command
            .query::<()>(&mut connection)
            .with_context(|| format!("{} refuses {}", self.title(index), words[0]))
    }

    /// A field of `INFO`.
    pub fn info(&self, index: usize, field: &str) -> Result<String> {
        let mut connection = clients::connect(&self.node_client(index)?)?;
        let info: String = redis::cmd("INFO").query(&mut connection)?;
        let value = info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        Ok(value.unwrap_or_default().trim().into())
    }

    /// Whether a process refuses these passwords.
    pub fn is_refused(&self, index: usize, access: &Access) -> Result<bool> {
        let place = &self.lab.processes[index].place;
        let address = self.lab.machines[place.machine].address.to_string();
        let client = access.node(place.kind, &address, clients::port(place.port)?)?;
        Ok(clients::connect(&client).is_err_and(|error| !error.is_io_error()))
    }

    /// Cuts a machine off from all others, or connects it again.
    pub fn cut_off(&self, index: usize, is_cut: bool) -> Result<()> {
        let own = &self.lab.machines[self.lab.processes[index].place.machine];
        let word = if is_cut { "is cut off from" } else { "reaches again" };
        self.tell(format!("{} {word} all other machines", own.name));
        for other in self.lab.machines.iter().filter(|other| other.name != own.name) {
            ground::cut(own.address, other.address, is_cut)?;
        }
        Ok(())
    }

    pub fn freeze(&self, index: usize, is_frozen: bool) {
        self.tell(format!(
            "{} {}",
            if is_frozen { "SIGSTOP" } else { "SIGCONT" },
            self.title(index)
        ));
        self.lab.signal(index, if is_frozen { Signal::STOP } else { Signal::CONT });
    }

    /// Being master does not count for these from now on.
    pub fn excuse(&self, nodes: &[usize]) {
        self.watch.seen().excused = nodes.to_vec();
    }
}
