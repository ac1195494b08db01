//! What a load wrote: which writes were acknowledged, when, and which of them are lost.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::clients::Access;

const SLOT: Duration = Duration::from_millis(100);
/// Keys in one question.
const BATCH: usize = 500;
/// How far a client's clock may be from the one of a kill: it may get its turn late.
const MOMENT: Duration = Duration::from_secs(1);

/// A write that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Acknowledged {
    pub(super) key: String,
    pub(super) at: Instant,
    /// Whether the connection broke behind it.
    pub(super) is_last: bool,
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
    pub(super) acknowledged: Vec<Acknowledged>,
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
        let mut connection =
            access.connect_to_master(master).context("no master to look for the keys at")?;
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
