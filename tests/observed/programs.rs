//! Programs of a test: each on ports of its own, gone when the test ends, however that is.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// A program and whatever it has started.
pub struct Running(pub Child);

impl Running {
    /// What it says goes into a file.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let log = File::create(log).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log).stdin(Stdio::null()).process_group(0);
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The body of an answer; nothing if none came.
pub fn get(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut command = Command::new("curl");
    command.args(["--silent", "--max-time", "20", "--get", url]);
    for (key, value) in parameters {
        command.args(["--data-urlencode", &format!("{key}={value}")]);
    }
    String::from_utf8_lossy(&command.output().expect("curl is installed").stdout).into_owned()
}

/// Waits until something is so, which is told in words as long as it is not.
pub fn until(what: &str, seconds: u64, mut what_lacks: impl FnMut() -> Option<String>) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while let Some(lack) = what_lacks() {
        assert!(Instant::now() < deadline, "{what}: not within {seconds} s: {lack}");
        thread::sleep(Duration::from_millis(200));
    }
}

/// A Prometheus that reads one file.
pub struct Prometheus {
    _server: Running,
    url: String,
}

impl Prometheus {
    pub fn start(directory: &Path, config: &str) -> Self {
        let port = free_port();
        let file = directory.join("prometheus.yaml");
        fs::write(&file, config).unwrap();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("series").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let log = directory.join("prometheus.log");
        let server = Running::start(&mut command, &log);
        let prometheus = Self { _server: server, url: format!("http://127.0.0.1:{port}") };
        until("Prometheus is ready", 30, || {
            let answer = get(&format!("{}/-/ready", prometheus.url), &[]);
            (!answer.contains("Ready")).then(|| fs::read_to_string(&log).unwrap())
        });
        prometheus
    }

    /// The series that an expression has now. Panics on an error of the expression.
    pub fn query(&self, expression: &str) -> Vec<Value> {
        let answer = get(&format!("{}/api/v1/query", self.url), &[("query", expression)]);
        let answer: Value = serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{error}: {expression}: {answer}"));
        assert_eq!(answer["status"], "success", "{expression}: {answer}");
        assert!(answer["warnings"].is_null(), "{expression}: {answer}");
        assert_eq!(answer["data"]["resultType"], "vector", "{expression}");
        answer["data"]["result"].as_array().unwrap().clone()
    }

    /// The values of a label in the series that match, sorted.
    pub fn label_values(&self, label: &str, matching: &str) -> Vec<String> {
        let url = format!("{}/api/v1/label/{label}/values", self.url);
        let answer: Value = serde_json::from_str(&get(&url, &[("match[]", matching)])).unwrap();
        assert_eq!(answer["status"], "success", "{matching}: {answer}");
        serde_json::from_value(answer["data"].clone()).unwrap()
    }
}
