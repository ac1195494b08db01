//! A client that counts what is acknowledged, and looks for it afterwards.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::nodes::Nodes;

/// Writes one key after the other, each until it is acknowledged.
pub struct Writer {
    ends: Arc<AtomicBool>,
    thread: JoinHandle<Written>,
}

pub struct Written {
    pub acknowledged: usize,
    pub longest_gap: Duration,
}

impl Writer {
    pub fn start(nodes: &impl Nodes, master: &str) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let clients: Vec<Vec<String>> =
            nodes.called(master).into_iter().map(|index| nodes.client(index)).collect();
        let (login, flag) = (nodes.login_of_client(), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            let mut written = Written { acknowledged: 0, longest_gap: Duration::ZERO };
            let mut last = Instant::now();
            // Whoever is not the master refuses, so the nodes are tried in turn.
            for client in clients.iter().cycle() {
                write_to(client, &login, &flag, &mut written, &mut last);
                if flag.load(Ordering::Relaxed) {
                    break;
                }
                thread::sleep(Duration::from_millis(20));
            }
            written
        });
        Self { ends, thread }
    }

    pub fn stop(self) -> Written {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Writes to one node until it refuses or it is time to end.
fn write_to(
    client: &[String],
    login: &str,
    ends: &AtomicBool,
    written: &mut Written,
    last: &mut Instant,
) {
    let mut client = Command::new("timeout")
        .args(["60", "sh", "-c", "exec \"$@\" 2>&1", "sh"])
        .args(client)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    let mut replies = BufReader::new(client.stdout.take().unwrap()).lines();
    let mut is_ok = |line: String| {
        writeln!(input, "{line}").is_ok()
            && matches!(replies.next(), Some(Ok(reply)) if reply.trim() == "OK")
    };
    if is_ok(login.to_string()) {
        while !ends.load(Ordering::Relaxed)
            && is_ok(format!("SET key:{} value", written.acknowledged))
        {
            written.acknowledged += 1;
            written.longest_gap = written.longest_gap.max(last.elapsed());
            *last = Instant::now();
        }
    }
    let _ = client.kill();
    let _ = client.wait();
}

/// Numbers of keys among the first so many that a node lacks.
pub fn count_lost(nodes: &impl Nodes, index: usize, acknowledged: usize) -> usize {
    let keys: Vec<String> = (0..acknowledged).map(|number| format!("key:{number}")).collect();
    let questions: Vec<String> =
        keys.chunks(500).map(|keys| format!("EXISTS {}", keys.join(" "))).collect();
    let command = nodes.client(index);
    let mut client = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = format!("{}\n{}\n", nodes.login_of_client(), questions.join("\n"));
    client.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = String::from_utf8(client.wait_with_output().unwrap().stdout).unwrap();
    acknowledged - said.lines().filter_map(|line| line.trim().parse::<usize>().ok()).sum::<usize>()
}
