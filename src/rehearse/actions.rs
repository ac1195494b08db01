//! What drills do to a set, and the good end that all of them want.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{
    machines::Kind,
    stage::Stage,
    views::{Role, SentinelView},
};

/// Sentinel reads the priorities of replicas every 10 s; until then it would not promote one that just came back.
pub const SENTINEL_INFO_PERIOD: Duration = Duration::from_secs(11);

const SPLIT_VOTES: &str =
    "the Sentinels split their votes, and try again after two failover-timeouts";

impl Stage {
    pub fn kill(&mut self, index: usize) {
        if matches!(self.lab.processes[index].place.kind, Kind::Data(_)) {
            self.kills.push(Instant::now());
        }
        self.lab.kill(index);
        self.watch.seen().forget(index);
    }

    pub fn start(&mut self, index: usize) -> Result<()> {
        // It was excused for as long as it was stopping.
        self.watch.seen().excused.retain(|excused| *excused != index);
        self.lab.start(index)
    }

    pub fn wipe(&mut self, index: usize) -> Result<()> {
        self.lab.wipe(index)
    }

    /// Kills all at once.
    pub fn kill_all(&mut self, all: &[usize]) {
        for index in all {
            self.kill(*index);
        }
    }

    /// Starts each after a random time below a limit.
    pub fn start_in_random_order(&mut self, all: &[usize], limit: Duration) -> Result<()> {
        let mut plan: Vec<(Duration, usize)> =
            all.iter().map(|index| (self.random.below(limit), *index)).collect();
        plan.sort_unstable();
        let began = Instant::now();
        for (after, index) in plan {
            while began.elapsed() < after {
                self.tick()?;
            }
            self.start(index)?;
        }
        Ok(())
    }

    /// Stops a process as its platform does: the stop script of a data node, then SIGTERM. Says what the script said.
    pub fn stop(&mut self, index: usize) -> Result<String> {
        let mut said = String::new();
        self.excuse(&[index]);
        if matches!(self.lab.processes[index].place.kind, Kind::Data(_)) {
            self.tell(format!("{} is told to stop", self.title(index)));
            let mut command = self.lab.script(index, "stop-redis.sh");
            command.stdout(std::process::Stdio::piped());
            let mut child = command.spawn().context("cannot run stop-redis.sh")?;
            let began = Instant::now();
            while child.try_wait()?.is_none() {
                if began.elapsed() > Duration::from_secs(45) {
                    let _ = child.kill();
                    bail!("stop-redis.sh does not end");
                }
                self.tick()?;
            }
            let output = child.wait_with_output()?;
            said = String::from_utf8_lossy(&output.stdout).trim().to_string();
            if let Some((_, words)) =
                said.lines().last().and_then(|last| last.split_once(" stop: "))
            {
                self.tell(format!("{}: stop: {words}", self.title(index)));
            }
        }
        self.lab.terminate(index);
        self.watch.seen().forget(index);
        Ok(said)
    }

    /// Runs a probe of a process.
    pub fn probe(&self, index: usize, script: &str) -> Result<bool> {
        let mut command = self.lab.script(index, script);
        let output = command.output().with_context(|| format!("cannot run {script}"))?;
        Ok(output.status.success())
    }

    /// One master, all others with their link up and complete, the Sentinels of one mind and able to fail over.
    ///
    /// Sentinels that split their votes meanwhile get the time to try again.
    pub fn good_end(&mut self, limit: Duration) -> Result<Duration> {
        let began = Instant::now();
        let mut limit = limit;
        let (mut is_split, mut is_patient) = (false, false);
        loop {
            is_split |= self.has_split_votes();
            let missing = self.missing();
            if missing.is_empty() {
                let took = began.elapsed();
                self.tell(format!("good end after {:.1} s", took.as_secs_f64()));
                return Ok(took);
            }
            if began.elapsed() > limit {
                if !is_split || is_patient {
                    bail!(
                        "no good end within {:.1} s: {}",
                        limit.as_secs_f64(),
                        missing.join("; ")
                    );
                }
                is_patient = true;
                limit += self.failover_timeout() * 2;
                self.tell(SPLIT_VOTES);
            }
            self.tick()?;
        }
    }

