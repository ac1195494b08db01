//! What the exporter says of a server that was slow.

use std::{
    fs::File,
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::metrics::ON_DEMAND;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn ask(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_latency_spike_makes_the_metrics_that_no_healthy_node_has() {
    let scratch = TempDir::new().unwrap();
    let (port, web) = (free_port().to_string(), free_port());
    let run = |program: &str, words: &[&str]| {
        let log = File::create(scratch.path().join(program)).unwrap();
        let mut command = Command::new(program);
        command.args(words).stdout(Stdio::null()).stderr(log);
        Running(command.spawn().unwrap_or_else(|error| panic!("{program}: {error}")))
    };
    let server = ["--port", &port, "--bind", "127.0.0.1", "--save", ""];
    let _server = run(
        "redis-server",
        &[&server[..], &["--latency-monitor-threshold", "1", "--enable-debug-command", "local"]]
            .concat(),
    );
    let cli = |words: &[&str]| ask("redis-cli", &[&["-p", &port], words].concat());
    wait_for("the server answers", || cli(&["PING"]).trim() == "PONG");
    let address = format!("-redis.addr=redis://127.0.0.1:{port}");
    let listen = format!("-web.listen-address=127.0.0.1:{web}");
    let _exporter = run("prometheus-redis-exporter", &[&address, &listen]);
    let url = format!("http://127.0.0.1:{web}/metrics");
    let scrape = || ask("curl", &["--silent", "--max-time", "5", &url]);
    wait_for("the exporter reaches the server", || scrape().contains("\nredis_up 1\n"));
    let has = |metric: &str, text: &str| text.contains(&format!("\n{metric}{{"));
    assert_eq!(cli(&["DEBUG", "SLEEP", "0.05"]).trim(), "OK");
    let after = scrape();
    for metric in ON_DEMAND {
        assert!(has(metric, &after), "{metric} in {after}");
    }
}
