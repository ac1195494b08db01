//! The load: several clients write unique keys through Sentinel, and remember which were acknowledged.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use redis::{Client, Connection};

use super::clients::{self, Access};

/// Clients that write at the same time.
const CLIENTS: usize = 4;
/// Between two writes of each: together 2,000 a second.
const PERIOD: Duration = Duration::from_millis(2);
const HELD_UP: Duration = Duration::from_millis(300);
/// Looking for the master again.
const RETRY: Duration = Duration::from_millis(50);
/// What finding the master may take; behind it a frozen server may sit.
const SEARCH: Duration = Duration::from_secs(3);
const SLOT: Duration = Duration::from_millis(100);
/// Keys in one question.
const BATCH: usize = 500;
/// How far a client's clock may be from the one of a kill: it may get its turn late.
const MOMENT: Duration = Duration::from_secs(1);

/// A write that was acknowledged.
#[derive(Clone, Debug)]
struct Acknowledged {
    key: String,
    at: Instant,
    /// Whether the connection broke behind it.
    is_last: bool,
}

/// Keys that the present master lacks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lost {
    pub all: usize,
    /// The last answer that a client had of a server that was killed just then: Redis answers before it replicates, so each client
    /// may lose one write to a `kill -9`, and no script can help it.
    pub at_kill: usize,
}

impl Acknowledged {
    fn is_cut_short(&self, kills: &[Instant]) -> bool {
        let apart = |kill: &Instant| {
            kill.saturating_duration_since(self.at).max(self.at.saturating_duration_since(*kill))
        };
        self.is_last && kills.iter().any(|kill| apart(kill) <= MOMENT)
    }
}

/// What a writer achieved.
pub struct Written {
    acknowledged: Vec<Acknowledged>,
    /// The longest time in which no client had a write acknowledged.
    pub longest_gap: Duration,
}

impl Written {
    #[must_use]
    pub fn count(&self) -> usize {
        self.acknowledged.len()
    }

    /// How many were acknowledged after a moment.
    #[must_use]
    pub fn since(&self, moment: Instant) -> usize {
        self.acknowledged.iter().filter(|write| write.at > moment).count()
    }

    /// How many were acknowledged between two moments.
    #[must_use]
    pub fn between(&self, from: Instant, to: Instant) -> usize {
        self.acknowledged.iter().filter(|write| write.at > from && write.at <= to).count()
    }

    /// When the last one was acknowledged, up to a moment.
    #[must_use]
    pub fn last_until(&self, moment: Instant) -> Option<Instant> {
        self.acknowledged.iter().map(|write| write.at).filter(|at| *at <= moment).max()
    }

    /// For how long writes were acknowledged after a moment, in whole slots, pauses left out.
    #[must_use]
    pub fn busy_since(&self, moment: Instant) -> Duration {
        let later = self.acknowledged.iter().filter(|write| write.at > moment);
        let slot = |write: &Acknowledged| (write.at - moment).as_millis() / SLOT.as_millis();
        let slots: BTreeSet<u128> = later.map(slot).collect();
        SLOT * u32::try_from(slots.len()).unwrap_or(u32::MAX)
    }

    /// Counts the keys that the present master lacks, and removes the others.
    pub fn count_lost(&self, access: &Access, master: &str, kills: &[Instant]) -> Result<Lost> {
        let mut connection = follow(access, master).context("no master to look for the keys at")?;
        let mut lost = Lost::default();
        for batch in self.acknowledged.chunks(BATCH) {
            let keys: Vec<&str> = batch.iter().map(|write| write.key.as_str()).collect();
            connection.set_read_timeout(Some(Duration::from_secs(10)))?;
            let found: Vec<Option<String>> =
                redis::cmd("MGET").arg(&keys).query(&mut connection)?;
            for (write, value) in batch.iter().zip(found) {
                if value.as_deref() != Some(&write.key) {
                    lost.all += 1;
                    lost.at_kill += usize::from(write.is_cut_short(kills));
                }
            }
            redis::cmd("UNLINK").arg(&keys).query::<u64>(&mut connection)?;
        }
        Ok(lost)
    }
}

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
            Self::Master(access, master) => follow(access, master),
            Self::Node(client) => clients::connect(client).ok(),
        }
    }
}

/// Asks the Sentinels for the master. In a thread of its own, because the library waits for a frozen server for ever.
fn follow(access: &Access, master: &str) -> Option<Connection> {
    let mut follower = access.follower(master).ok()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let client = follower.get_client();
        let _ = sender.send(client.and_then(|client| clients::connect(&client)));
    });
    receiver.recv_timeout(SEARCH).ok()?.ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_answer_of_a_connection_near_a_kill_is_one_that_no_script_can_help() {
        let kill = Instant::now() + Duration::from_mins(1);
        let write = |is_last, at| Acknowledged { key: "k".into(), at, is_last };
        assert!(write(true, kill).is_cut_short(&[kill]));
        assert!(write(true, kill + Duration::from_millis(200)).is_cut_short(&[kill]));
        assert!(!write(false, kill).is_cut_short(&[kill]), "a later one of this client was kept");
        assert!(!write(true, kill).is_cut_short(&[]), "nobody was killed: a planned stop");
        let two_seconds = Duration::from_secs(2);
        let before = kill.checked_sub(two_seconds).unwrap();
        assert!(!write(true, before).is_cut_short(&[kill]));
        assert!(!write(true, kill + two_seconds).is_cut_short(&[kill]));
    }

    #[test]
    fn the_time_of_acknowledging_leaves_pauses_out() {
        let moment = Instant::now();
        let at = [0, 1050, 1060, 1150, 9000].map(|milliseconds| Acknowledged {
            key: "k".into(),
            at: moment + Duration::from_millis(milliseconds),
            is_last: false,
        });
        let written = Written { acknowledged: at.to_vec(), longest_gap: Duration::ZERO };
        assert_eq!(written.busy_since(moment), SLOT * 3);
        let limit = moment + Duration::from_secs(2);
        assert_eq!(written.last_until(limit), Some(moment + Duration::from_millis(1150)));
    }
}
