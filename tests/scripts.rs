//! The scripts: judged by shellcheck, parsed and run by dash and by busybox alone.

mod support;

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::{render, rendered_examples, root};
use tempfile::TempDir;

/// What every shell and every language would misread somewhere.
const PASSWORD: &str = "ca\u{e9}-$(reboot)`x`\\#%{}";

/// Both shells, each with the programs that its image has.
const SHELLS: [&str; 2] = ["dash", "busybox"];

#[test]
fn every_script_is_clean_for_shellcheck_and_parses_in_both_shells() {
    let bench = TempDir::new().unwrap();
    let mut checked = 0;
    for (example, artifacts) in rendered_examples() {
        let directory = bench.path().join(example);
        support::write(&artifacts, &directory);
        let scripts: Vec<PathBuf> = artifacts
            .iter()
            .filter(|artifact| Path::new(&artifact.path).extension().is_some_and(|end| end == "sh"))
            .map(|artifact| directory.join(&artifact.path))
            .collect();
        assert!(scripts.len() >= 15);
        assert!(
            artifacts
                .iter()
                .all(|artifact| !artifact.path.starts_with("scripts/") || artifact.mode == 0o755)
        );
        expect(
            Command::new("shellcheck")
                .args(["--norc", "--severity=style", "--shell=sh"])
                .args(&scripts),
        );
        for script in &scripts {
            expect(Command::new("dash").arg("-n").arg(script));
            expect(Command::new("busybox").args(["sh", "-n"]).arg(script));
        }
        checked += scripts.len();
    }
    assert!(checked > 200, "{checked}");
}

fn expect(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A configuration directory of a rendered host, moved to where a test may be.
struct Directory {
    scratch: TempDir,
    shell: &'static str,
}

impl Directory {
    /// `kind` is `sentinel` or a master's name.
    fn new(kind: &str, shell: &'static str, spec: &str) -> Self {
        let scratch = TempDir::new().unwrap();
        let here = scratch.path().to_str().unwrap();
        let folder = format!("hosts/here/etc/redis/{kind}/");
        for artifact in render(spec).iter().filter(|artifact| artifact.path.starts_with(&folder)) {
            let content = artifact
                .content
                .replace(&format!("/etc/redis/{kind}"), &format!("{here}/config"))
                .replace(&format!("/var/lib/redis/{kind}"), &format!("{here}/volume"))
                .replace("/etc/redis/secrets", &format!("{here}/secrets"))
                .replace("/run/redis-exporter", here);
            let path = scratch.path().join("config").join(&artifact.path[folder.len()..]);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(artifact.mode)).unwrap();
        }
        let directory = Self { scratch, shell };
        directory.put("secrets/password", PASSWORD);
        fs::create_dir_all(directory.path("volume")).unwrap();
        if shell == "busybox" {
            directory.install_busybox();
        }
        directory
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A `PATH` with the applets of busybox and Redis, and nothing else: what the Alpine images have.
    fn install_busybox(&self) {
        let programs = self.path("bin");
        fs::create_dir(&programs).unwrap();
        let applets = Command::new("busybox").arg("--list").output().expect("busybox is installed");
        for applet in text(&applets.stdout).lines() {
            symlink("/bin/busybox", programs.join(applet)).unwrap();
        }
        for program in ["redis-cli", "redis-server"] {
            symlink(Path::new("/usr/bin").join(program), programs.join(program)).unwrap();
        }
    }

    fn command(&self, script: &str) -> Command {
        let script = self.path("config").join(script);
        let mut command = if self.shell == "busybox" {
            let mut command = Command::new(self.path("bin/sh"));
            command.env("PATH", self.path("bin"));
            command
        } else {
            Command::new("dash")
        };
        command.arg(script).stdin(Stdio::null());
        command
    }

    fn run(&self, script: &str, arguments: &[&str]) -> Output {
        self.command(script).args(arguments).output().unwrap()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn spec(extra: &str) -> String {
    format!(
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: orders}}\nspec:\n  \
         engine: {{version: '7.0'}}\n  tls: {{mode: Disabled}}\n  \
         platform: {{type: Hosts, hosts: [{{name: here, address: 127.0.0.1}}, {{name: there, address: 127.0.0.2}}, {{name: far, address: 127.0.0.3}}]}}\n{extra}"
    )
}

fn notifying(port: u16) -> String {
    spec(&format!(
        "  notifications: {{alertmanagers: [\"http://127.0.0.1:{port}\"], webhooks: [{{name: chat, url: {{file: /etc/redis/secrets/url}}}}]}}\n  \
         monitoring: {{alerts: {{runbookUrlPrefix: 'https://example.com/'}}}}\n"
    ))
}

/// A request as an HTTP server got it.
struct Request {
    head: String,
    body: String,
}

/// An HTTP server that answers 200 and hands over what it was sent.
fn listen() -> (u16, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            if sender.send(serve(stream.unwrap())).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

fn serve(mut stream: TcpStream) -> Request {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        let so_far = text(&bytes);
        let Some((head, body)) = so_far.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")
                .map(|n| n.parse::<usize>().unwrap())
        });
        if count == 0 || body.len() >= length.unwrap_or(0) {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .unwrap();
            return Request { head: head.into(), body: body.into() };
        }
    }
}

