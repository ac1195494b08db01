//! What happened in a drill, and when.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// Something that happened, so long after the beginning of the drill.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    #[serde(rename = "seconds", with = "super::seconds::single")]
    pub at: Duration,
    pub what: String,
}

/// The events of a drill; shared by all that see some.
#[derive(Clone, Debug)]
pub struct Timeline(Arc<Mutex<Record>>);

#[derive(Debug)]
struct Record {
    began: Instant,
    events: Vec<Event>,
    is_muted: bool,
}

impl Default for Timeline {
    fn default() -> Self {
        let record = Record { began: Instant::now(), events: Vec::new(), is_muted: false };
        Self(Arc::new(Mutex::new(record)))
    }
}

impl Timeline {
    pub fn tell(&self, what: impl Into<String>) {
        let mut record = self.record();
        if !record.is_muted {
            let at = record.began.elapsed();
            record.events.push(Event { at, what: what.into() });
        }
    }

    /// Begins anew.
    pub fn begin(&self) {
        *self.record() = Record { began: Instant::now(), events: Vec::new(), is_muted: false };
    }

    /// Takes nothing down for a while: what happens a hundred times tells nothing.
    pub fn mute(&self, is_muted: bool) {
        self.record().is_muted = is_muted;
    }

    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.record().events.clone()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
