//! Rehearsals: the rendered configuration as local processes, and drills on it.
//!
//! ```text
//! Topology ─ adapted ─► lab (ground, machines, secrets) ─► stage (watch, writer) ─ drills ─► report
//! ```

mod actions;
mod adapted;
mod clients;
pub mod drills;
pub mod engine;
pub mod ground;
mod lab;
pub mod lanes;
mod load;
mod look;
mod machines;
mod mutation;
mod process;
mod random;
pub mod report;
mod seconds;
mod secrets;
mod stage;
mod timeline;
mod views;
mod watch;
mod writer;
mod written;

use std::{
    path::Path,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use self::{
    drills::Drill,
    engine::Installed,
    ground::Ground,
    report::{Report, Run, Verdict},
    stage::{Figures, Stage},
};
pub use self::{
    lab::Lab,
    machines::Kind,
    mutation::Mutation,
    stage::{INTERRUPTED, Scope},
};
use crate::topology::Topology;

/// Between the first start of all and the first drill.
const FIRST_START: Duration = Duration::from_mins(1);
/// What a run says whose drill did not even begin.
pub const NOT_UP: &str = "the set did not come up";
/// Two nodes that say for a shorter time that they are master were seen at two moments.
const AT_ONCE: Duration = Duration::from_millis(150);

/// What is rehearsed, on what.
pub struct Rehearsal<'a> {
    topology: Topology,
    ground: Ground,
    scope: Scope,
    scratch: &'a Path,
    mutations: Vec<Mutation>,
    server: String,
    pub differences: Vec<String>,
    stage: Option<Stage>,
}

/// In which points a rehearsal differs from production, a line each.
///
/// # Errors
/// When no part of the loopback network is free.
pub fn differences(
    mut topology: Topology,
    installed: &Installed,
    ground: Ground,
    scale: f64,
) -> Result<Vec<String>> {
    adapted::adapt(&mut topology, installed, ground, scale)
}

impl<'a> Rehearsal<'a> {
    /// Adapts a topology to this machine.
    ///
    /// # Errors
    /// When no part of the loopback network is free.
    pub fn new(
        mut topology: Topology,
        installed: &Installed,
        ground: Ground,
        scope: Scope,
        scratch: &'a Path,
    ) -> Result<Self> {
        // The client's TLS library wants to be told which cryptography it uses; a second time changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let differences = adapted::adapt(&mut topology, installed, ground, scope.scale)?;
        Ok(Self {
            topology,
            ground,
            scope,
            scratch,
            mutations: Vec::new(),
            server: installed.title(),
            differences,
            stage: None,
        })
    }

    /// Breaks scripts, to see that drills notice.
    pub fn mutate(&mut self, mutations: &[Mutation]) {
        self.mutations = mutations.to_vec();
        self.stage = None;
    }

    /// A set of its own, for other things than drills; its files are there, and nothing runs yet.
    ///
    /// # Errors
    /// When its files cannot be written, or its machines not be connected.
    pub fn lab(&self) -> Result<Lab> {
        Lab::new(self.topology.clone(), self.ground, self.scratch, &self.mutations)
    }

    /// A set that was started and is well: the one that there is, or a new one.
    fn ready(&mut self) -> Result<&mut Stage> {
        if self.stage.is_none() {
            // Kept whatever comes, because the report shows what it did.
            let stage = self.stage.insert(Stage::new(self.lab()?, self.scope)?);
            for index in stage.everything() {
                stage.start(index)?;
            }
            stage.good_end(FIRST_START).context(NOT_UP)?;
        }
        match &mut self.stage {
            Some(stage) => Ok(stage),
            None => bail!("no set"),
        }
    }

    /// Runs one drill, on a set that is well.
    ///
    /// # Errors
    /// When the user interrupts it or no set can be made here; a drill that fails is a report.
    pub fn run(&mut self, drill: &Drill) -> Result<Run> {
        if let Some(reason) = drill.unfit(&self.topology) {
            return Ok(Run::skipped(drill, Verdict::DoesNotApply, reason.into()));
        }
        if let Some(reason) = drill.unable(self.ground) {
            return Ok(Run::skipped(drill, Verdict::NotRun, reason.into()));
        }
        let began = Instant::now();
        if let Err(error) = self.ready() {
            if self.stage.is_none() {
                return Err(error);
            }
            return self.judge(drill, Err(error), began.elapsed());
        }
        let began = Instant::now();
        let Some(stage) = &mut self.stage else { bail!("no set") };
        stage.begin();
        let epoch = stage.epoch();
        let result = (drill.run)(stage);
        stage.finish(epoch);
        self.judge(drill, result, began.elapsed())
    }

    fn judge(&mut self, drill: &Drill, result: Result<()>, took: Duration) -> Result<Run> {
        if INTERRUPTED.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        let (mut failures, figures, events) = match &mut self.stage {
            Some(stage) => (
                std::mem::take(&mut stage.failures),
                stage.figures.clone(),
                stage.lab.timeline.events(),
            ),
            None => (Vec::new(), Figures::default(), Vec::new()),
        };
        if figures.two_masters > AT_ONCE {
            failures.push(format!(
                "two nodes were master for {:.1} s",
                figures.two_masters.as_secs_f64()
            ));
        }
        if let Err(error) = result {
            failures.push(format!("{error:#}"));
        }
        let verdict = if failures.is_empty() { Verdict::Passed } else { Verdict::Failed };
        if verdict == Verdict::Failed || !drill.leaves_set_as_it_was {
            self.end();
        }
        Ok(Run::of(drill, verdict, failures, &figures, took, events))
    }

    /// Ends the set that there is.
    pub fn end(&mut self) {
        self.stage = None;
        let _ = std::fs::remove_dir_all(self.scratch.join("machines"));
        let _ = std::fs::remove_dir_all(self.scratch.join("logs"));
    }

    /// Keeps a set running until the user interrupts it; `tell` hears how to reach each process.
    ///
    /// # Errors
    /// When the set does not start.
    pub fn keep(&mut self, mut tell: impl FnMut(&str, &str, u32)) -> Result<()> {
        let stage = self.ready()?;
        for process in &stage.lab.processes {
            tell(&process.place.title, &process.place.host, process.place.port);
        }
        while !INTERRUPTED.load(Ordering::Relaxed) {
            stage.lab.tend()?;
            std::thread::sleep(lab::TICK);
        }
        Ok(())
    }

    /// The client program of the server that is rehearsed, and the file with the password of clients.
    #[must_use]
    pub fn client(&self) -> (&str, Option<&str>) {
        let password = self.topology.auth.as_ref().map(|auth| auth.password_file.as_str());
        (&self.topology.engine.cli, password)
    }

    /// The report about some runs.
    #[must_use]
    pub fn report(&self, runs: Vec<Run>) -> Report {
        Report {
            topology: self.topology.name.clone(),
            server: self.server.clone(),
            differences: self.differences.clone(),
            runs,
        }
    }
}