    /// What is missing for a good end.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for master in 0..self.lab.topology.masters.len() {
            let Some(serving) = self.serving(master) else {
                missing.push(format!("{} has no master", self.lab.topology.masters[master].name));
                continue;
            };
            self.miss_replicas(master, serving, &mut missing);
            for sentinel in self.sentinels() {
                let view = self.sentinel(sentinel, master);
                if let Some(why) = self.faults(master, serving, view.as_ref()) {
                    missing.push(format!("{} {why}", self.title(sentinel)));
                }
            }
        }
        missing
    }

    fn miss_replicas(&self, master: usize, serving: usize, missing: &mut Vec<String>) {
        let place = &self.lab.processes[serving].place;
        let address = (place.host.clone(), place.port);
        for node in self.all(Kind::Data(master)) {
            let why = match self.data(node) {
                _ if node == serving => continue,
                None => "does not answer",
                Some(view) if view.role == Role::Master => "is master too",
                Some(view) if view.follows != address => "follows another",
                Some(view) if !view.has_link || view.is_syncing => "has no link",
                Some(view) if view.priority != 100 => "is not synced",
                Some(_) => continue,
            };
            missing.push(format!("{} {why}", self.title(node)));
        }
    }

    fn faults(&self, master: usize, serving: usize, view: Option<&SentinelView>) -> Option<String> {
        let place = &self.lab.processes[serving].place;
        let topology = &self.lab.topology;
        let (replicas, others) =
            (topology.masters[master].replicas, topology.sentinel.instances - 1);
        match view {
            None => Some("says nothing".into()),
            Some(view) if view.names != (place.host.clone(), place.port) => {
                Some(format!("names {}", view.names.0))
            }
            Some(view) if view.flags != "master" => Some(format!("has flags {}", view.flags)),
            Some(view) if !view.has_quorum => Some("has no quorum".into()),
            Some(view) if view.replicas != u64::from(replicas) => {
                Some(format!("knows {} replicas instead of {replicas}", view.replicas))
            }
            Some(view) if view.others != u64::from(others) => {
                Some(format!("knows {} other Sentinels instead of {others}", view.others))
            }
            Some(_) => None,
        }
    }

    /// Waits until another than this node is master and a Sentinel sends clients there, and notes how long that took.
    ///
    /// Sentinels that begin in one moment may split their votes; nobody leads then, and they try again after two
    /// failover-timeouts. That is Sentinel's own, so it is told and waited for.
    pub fn until_replaced(&mut self, old: usize, limit: Duration) -> Result<Duration> {
        let began = Instant::now();
        let is_replaced = |stage: &Self| {
            let others = stage.nodes().into_iter().filter(|node| *node != old);
            others.into_iter().any(|node| stage.is_master(node) && stage.named_by(node, 0) > 0)
        };
        if let Err(late) = self.until("a new master", limit, is_replaced) {
            if !self.has_split_votes() {
                return Err(late);
            }
            let again = self.failover_timeout() * 2;
            self.tell(SPLIT_VOTES);
            self.until("a new master after split votes", again, is_replaced)?;
        }
        let took = began.elapsed();
        self.figures.new_master.push(took);
        Ok(took)
    }

    /// Whether several Sentinels want to lead a failover now.
    fn has_split_votes(&self) -> bool {
        let wants = |sentinel: &&usize| {
            self.sentinel(**sentinel, 0)
                .is_some_and(|view| view.flags.contains("failover_in_progress"))
        };
        self.sentinels().iter().filter(wants).count() > 1
    }

    /// Until Sentinel knows that every replica may be promoted.
    pub fn settle(&mut self) -> Result<()> {
        self.rest(SENTINEL_INFO_PERIOD)
    }

    /// Checks that a node has not said since a moment that it is master.
    pub fn never_master_since(&mut self, node: usize, moment: Instant) {
        let at = self.watch.seen().master_at.get(&node).copied();
        let title = self.title(node);
        self.check(at.is_none_or(|at| at <= moment), format!("{title} served as master again"));
    }
}