#[test]
fn a_switch_reaches_alertmanager_as_json_whatever_its_words() {
    for shell in SHELLS {
        let (port, requests) = listen();
        let directory = Directory::new("sentinel", shell, &notifying(port));
        for name in ["orders", "or\"d\\ers", "bestellungen-ü", "a$(id)`b`*"] {
            let output = directory.run(
                "notify.sh",
                &["+switch-master", &format!("{name} 127.0.0.1 6379 127.0.0.2 6379")],
            );
            assert_eq!(
                code(&output),
                0,
                "{shell}: {}{}",
                text(&output.stdout),
                text(&output.stderr)
            );
            let request = requests.recv_timeout(Duration::from_secs(5)).unwrap();
            assert!(request.head.starts_with("POST /api/v2/alerts "), "{}", request.head);
            assert!(
                request.head.to_lowercase().contains("content-type: application/json"),
                "{}",
                request.head
            );
            let alerts: Value = serde_json::from_str(&request.body)
                .unwrap_or_else(|error| panic!("{error}: {}", request.body));
            let labels = &alerts[0]["labels"];
            assert_eq!(labels["master"], name);
            assert_eq!(labels["event"], "+switch-master");
            assert_eq!(labels["topology"], "orders");
            assert_eq!(
                alerts[0]["annotations"]["runbook_url"],
                "https://example.com/operations/runbook.md#what-sentinel-reports"
            );
            assert!(labels.get("reporter").is_none(), "three Sentinels make one alert");
            assert_eq!(alerts[0]["annotations"]["reporter"], "here");
            assert!(alerts[0]["startsAt"].as_str() <= alerts[0]["endsAt"].as_str());
        }
        let output = directory.run("notify.sh", &["+vote-for-leader", "x 1"]);
        assert_eq!(code(&output), 0);
        assert!(requests.try_recv().is_err(), "an event that was not asked for is not sent");
        assert_eq!(
            code(&directory.run("notify.sh", &["+switch-master"])),
            2,
            "wrong arguments are given up"
        );
    }
}

#[test]
fn an_alertmanager_that_is_gone_or_hangs_is_tried_again_and_holds_nobody_up() {
    for shell in SHELLS {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let directory = Directory::new("sentinel", shell, &notifying(gone));
        let words = ["+switch-master", "orders 127.0.0.1 6379 127.0.0.2 6379"];
        assert_eq!(code(&directory.run("notify.sh", &words)), 1, "{shell}");
        let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
        let directory =
            Directory::new("sentinel", shell, &notifying(hanging.local_addr().unwrap().port()));
        let started = Instant::now();
        assert_eq!(code(&directory.run("notify.sh", &words)), 1, "{shell}");
        assert!(started.elapsed() < Duration::from_secs(55), "Sentinel kills it after 60 s");
    }
}

