//! The load: several clients write unique keys through Sentinel, and remember which were acknowledged.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use redis::{Client, Connection};

use super::{
    clients::{self, Access},
    written::{Acknowledged, Written},
};

/// Clients that write at the same time.
const CLIENTS: usize = 4;
/// Between two writes of each: together 2,000 a second.
const PERIOD: Duration = Duration::from_millis(2);
const HELD_UP: Duration = Duration::from_millis(300);
/// Looking for the master again.
const RETRY: Duration = Duration::from_millis(50);

/// How a client of the load finds the server to write to.
#[derive(Clone)]
enum Target {
    Master(Access, String),
    /// One node for ever, whatever its role.
    Node(Client),
}

impl Target {
    fn connect(&self) -> Option<Connection> {
        match self {
            Self::Master(access, master) => access.connect_to_master(master),
            Self::Node(client) => clients::connect(client).ok(),
        }
    }
}

/// Clients that write until they are told to end.
pub struct Writer {
    ends: Arc<AtomicBool>,
    gaps: Arc<Gaps>,
    threads: Vec<JoinHandle<Vec<Acknowledged>>>,
}

impl Writer {
    /// Writes to whatever is the master.
    #[must_use]
    pub fn to_master(access: &Access, master: &str, run: usize) -> Self {
        Self::start(&Target::Master(access.clone(), master.into()), &format!("rehearsal:{run}"))
    }

    /// Writes to one node, also when it is no longer the master.
    #[must_use]
    pub fn to_node(client: Client, run: usize) -> Self {
        Self::start(&Target::Node(client), &format!("rehearsal:{run}:pinned"))
    }

    fn start(target: &Target, prefix: &str) -> Self {
        let (ends, gaps) = (Arc::new(AtomicBool::new(false)), Arc::new(Gaps::default()));
        let threads = (0..CLIENTS)
            .map(|number| {
                let (target, ends, gaps) = (target.clone(), Arc::clone(&ends), Arc::clone(&gaps));
                let prefix = format!("{prefix}:{number}");
                thread::spawn(move || write(&target, &prefix, &ends, &gaps))
            })
            .collect();
        Self { ends, gaps, threads }
    }

    /// How many writes were acknowledged so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.gaps.count.load(Ordering::Relaxed)
    }

    /// Ends it. The time since the last acknowledged write counts as a gap.
    #[must_use]
    pub fn stop(mut self) -> Written {
        self.ends.store(true, Ordering::Relaxed);
        self.gaps.note(false);
        let threads = std::mem::take(&mut self.threads);
        let acknowledged = threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default());
        Written {
            acknowledged: acknowledged.collect(),
            longest_gap: Duration::from_micros(self.gaps.longest.load(Ordering::Relaxed)),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
    }
}

fn write(target: &Target, prefix: &str, ends: &AtomicBool, gaps: &Gaps) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    let mut connection: Option<Connection> = None;
    let mut due = Instant::now();
    // A number is used once, because nobody knows what became of a write without an answer.
    for number in 0_u64.. {
        if ends.load(Ordering::Relaxed) {
            break;
        }
        let Some(open) = &mut connection else {
            connection = target.connect();
            if connection.is_none() {
                thread::sleep(RETRY);
            }
            due = Instant::now();
            continue;
        };
        let key = format!("{prefix}:{number}");
        if redis::cmd("SET").arg(&key).arg(&key).query::<String>(open).is_ok() {
            acknowledged.push(Acknowledged { key, at: Instant::now(), is_last: false });
            gaps.note(true);
            // By the clock, so that a late answer does not slow the load down; what a failover held up is not made up for.
            due = if due.elapsed() > HELD_UP { Instant::now() } else { due + PERIOD };
            thread::sleep(due.saturating_duration_since(Instant::now()));
        } else {
            connection = None;
            if let Some(last) = acknowledged.last_mut() {
                last.is_last = true;
            }
        }
    }
    acknowledged
}

/// The longest time without an acknowledged write, from the first one on.
struct Gaps {
    began: Instant,
    last: AtomicU64,
    longest: AtomicU64,
    count: AtomicU64,
}

impl Default for Gaps {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            last: AtomicU64::default(),
            longest: AtomicU64::default(),
            count: AtomicU64::default(),
        }
    }
}

impl Gaps {
    fn note(&self, is_acknowledged: bool) {
        let now = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
        let last = self.last.fetch_max(now, Ordering::Relaxed);
        if last > 0 {
            self.longest.fetch_max(now.saturating_sub(last), Ordering::Relaxed);
        }
        if is_acknowledged {
            self.count.fetch_add(1, Ordering::Relaxed);
        } else if last == 0 {
            // Never one: nobody could write all the time.
            self.longest.fetch_max(now, Ordering::Relaxed);
        }
    }
}
