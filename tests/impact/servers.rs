//! What notes call settable live, tried on a server.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisforge::{
    directives::{Engine, Table, Version},
    impact::{self, FileChange},
    topology::Topology,
};
use tempfile::TempDir;

use crate::{example, topology};

struct Server {
    child: Child,
    port: String,
    _directory: TempDir,
}

impl Server {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (port, directory) = (port.to_string(), TempDir::new().unwrap());
        let child = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", ""])
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port, _directory: directory };
        let began = Instant::now();
        while server.ask("PING") != "PONG" {
            assert!(began.elapsed() < Duration::from_secs(20), "redis-server does not answer");
            thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// A line as an operator types it, quotes and all.
    fn ask(&self, line: &str) -> String {
        use std::io::Write;
        let mut client = Command::new("redis-cli")
            .args(["-p", &self.port])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A client that cannot connect may be gone already.
        let _ = writeln!(client.stdin.take().unwrap(), "{line}");
        let said = client.wait_with_output().unwrap().stdout;
        String::from_utf8_lossy(&said).trim().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command in the note about a directive that gets a value.
fn noted(spec: &Topology, name: &str, value: &str) -> Option<String> {
    // Persistence off would be told as such, and a name twice as a list.
    let beside = if name == "appendonly" { "save 3600 1" } else { "appendonly yes" };
    let change = FileChange {
        path: "hosts/redis-1.example.internal/etc/redis/orders/redis.conf".into(),
        before: Some(format!("{beside}\n{name} other\n")),
        after: Some(format!("{beside}\n{name} {value}\n")),
    };
    let effects = impact::effects(&[change], Some(spec));
    let note = effects.first()?.note.clone()?;
    let (_, command) = note.split_once("CONFIG SET ")?;
    Some(format!("CONFIG SET {}", command.split(';').next()?))
}

#[test]
fn what_a_note_calls_settable_live_is_and_what_is_immutable_is_not() {
    let server = Server::start();
    let spec = topology(&example("hosts")).unwrap();
    let table = Table::server(Engine::Redis, Version::new(7, 0));
    let (mut wrong, mut live, mut fixed) = (Vec::new(), 0, 0);
    for name in table.names() {
        let directive = table.find(name).unwrap();
        let value = if directive.default().is_empty() { "\"\"" } else { directive.default() };
        if directive.is_immutable() {
            fixed += 1;
            let said = server.ask(&format!("CONFIG SET {name} {value}"));
            if !said.contains("immutable") && !said.contains("Unknown option") {
                wrong.push(format!("{name} is called immutable: {said}"));
            }
            if let Some(command) = noted(&spec, name, value) {
                wrong.push(format!("{command} is advised and cannot be done"));
            }
        } else if let Some(command) = noted(&spec, name, value) {
            live += 1;
            let said = server.ask(&command);
            if said != "OK" {
                wrong.push(format!("{command}: {said}"));
            }
        }
    }
    assert!(live > 80 && fixed > 20, "{live} live, {fixed} immutable");
    assert_eq!(wrong, Vec::<String>::new());
}
