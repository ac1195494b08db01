//! A real terminal: `script` of util-linux opens one and runs the program in it.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Runs a shell command in a terminal; types each answer a while after the one before. Gives what the terminal showed.
pub fn in_terminal(
    command: &str,
    directory: &Path,
    environment: &[(&str, &str)],
    answers: &[&str],
) -> (i32, String) {
    let mut child = Command::new("timeout")
        .args(["120", "script", "-q", "-e", "-c", command, "/dev/null"])
        .current_dir(directory)
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_string()).collect();
    let typist = thread::spawn(move || {
        for answer in answers {
            thread::sleep(Duration::from_millis(1500));
            // A program that ended early has no use for the rest.
            let _ = keyboard.write_all(answer.as_bytes()).and_then(|()| keyboard.flush());
        }
        keyboard
    });
    // `script` ends with the command; only then is the keyboard taken away.
    let output = child.wait_with_output().unwrap();
    drop(typist.join().unwrap());
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}
