//! What is under way, for somebody who waits at a terminal.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{Streams, Verbosity};

/// Nobody minds a wait of this length.
const PATIENCE: Duration = Duration::from_millis(300);
const PACE: Duration = Duration::from_millis(100);

/// A line on the terminal that goes when this goes.
pub struct Progress {
    done: Arc<AtomicUsize>,
    shown: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// `checks 300 specs`, later with how many of them are done.
    pub fn start(streams: &Streams, verb: &'static str, total: usize, noun: &'static str) -> Self {
        let done = Arc::new(AtomicUsize::new(0));
        let is_seen = total > 1 && streams.verbosity != Verbosity::Quiet && can_show();
        let shown = is_seen.then(|| {
            let (stop, stopped) = mpsc::channel();
            let done = Arc::clone(&done);
            let line = move || match done.load(Ordering::Relaxed) {
                0 => format!("{verb} {total} {noun}"),
                done => format!("{verb} {total} {noun}: {done}"),
            };
            (stop, thread::spawn(move || show(line, &stopped)))
        });
        Self { done, shown }
    }

    /// One more is done.
    pub fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.shown.take() {
            drop(stop);
            // Before the next line is written, this one must be gone.
            let _ = thread.join();
        }
    }
}

fn can_show() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn show(line: impl Fn() -> String, stopped: &mpsc::Receiver<()>) {
    let mut wait = PATIENCE;
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        let _ = write!(io::stderr(), "\r{}\u{1b}[K", line());
        wait = PACE;
    }
    if wait == PACE {
        let _ = write!(io::stderr(), "\r\u{1b}[K");
    }
}
