//! Several drills at the same time: each on a set of its own, in a process of its own.

use std::{
    collections::VecDeque,
    io::Write,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering, mpsc},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::{drills::Drill, report::Report, stage::INTERRUPTED};

/// Between two looks whether a lane has ended.
const LOOK: Duration = Duration::from_millis(50);
/// What a lane may take to stop everything when it is told to.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What is known when all is over.
pub struct Ended {
    /// Of the drills that ended, in their order.
    pub reports: Vec<Report>,
    /// Why the others did not: a process ended without a report, or the user interrupted it.
    pub error: Option<anyhow::Error>,
}

/// Runs each drill so many times, a few at once.
///
/// `command` makes the process of a drill, which reads the spec from stdin and prints a report as JSON.
pub fn run(
    drills: &[&'static Drill],
    times: u32,
    jobs: usize,
    spec: &str,
    command: impl Fn(&Drill) -> Result<Command> + Sync,
    mut progress: impl FnMut(&Report),
) -> Ended {
    let tasks: VecDeque<(usize, &Drill)> =
        drills.iter().flat_map(|drill| (0..times).map(|_| *drill)).enumerate().collect();
    let mut reports: Vec<Option<Report>> = tasks.iter().map(|_| None).collect();
    let tasks = Mutex::new(tasks);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, tasks, command) = (sender.clone(), &tasks, &command);
            scope.spawn(move || {
                while let Some((number, drill)) = next(tasks) {
                    let report = command(drill).and_then(|command| lane(command, spec));
                    let is_over = report.is_err();
                    let _ = sender.send((number, report));
                    if is_over {
                        lock(tasks).clear();
                    }
                }
            });
        }
        drop(sender);
        let mut error = None;
        for (number, report) in receiver {
            match report {
                Ok(report) => {
                    progress(&report);
                    reports[number] = Some(report);
                }
                Err(reason) => error = error.or(Some(reason)),
            }
        }
        Ended { reports: reports.into_iter().flatten().collect(), error }
    })
}

fn next<'a>(tasks: &Mutex<VecDeque<(usize, &'a Drill)>>) -> Option<(usize, &'a Drill)> {
    lock(tasks).pop_front()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs one process to its end, or ends it when the user wants that.
fn lane(mut command: Command, spec: &str) -> Result<Report> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        command.spawn().context("cannot run setpriv; it is in the package util-linux")?;
    if let Some(mut input) = child.stdin.take() {
        // A process that refused its arguments reads nothing; what it says is told below.
        let _ = input.write_all(spec.as_bytes());
    }
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    let output = thread::scope(|scope| {
        scope.spawn(move || sender.send(wait(child)));
        loop {
            if let Ok(output) = receiver.recv_timeout(LOOK) {
                return output;
            }
            if INTERRUPTED.load(Ordering::Relaxed) {
                end(id);
                return receiver.recv().context("a lane is gone")?;
            }
        }
    })?;
    if INTERRUPTED.load(Ordering::Relaxed) {
        bail!("interrupted");
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match said.trim() {
        // It could not even begin, and said why.
        said if output.stdout.is_empty() && !said.is_empty() => {
            bail!("{}", said.strip_prefix("error: ").unwrap_or(said))
        }
        said => serde_json::from_slice(&output.stdout)
            .with_context(|| format!("a drill ended without a report ({}): {said}", output.status)),
    }
}

fn wait(child: Child) -> Result<std::process::Output> {
    child.wait_with_output().context("cannot wait for a drill")
}

/// Waits for a process that has the terminal to itself, or ends it when the user wants that.
///
/// # Errors
/// When it cannot be waited for.
pub fn wait_or_end(child: &mut Child) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for the set")? {
            return Ok(status);
        }
        if INTERRUPTED.load(Ordering::Relaxed) {
            let mut is_over = || child.try_wait().is_ok_and(|status| status.is_some());
            // Ctrl-C reached it too.
            for _ in 0..LAST_WORDS.as_millis() / LOOK.as_millis() {
                if is_over() {
                    break;
                }
                thread::sleep(LOOK);
            }
            let _ = child.kill();
            return child.wait().context("cannot wait for the set");
        }
        thread::sleep(LOOK);
    }
}

/// Asks a lane to end, and ends it. In namespaces all that it started goes with it.
fn end(id: u32) {
    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let _ = kill_process(pid, Signal::TERM);
    for _ in 0..LAST_WORDS.as_millis() / LOOK.as_millis() {
        thread::sleep(LOOK);
        if rustix::process::test_kill_process(pid).is_err() {
            return;
        }
    }
    let _ = kill_process(pid, Signal::KILL);
}
