//! Looks at every process ten times a second.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Result;
use redis::Connection;

use super::{
    clients::{self, Access},
    lab::Lab,
    machines::Kind,
    timeline::Timeline,
    views::{DataView, Role, SentinelView},
};

const PERIOD: Duration = Duration::from_millis(100);
/// A view that is older says nothing about now.
pub const FRESH: Duration = Duration::from_millis(900);

/// What was seen, by the number of the process.
#[derive(Default)]
pub struct Seen {
    pub data: HashMap<usize, DataView>,
    /// By process and master.
    pub sentinels: HashMap<(usize, usize), SentinelView>,
    /// When a data node said last that it is master.
    pub master_at: HashMap<usize, Instant>,
    /// Nodes whose being master does not count: they are stopping, frozen or cut off.
    pub excused: Vec<usize>,
    masters: HashMap<usize, usize>,
    two_masters_since: Option<Instant>,
    two_masters: Duration,
}

impl Seen {
    fn note_data(&mut self, process: usize, master: usize, view: DataView) {
        if view.role == Role::Master {
            self.master_at.insert(process, view.at);
        }
        self.masters.insert(process, master);
        self.data.insert(process, view);
        let counts = |(index, view): &(&usize, &DataView)| {
            view.role == Role::Master
                && view.at.elapsed() < FRESH
                && self.masters.get(index) == Some(&master)
                && !self.excused.contains(index)
        };
        let counted = self.data.iter().filter(counts).count();
        match (counted > 1, self.two_masters_since) {
            (true, None) => self.two_masters_since = Some(Instant::now()),
            (false, Some(since)) => {
                self.two_masters += since.elapsed();
                self.two_masters_since = None;
            }
            _ => {}
        }
    }

    /// Another drill begins.
    pub fn begin(&mut self) {
        self.excused.clear();
        self.two_masters = Duration::ZERO;
        self.two_masters_since = None;
    }

    /// What a process said before it was killed says nothing about now.
    pub fn forget(&mut self, process: usize) {
        self.data.remove(&process);
        self.sentinels.retain(|(sentinel, _), _| *sentinel != process);
    }

    /// How long two nodes of one master said that they are master.
    #[must_use]
    pub fn two_masters(&self) -> Duration {
        self.two_masters + self.two_masters_since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// The threads that look.
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Watch {
    /// Looks at every process of a lab until it is dropped.
    pub fn of(lab: &Lab) -> Result<Self> {
        let access = Access::to(lab)?;
        let mut watch = Self { seen: Arc::default(), ends: Arc::default(), threads: Vec::new() };
        for (index, process) in lab.processes.iter().enumerate() {
            let address = lab.machines[process.place.machine].address.to_string();
            let port = clients::port(process.place.port)?;
            let client = access.node(process.place.kind, &address, port)?;
            let seen = Arc::clone(&watch.seen);
            let names = lab.topology.masters.iter().map(|master| master.name.clone()).collect();
            let observer = Observer {
                process: index,
                title: process.place.title.clone(),
                kind: process.place.kind,
                masters: names,
                seen,
                timeline: lab.timeline.clone(),
            };
            let ends = Arc::clone(&watch.ends);
            watch.threads.push(thread::spawn(move || observer.look(&client, &ends)));
        }
        Ok(watch)
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who looks at one process.
struct Observer {
    process: usize,
    title: String,
    kind: Kind,
    masters: Vec<String>,
    seen: Arc<Mutex<Seen>>,
    timeline: Timeline,
}

impl Observer {
    fn look(&self, client: &redis::Client, ends: &AtomicBool) {
        let mut connection: Option<Connection> = None;
        while !ends.load(Ordering::Relaxed) {
            let began = Instant::now();
            if connection.is_none() {
                connection = clients::connect(client).ok();
            }
            let is_well = connection.as_mut().is_some_and(|connection| match self.kind {
                Kind::Data(master) => self.look_at_data(connection, master),
                Kind::Sentinel => self.look_at_sentinel(connection),
            });
            if !is_well {
                connection = None;
            }
            thread::sleep(PERIOD.saturating_sub(began.elapsed()));
        }
    }

    fn look_at_data(&self, connection: &mut Connection, master: usize) -> bool {
        let Ok(info) = redis::cmd("INFO").query::<String>(connection) else { return false };
        let Some(view) = DataView::read(&info) else { return true };
        let mut seen = lock(&self.seen);
        let before = seen.data.get(&self.process);
        if let Some(news) = view.news(before) {
            self.timeline.tell(format!("{} {news}", self.title));
        }
        seen.note_data(self.process, master, view);
        true
    }

    fn look_at_sentinel(&self, connection: &mut Connection) -> bool {
        for (master, name) in self.masters.iter().enumerate() {
            let quorum =
                redis::cmd("SENTINEL").arg("CKQUORUM").arg(name).query::<String>(connection);
            let has_quorum = match &quorum {
                Ok(said) => said.starts_with("OK"),
                Err(error) if error.is_io_error() => return false,
                Err(_) => false,
            };
            let fields = redis::cmd("SENTINEL")
                .arg("MASTER")
                .arg(name)
                .query::<HashMap<String, String>>(connection);
            let fields = match fields {
                Ok(fields) => fields,
                Err(error) if error.is_io_error() => return false,
                // It does not monitor this master.
                Err(_) => continue,
            };
            let Some(view) = SentinelView::read(&fields, has_quorum) else { continue };
            let mut seen = lock(&self.seen);
            let key = (self.process, master);
            if let Some(news) = view.news(seen.sentinels.get(&key)) {
                self.timeline.tell(format!("{} {news}", self.title));
            }
            seen.sentinels.insert(key, view);
        }
        true
    }
}