#[test]
fn an_image_without_a_client_says_so_and_is_not_asked_again() {
    // As in the slim images: everything but what posts. The shell of busybox has a wget of its own, whatever is on the PATH.
    let directory = Directory::new("sentinel", "dash", &notifying(1));
    fs::create_dir(directory.path("bin")).unwrap();
    for program in fs::read_dir("/usr/bin").unwrap().map(|entry| entry.unwrap()) {
        if !["curl", "wget"].iter().any(|client| program.file_name() == *client) {
            symlink(program.path(), directory.path("bin").join(program.file_name())).unwrap();
        }
    }
    let words = ["+switch-master", "orders 127.0.0.1 6379 127.0.0.2 6379"];
    let mut notify = directory.command("notify.sh");
    let output = notify.args(words).env("PATH", directory.path("bin")).output().unwrap();
    assert_eq!(code(&output), 2, "Sentinel tries again after 1 only");
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("no curl and no wget: +switch-master is not sent"), "{said}");
}

#[test]
fn the_leader_alone_posts_a_switch_and_its_url_stays_secret() {
    for shell in SHELLS {
        let (port, requests) = listen();
        let directory = Directory::new("sentinel", shell, &notifying(1));
        directory.put("secrets/url", &format!("http://127.0.0.1:{port}/hook?token=canary\n"));
        let words = |role| ["orders", role, "start", "127.0.0.1", "6379", "127.0.0.2", "6379"];
        let output = directory.run("reconfig.sh", &words("observer"));
        assert_eq!(code(&output), 0, "{shell}");
        let moved = "moved from 127.0.0.1:6379 to 127.0.0.2:6379";
        assert!(text(&output.stdout).contains(moved), "{shell}: {}", text(&output.stdout));
        assert!(requests.try_recv().is_err());
        let output = directory.run("reconfig.sh", &words("leader"));
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(said.contains(moved) && !said.contains("canary"), "{shell}: {said}");
        if shell == "busybox" {
            // Its wget takes a URL as an argument only, where every user of a host could read it.
            assert_eq!(code(&output), 2, "{said}");
            assert!(said.contains("no webhook is called"), "{said}");
            assert!(requests.try_recv().is_err());
        } else {
            assert_eq!(code(&output), 0, "{said}");
            let request = requests.recv_timeout(Duration::from_secs(5)).unwrap();
            assert!(request.head.starts_with("POST /hook?token=canary "), "{}", request.head);
            let told: Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(
                (told["master"].as_str(), told["to"].as_str()),
                (Some("orders"), Some("127.0.0.2:6379"))
            );
        }
        assert_eq!(code(&directory.run("reconfig.sh", &["orders", "leader"])), 2, "{shell}");
    }
}

