//! One process of a set.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::Child,
    time::Instant,
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::machines::Place;

/// How every line of a script begins.
const SCRIPT: &str = "redisforge node=";

/// A process, running or not.
pub struct Process {
    pub place: Place,
    pub log: PathBuf,
    pub child: Option<Child>,
    /// Whether the platform keeps it running.
    pub is_wanted: bool,
    pub ended: Option<Instant>,
    /// How much of its log was read.
    read: u64,
    /// How long its log was when it was started last.
    logged_before: usize,
}

impl Process {
    pub fn new(place: Place, scratch: &Path) -> Self {
        let log = scratch.join("logs").join(format!("{}.log", place.title));
        Self { place, log, child: None, is_wanted: false, ended: None, read: 0, logged_before: 0 }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Everything that it logged.
    #[must_use]
    pub fn all_logged(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Its log is that of another life from now on.
    pub fn begin(&mut self) {
        self.logged_before = self.all_logged().len();
        self.is_wanted = true;
        self.ended = None;
    }

    /// The last line that its server logged in this life.
    #[must_use]
    pub fn last_words(&self) -> Option<String> {
        let log = self.all_logged();
        let mut lines = log.get(self.logged_before..)?.lines();
        let line = lines.rfind(|line| !line.trim().is_empty())?;
        (!line.starts_with(SCRIPT)).then(|| line.into())
    }

    /// What its scripts logged since the last call, shortened for people.
    pub fn news(&mut self) -> Vec<String> {
        let Ok(mut log) = File::open(&self.log) else { return Vec::new() };
        let mut text = String::new();
        if log.seek(SeekFrom::Start(self.read)).is_err() || log.read_to_string(&mut text).is_err() {
            return Vec::new();
        }
        // A line that is being written is read when it is whole.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.read += whole as u64;
        text[..whole]
            .lines()
            .filter_map(|line| line.strip_prefix(SCRIPT))
            .filter(|line| !is_noise(line))
            .map(shortened)
            .collect()
    }

    pub fn pid(&self) -> Option<Pid> {
        let id = i32::try_from(self.child.as_ref()?.id()).ok()?;
        Pid::from_raw(id)
    }
}

/// Nobody takes notifications here, and of a switch the leader tells enough.
fn is_noise(line: &str) -> bool {
    ["notify: ", "reconfig: ", "role=observer"].iter().any(|word| line.contains(word))
}

/// `NODE row=7 verdict=me@4 … does=wait target=- needs="b to answer"` becomes `row=7 wait: needs="b to answer"`.
fn shortened(line: &str) -> String {
    let said = line.split_once(' ').map_or(line, |(_, said)| said);
    let value = |name: &str| said.split(' ').find_map(|word| word.strip_prefix(name));
    let Some(does) = value("does=") else { return said.into() };
    let row = value("row=").map_or(String::new(), |row| format!("row {row}: "));
    let target = value("target=")
        .filter(|target| *target != "-")
        .map_or(String::new(), |target| format!(" {target}"));
    let needs =
        said.split_once("needs=").map_or(String::new(), |(_, needs)| format!(", needs {needs}"));
    format!("{row}{does}{target}{needs}")
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            // Its group: the watcher beside the server too.
            let _ = kill_process_group(pid, Signal::KILL);
        }
        if let Some(child) = &mut self.child {
            let _ = child.wait();
        }
    }
}