#[test]
fn a_secret_that_cannot_be_used_is_refused_by_name() {
    for shell in SHELLS {
        for (kind, script) in [("orders", "start-redis.sh"), ("sentinel", "start-sentinel.sh")] {
            let directory = Directory::new(kind, shell, &spec(""));
            fs::remove_file(directory.path("secrets/password")).unwrap();
            let refusal = directory.run(script, &[]);
            assert_eq!(code(&refusal), 1, "{shell} {script}");
            assert!(
                text(&refusal.stderr).contains("assword: cannot read"),
                "{}",
                text(&refusal.stderr)
            );
            directory.put("secrets/password", "\n");
            assert!(text(&directory.run(script, &[]).stderr).contains("is empty"));
            directory.put("secrets/password", &"canary".repeat(4000));
            let refusal = directory.run(script, &[]);
            assert!(
                text(&refusal.stderr).contains("longer than 16384 bytes"),
                "{}",
                text(&refusal.stderr)
            );
            assert!(!text(&refusal.stderr).contains("canary"));
            assert!(!directory.path("volume/live/redis.conf").exists());
        }
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A node without peers, whose port is free.
fn lonely(shell: &'static str) -> Directory {
    lonely_with(shell, &spec("  redis: {port: 6399}\n"))
}

fn lonely_with(shell: &'static str, spec: &str) -> Directory {
    let directory = Directory::new("orders", shell, spec);
    let port = free_port();
    for file in ["settings", "redis.conf", "members"] {
        let path = directory.path("config").join(file);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("6399", &port.to_string()))
            .unwrap();
    }
    directory
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(40);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_node_whose_peers_are_silent_waits_says_why_and_stops_when_asked() {
    for shell in SHELLS {
        let directory = lonely(shell);
        let log = fs::File::create(directory.path("log")).unwrap();
        let mut node = directory.command("start-redis.sh");
        let mut node = Running(node.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        let log = || fs::read_to_string(directory.path("log")).unwrap();
        until("it says why it waits", || log().contains("does=wait"));
        assert!(log().contains("needs=\"far there to answer\""), "{}", log());
        assert_eq!(code(&directory.run("alive.sh", &[])), 0, "waiting is no fault");
        assert_eq!(code(&directory.run("ready.sh", &[])), 1, "waiting is not serving");
        assert!(
            !directory.path("volume/live/redis.conf").exists(),
            "a half-made file would claim a role"
        );
        expect(Command::new("kill").arg(node.0.id().to_string()));
        assert!(node.0.wait().unwrap().success(), "SIGTERM ends the wait");
    }
}

#[test]
fn a_node_whose_rendered_files_are_missing_never_starts_with_the_rest() {
    for (shell, missing) in
        SHELLS.into_iter().flat_map(|shell| ["redis.conf", "users"].map(|file| (shell, file)))
    {
        let directory = lonely(shell);
        let settings = fs::read_to_string(directory.path("config/settings")).unwrap();
        directory.put("config/settings", &settings.replace("\nacl=''\n", "\nacl='yes'\n"));
        directory.put("volume/live/force-master", "");
        fs::remove_file(directory.path("config").join(missing)).unwrap();
        let output = directory.run("start-redis.sh", &[]);
        assert_eq!(code(&output), 1, "{shell}: {missing}");
        assert!(text(&output.stderr).contains(missing), "{}", text(&output.stderr));
        assert!(!directory.path("volume/live/redis.conf").exists(), "{shell}: {missing}");
        assert!(directory.path("volume/live/force-master").exists(), "it was not used");
    }
}

#[test]
fn a_person_can_force_a_master_and_its_secrets_stay_in_files() {
    for shell in SHELLS {
        let directory = lonely(shell);
        directory.put("volume/live/force-master", "");
        let log = fs::File::create(directory.path("log")).unwrap();
        let mut node = directory.command("start-redis.sh");
        let mut node = Running(node.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        until("it is ready", || code(&directory.run("ready.sh", &[])) == 0);
        assert_eq!(code(&directory.run("alive.sh", &[])), 0);
        assert!(!directory.path("volume/live/force-master").exists(), "it holds once");
        until("its copy is complete", || directory.path("volume/data/member").exists());
        assert_eq!(
            fs::metadata(directory.path("volume/live")).unwrap().permissions().mode() & 0o777,
            0o700
        );
        for file in ["cmdline", "environ"] {
            let seen = text(&fs::read(format!("/proc/{}/{file}", node.0.id())).unwrap());
            assert!(!seen.contains("$(reboot)"), "{file}");
        }
        let stopped = directory.run("stop-redis.sh", &[]);
        assert_eq!(code(&stopped), 0);
        assert!(text(&stopped.stdout).contains("stop:"), "{}", text(&stopped.stdout));
        expect(Command::new("kill").arg(node.0.id().to_string()));
        assert!(node.0.wait().unwrap().success());
        assert!(!fs::read_to_string(directory.path("log")).unwrap().contains("$(reboot)"));
    }
}

#[test]
fn the_exporter_gets_a_map_of_passwords_that_is_json() {
    for shell in SHELLS {
        let directory = Directory::new("orders", shell, &spec(""));
        directory.put("secrets/password", "a \"b\" \\ \u{e9} \u{7}\n");
        let output = directory.run("exporter-passwords.sh", &[]);
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        let file = directory.path("passwords.json");
        let map: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        for target in ["redis://localhost:6379", "redis://127.0.0.1:6379"] {
            assert_eq!(map[target], "a \"b\" \\ \u{e9} \u{7}", "{shell}");
        }
        assert_eq!(
            fs::metadata(file).unwrap().permissions().mode() & 0o007,
            0,
            "not for everybody"
        );
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server with the password, as somebody else started it.
fn server(directory: &Directory, port: u16) -> Running {
    let password = PASSWORD.replace('\\', "\\\\");
    let lines = format!("port {port}\nbind 127.0.0.1\nsave \"\"\nrequirepass \"{password}\"\n");
    directory.put("server.conf", &lines);
    let mut command = Command::new("redis-server");
    command.arg(directory.path("server.conf")).stdout(Stdio::null());
    let server = Running(command.spawn().unwrap());
    until("the server answers", || ask(port, &["PING"]).trim() == "PONG");
    server
}

fn ask(port: u16, words: &[&str]) -> String {
    let mut command = Command::new("redis-cli");
    command.args(["-p", &port.to_string()]).args(words).env("REDISCLI_AUTH", PASSWORD);
    text(&command.output().unwrap().stdout)
}

#[test]
fn a_sentinel_without_memory_finds_the_master_that_runs_and_logs_in() {
    for shell in SHELLS {
        let (data, own) = (free_port(), free_port());
        let ports = format!("  redis: {{port: {data}}}\n  sentinel: {{port: {own}}}\n");
        let directory = Directory::new("sentinel", shell, &spec(&ports));
        let _master = server(&directory, data);
        let log = fs::File::create(directory.path("log")).unwrap();
        let mut command = directory.command("start-sentinel.sh");
        let mut node =
            Running(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        let sees = || ask(own, &["INFO", "sentinel"]);
        let well = format!("name=orders,status=ok,address=127.0.0.1:{data},");
        until("it reaches the master", || sees().contains(&well));
        let log = || fs::read_to_string(directory.path("log")).unwrap();
        assert!(log().contains("row=c") && log().contains("target=here"), "{shell}: {}", log());
        assert_eq!(code(&directory.run("alive.sh", &[])), 0, "{shell}");
        let told = ask(own, &["SENTINEL", "MASTER", "orders"]);
        let told: Vec<&str> = told.lines().collect();
        let flags = told.iter().position(|line| *line == "flags").unwrap();
        assert_eq!(told[flags + 1], "master", "{shell}: it is neither down nor unreachable");
        expect(Command::new("kill").arg(node.0.id().to_string()));
        assert!(node.0.wait().unwrap().success());
        assert!(!log().contains("$(reboot)"), "{shell}");
    }
}

#[test]
fn the_exporter_starts_and_logs_in_or_says_that_it_is_missing() {
    for shell in SHELLS {
        let (data, web) = (free_port(), free_port());
        let directory = Directory::new("exporter", shell, &spec(""));
        let _server = server(&directory, data);
        let script = directory.path("config/start-exporter.sh");
        let rendered = fs::read_to_string(&script).unwrap();
        assert!(rendered.contains("127.0.0.1:9121"), "{rendered}");
        fs::write(&script, rendered.replace("9121", &web.to_string())).unwrap();
        let target = format!("redis://127.0.0.1:{data}");
        directory.put("passwords.json", &serde_json::json!({ &target: PASSWORD }).to_string());
        if shell == "busybox" {
            let missing = directory.run("start-exporter.sh", &[]);
            assert_eq!(code(&missing), 1);
            assert!(text(&missing.stderr).contains("cannot find redis_exporter"));
            let program = "prometheus-redis-exporter";
            symlink(Path::new("/usr/bin").join(program), directory.path("bin").join(program))
                .unwrap();
        }
        let mut command = directory.command("start-exporter.sh");
        let _exporter = Running(command.stderr(Stdio::null()).spawn().unwrap());
        let url = format!("http://127.0.0.1:{web}/scrape?target={target}");
        let scrape = || Command::new("curl").args(["--silent", "--max-time", "5", &url]).output();
        until("it logs in", || text(&scrape().unwrap().stdout).contains("\nredis_up 1\n"));
    }
}

#[test]
fn scripts_are_the_same_for_every_topology() {
    let examples = rendered_examples();
    let scripts = |name: &str| -> Vec<(String, String)> {
        let own = examples[name].iter().filter(|artifact| artifact.path.starts_with("scripts/"));
        own.map(|artifact| (artifact.path.clone(), artifact.content.clone())).collect()
    };
    let first = scripts("minimal");
    assert!(first.len() >= 15);
    for name in examples.keys() {
        assert!(scripts(name) == first, "{name}");
    }
    assert!(root().join("templates/scripts").is_dir());
}

/// A CA and, signed by it, a certificate for whom it may concern.
fn certificates(directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    for arguments in [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt",
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout tls.key -out tls.csr",
        "x509 -req -days 2 -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tls.crt",
    ] {
        expect(Command::new("openssl").args(arguments.split(' ')).current_dir(directory));
    }
}

#[test]
fn a_new_ca_beside_a_running_server_is_no_reason_to_kill_it() {
    let spec = spec(
        "  redis: {port: 6399}\n",
    )
    .replace(
        "tls: {mode: Disabled}",
        "tls: {mode: Required, certificate: {type: Files, ca: /etc/redis/secrets/tls/ca.crt, cert: /etc/redis/secrets/tls/tls.crt, key: /etc/redis/secrets/tls/tls.key}}",
    );
    let directory = lonely_with("dash", &spec);
    certificates(&directory.path("secrets/tls"));
    directory.put("volume/live/force-master", "");
    let log = fs::File::create(directory.path("log")).unwrap();
    let mut node = directory.command("start-redis.sh");
    let mut node = Running(node.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    until("it is ready", || code(&directory.run("ready.sh", &[])) == 0);
    certificates(&directory.path("other"));
    fs::copy(directory.path("other/ca.crt"), directory.path("secrets/tls/ca.crt")).unwrap();
    let alive = directory.run("alive.sh", &[]);
    assert_eq!(code(&alive), 0, "{}", text(&alive.stdout));
    assert_eq!(code(&directory.run("ready.sh", &[])), 1, "nobody can ask it anything");
    node.0.kill().unwrap();
    node.0.wait().unwrap();
    assert_eq!(code(&directory.run("alive.sh", &[])), 1, "now it is dead");
}

#[test]
fn a_reply_is_heard_with_and_without_a_login_before_it() {
    for shell in SHELLS {
        let directory = Directory::new("orders", shell, &spec(""));
        let hear = |said: &str| {
            let script = format!(
                "here=.; . ./node.sh; . ./ask.sh; tell() {{ printf '{said}'; }}; order data here 1 INFO"
            );
            let mut command = Command::new(shell);
            if shell == "busybox" {
                command.arg("sh");
            }
            let output = command
                .args(["-c", &script])
                .current_dir(directory.path("config"))
                .output()
                .unwrap();
            text(&output.stdout)
        };
        assert_eq!(hear("OK\\nPONG\\nrole:master\\n"), "role:master\n", "{shell}");
        assert_eq!(hear("PONG\\nrole:master\\n"), "role:master\n", "{shell}: no password");
        assert_eq!(hear("WRONGPASS\\nNOAUTH\\nNOAUTH\\n"), "", "{shell}: not let in");
    }
}

#[test]
fn replicas_that_say_nothing_are_not_level() {
    let directory = Directory::new("orders", "dash", &spec(""));
    let judge = |listed: &str, answers: &str| {
        // The function as it stands in the script, with what the servers say put in.
        let function = "awk '/^is_everyone_level\\(\\)/, /^}/' stop-redis.sh";
        let script = format!(
            "replicas=2 goal=100 master=orders; connected() {{ printf '{listed}'; }}; ask_everyone() {{ printf '{answers}'; }}; \
             node_at() {{ echo \"$2\"; }}; eval \"$({function})\"; is_everyone_level"
        );
        let output = Command::new("dash")
            .args(["-c", &script])
            .current_dir(directory.path("config"))
            .output()
            .unwrap();
        output.status.success()
    };
    let level = "data a replica x keys synced up 100\\ndata b replica x keys synced up 120\\n";
    assert!(judge("a 1 online 90\\nb 1 online 100\\n", level));
    assert!(!judge("", ""), "no list says nothing");
    assert!(!judge("a 1 online 100\\n", level), "one is gone");
    assert!(!judge("a 1 online 100\\nb 1 wait_bgsave 100\\n", level), "one is copying");
    assert!(
        !judge("a 1 online 90\\nb 1 online 100\\n", "data b replica x keys synced up 100\\n"),
        "one is behind"
    );
}
