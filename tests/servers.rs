//! The configuration of every example, read by the servers that it is for.

mod support;

use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisforge::{
    acl_commands,
    catalog::Artifact,
    directives::{self, Engine, Table, Version},
    topology::{Master, Topology},
};
use serde_json::{Value, json};
use support::{examples, name_of, render, topology};
use tempfile::TempDir;

/// What is rendered for the server that is installed here.
const INSTALLED: &str = "7.0";

/// The files of one process's configuration directory.
struct Directory {
    name: String,
    files: BTreeMap<String, String>,
}

/// Every configuration directory of what was rendered: ConfigMaps, or directories of hosts.
fn directories(artifacts: &[Artifact]) -> Vec<Directory> {
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for artifact in artifacts {
        if artifact.path.starts_with("kubernetes/") && artifact.path.ends_with("/configmap.yaml") {
            let object: Value = serde_yaml::from_str(&artifact.content).unwrap();
            for (key, text) in object["data"].as_object().unwrap() {
                found
                    .entry(artifact.path.clone())
                    .or_default()
                    .insert(key.clone(), text.as_str().unwrap().into());
            }
        } else if artifact.path.starts_with("hosts/") && artifact.path.contains("/etc/redis/") {
            let (folder, file) = artifact.path.rsplit_once('/').unwrap();
            found.entry(folder.into()).or_default().insert(file.into(), artifact.content.clone());
        }
    }
    found.into_iter().map(|(name, files)| Directory { name, files }).collect()
}

/// An example's text with another engine.
fn with_engine(text: &str, engine: &Value) -> String {
    let mut spec: Value = serde_yaml::from_str(text).unwrap();
    spec["spec"]["engine"] = engine.clone();
    serde_json::to_string(&spec).unwrap()
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Scratch {
    directory: TempDir,
    port: u16,
    tls: bool,
}

impl Scratch {
    fn new() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { directory: TempDir::new().unwrap(), port, tls: false }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The configuration as it is, with its paths and its address moved to where a test may be.
    fn place(&mut self, directory: &Directory, file: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let here = self.directory.path().to_str().unwrap().to_string();
        let mut lines: Vec<String> = Vec::new();
        for line in directory.files[file].lines() {
            let (name, value) = line.split_once(' ').unwrap_or((line, ""));
            lines.push(match name {
                "bind" => loopback(value),
                "port" if value != "0" => format!("port {}", self.port),
                "tls-port" => {
                    self.tls = true;
                    format!("tls-port {}", self.port)
                }
                "tls-ca-cert-file" | "tls-cert-file" | "tls-key-file" => {
                    let file = value.rsplit('/').next().unwrap();
                    let kind = if name == "tls-ca-cert-file" {
                        "ca.crt"
                    } else if file.ends_with("key") {
                        "tls.key"
                    } else {
                        "tls.crt"
                    };
                    format!("{name} {here}/{kind}")
                }
                "logfile" => format!("logfile {here}/log"),
                "sentinel" if value.contains("-script ") => {
                    let (before, path) = line.rsplit_once(' ').unwrap();
                    format!("{before} {here}/{}", path.rsplit('/').next().unwrap())
                }
                _ => line.into(),
            });
        }
        lines.push(format!("dir {here}"));
        if self.tls {
            certificates(self.directory.path());
        }
        for (name, content) in directory
            .files
            .iter()
            .filter(|(name, _)| Path::new(name).extension().is_some_and(|end| end == "sh"))
        {
            fs::write(self.path(name), content).unwrap();
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let live = self.path("live.conf");
        fs::write(&live, lines.join("\n") + "\n").unwrap();
        live
    }

    fn start(&self, arguments: &[&str]) -> Server {
        let log = fs::File::create(self.path("output")).unwrap();
        let server = Command::new("redis-server")
            .args(arguments)
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("redis-server is installed");
        let server = Server(server);
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.ask(&["PING"]).trim() != "PONG" {
            assert!(
                Instant::now() < deadline,
                "{}",
                fs::read_to_string(self.path("output")).unwrap()
            );
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn ask(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]);
        if self.tls {
            let file = |name: &str| self.path(name).to_str().unwrap().to_string();
            command.args([
                "--tls",
                "--cacert",
                &file("ca.crt"),
                "--cert",
                &file("tls.crt"),
                "--key",
                &file("tls.key"),
            ]);
        }
        let output = command.args(words).output().expect("redis-cli is installed");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// As many addresses as a `bind` has, each where a test may be.
fn loopback(addresses: &str) -> String {
    let own = (1..=addresses.split(' ').count()).map(|number| format!(" 127.0.0.{number}"));
    "bind".to_string() + &own.collect::<String>()
}

/// A throw-away CA and one certificate.
fn certificates(directory: &Path) {
    for arguments in [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt",
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout tls.key -out tls.csr",
        "x509 -req -days 2 -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tls.crt",
    ] {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The lines that say something, as name and value; a name given several times has all its values.
fn lines(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, value) = line.split_once(' ').unwrap();
        lines.entry(name.into()).or_default().push(value.trim_matches('"').into());
    }
    lines
}

/// Whether two values of a directive are the same to the server.
fn is_same(written: &str, told: &str) -> bool {
    written == told || directives::bytes(written).is_some_and(|bytes| bytes.to_string() == told)
}

#[test]
fn the_server_starts_with_every_redis_conf_and_has_what_the_spec_said() {
    let mut servers = 0;
    for example in examples() {
        let text = fs::read_to_string(&example).unwrap();
        let text = with_engine(&text, &json!({"type": "Redis", "version": INSTALLED}));
        let (expected, artifacts) = (topology(&text), render(&text));
        for directory in directories(&artifacts)
            .iter()
            .filter(|directory| directory.files.contains_key("redis.conf"))
        {
            let at = format!("{} of {}", directory.name, name_of(&example));
            let master = master_of(&expected, directory);
            let mut scratch = Scratch::new();
            let live = scratch.place(directory, "redis.conf");
            let server = scratch.start(&[live.to_str().unwrap()]);
            let told = |name: &str| -> String {
                let told = scratch.ask(&["CONFIG", "GET", name]);
                told.lines().nth(1).unwrap_or_default().into()
            };
            for (name, value) in expected_of(&expected, master) {
                let told = told(&name);
                assert!(is_same(&value, &told), "{at}: {name} is {told}, not {value}");
            }
            for (name, values) in lines(&fs::read_to_string(&live).unwrap()) {
                let told = told(&name);
                assert!(
                    is_same(&values.join(" "), &told),
                    "{at}: {name} is {told}, not {values:?}"
                );
            }
            listens(&expected, directory, "redis.conf", master.port);
            takes_users(&scratch, directory);
            drop(server);
            servers += 1;
        }
    }
    assert!(servers >= 10, "{servers}");
}

/// The master whose nodes read a directory.
fn master_of<'a>(topology: &'a Topology, directory: &Directory) -> &'a Master {
    let name = directory.name.trim_end_matches("/configmap.yaml").rsplit('/').next().unwrap();
    topology.masters.iter().find(|master| master.name == name).unwrap()
}

/// What a server must have, as the topology says it, whatever stands in the file.
fn expected_of(topology: &Topology, master: &Master) -> BTreeMap<String, String> {
    let yes_no = |on: bool| if on { "yes" } else { "no" }.to_string();
    let mut expected = BTreeMap::from([
        ("appendonly", yes_no(master.persistence.aof)),
        ("min-replicas-to-write", master.min_replicas_to_write.to_string()),
        ("min-replicas-max-lag", master.min_replicas_max_lag.to_string()),
        ("protected-mode", yes_no(topology.auth.is_some())),
        ("daemonize", yes_no(false)),
        ("maxmemory", master.maxmemory_bytes.to_string()),
        ("maxmemory-policy", master.maxmemory_policy.clone()),
        ("maxclients", master.maxclients.to_string()),
        ("tls-replication", yes_no(topology.tls.is_some())),
        ("syslog-enabled", yes_no(topology.logging.syslog.is_some())),
    ]);
    if let Some(tls) = &topology.tls {
        expected.insert("tls-auth-clients", tls.auth_clients.into());
        expected.insert("port", "0".into());
    }
    if let Some(facility) = topology.logging.syslog {
        expected.insert("syslog-facility", facility.into());
        expected.insert("syslog-ident", format!("redis-{}", master.name));
    }
    if !master.persistence.rdb {
        expected.insert("save", String::new());
    }
    let mut all: BTreeMap<String, String> =
        expected.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    let mut free: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for directive in &master.directives {
        free.entry(directive.name.clone()).or_default().extend(directive.words.clone());
    }
    assert!(!master.persistence.rdb || free.contains_key("save"), "{}", master.name);
    all.extend(free.into_iter().map(|(name, words)| (name, words.join(" "))));
    all
}

/// Addresses, ports and certificates, which a test has to move, are those of the topology in the file itself.
fn listens(topology: &Topology, directory: &Directory, file: &str, port: u32) {
    let at = format!("{file} in {}", directory.name);
    let lines = lines(&directory.files[file]);
    let only = |name: &str| match lines.get(name).map(Vec::as_slice) {
        Some([value]) => value.clone(),
        other => panic!("{name} is {other:?} in {at}"),
    };
    let host = topology
        .hosts
        .iter()
        .find(|host| directory.name.starts_with(&format!("hosts/{}/", host.name)));
    let bind = host.map_or_else(|| "* -::*".to_string(), |host| host.bind.join(" "));
    assert_eq!(only("bind"), bind, "{at}");
    match &topology.tls {
        None => assert_eq!(only("port"), port.to_string(), "{at}"),
        Some(tls) => {
            assert_eq!((only("port"), only("tls-port")), ("0".into(), port.to_string()), "{at}");
            let files = [("ca-cert", &tls.ca), ("cert", &tls.cert), ("key", &tls.key)];
            for (name, path) in files {
                assert_eq!(&only(&format!("tls-{name}-file")), path, "{at}");
            }
        }
    }
}

/// Directives of `spec.sentinel.config` that a Sentinel can be asked for.
const SENTINEL_CONFIG: &str = r#"{"maxclients": 321, "master-reboot-down-after-period": 777}"#;

#[test]
fn a_sentinel_starts_with_every_sentinel_conf_and_watches_as_the_spec_said() {
    let mut sentinels = 0;
    for example in examples() {
        let text = fs::read_to_string(&example).unwrap();
        let text = with_engine(&text, &json!({"type": "Redis", "version": INSTALLED}));
        let mut spec: Value = serde_json::from_str(&text).unwrap();
        spec["spec"]["sentinel"]["config"] = serde_json::from_str(SENTINEL_CONFIG).unwrap();
        let text = spec.to_string();
        let expected = topology(&text);
        let artifacts = render(&text);
        for directory in directories(&artifacts)
            .iter()
            .filter(|directory| directory.files.contains_key("sentinel.conf"))
        {
            let mut scratch = Scratch::new();
            let live = scratch.place(directory, "sentinel.conf");
            let server = scratch.start(&[live.to_str().unwrap(), "--sentinel"]);
            watches(&scratch, &expected);
            takes_users(&scratch, directory);
            listens(&expected, directory, "sentinel.conf", expected.sentinel.port);
            denies_scripts_and_has_its_config(&scratch, &expected, &live);
            let hostnames = if expected.network.announce_hostnames { "yes" } else { "no" };
            for name in ["resolve-hostnames", "announce-hostnames"] {
                let told = scratch.ask(&["SENTINEL", "CONFIG", "GET", name]);
                assert_eq!(told.lines().nth(1), Some(hostnames), "{name} of {}", directory.name);
            }
            drop(server);
            sentinels += 1;
        }
    }
    assert!(sentinels >= 6, "{sentinels}");
}

fn denies_scripts_and_has_its_config(scratch: &Scratch, expected: &Topology, live: &Path) {
    assert!(scratch.ask(&["INFO", "clients"]).contains("maxclients:321\r\n"));
    for master in &expected.masters {
        for script in ["notification-script", "client-reconfig-script"] {
            let refusal = scratch.ask(&["SENTINEL", "SET", &master.name, script, "/bin/true"]);
            assert!(refusal.contains("denied"), "{script} of {}: {refusal}", master.name);
        }
        // What is set makes it write down its state: every line of a master anew, from what it has in force.
        let same = master.watch.failover_timeout_milliseconds.to_string();
        let set = ["SENTINEL", "SET", &master.name, "failover-timeout", &same];
        assert_eq!(scratch.ask(&set).trim(), "OK");
        let kept = format!("sentinel master-reboot-down-after-period {} 777\n", master.name);
        let written = fs::read_to_string(live).unwrap();
        assert!(written.contains(&kept), "{written}");
    }
}

/// The server knows every command and every category of the users that a node starts with.
fn takes_users(scratch: &Scratch, directory: &Directory) {
    for user in directory.files["users"].lines() {
        let words: Vec<&str> = user.split(' ').map(|word| word.trim_matches('"')).collect();
        let command: Vec<&str> = ["ACL", "SETUSER", "trial", "reset"]
            .into_iter()
            .chain(words[2..].iter().copied())
            .collect();
        assert_eq!(scratch.ask(&command).trim(), "OK", "{user} of {}", directory.name);
    }
}

fn watches(scratch: &Scratch, expected: &Topology) {
    for master in &expected.masters {
        let told = scratch.ask(&["SENTINEL", "MASTER", &master.name]);
        let told: Vec<&str> = told.lines().collect();
        let field = |name: &str| {
            let at = told
                .iter()
                .position(|line| *line == name)
                .unwrap_or_else(|| panic!("{name} in {told:?}"));
            told[at + 1].to_string()
        };
        let seed = master.nodes.iter().find(|node| node.seed).unwrap();
        assert_eq!(field("ip"), seed.host);
        assert_eq!(field("port"), seed.port.to_string());
        assert_eq!(field("quorum"), expected.sentinel.quorum.to_string());
        assert_eq!(
            field("down-after-milliseconds"),
            master.watch.down_after_milliseconds.to_string()
        );
        assert_eq!(
            field("failover-timeout"),
            master.watch.failover_timeout_milliseconds.to_string()
        );
        assert_eq!(field("parallel-syncs"), master.watch.parallel_syncs.to_string());
        let has = |name: &str| told.contains(&name);
        assert_eq!(has("notification-script"), !expected.notifications.alertmanagers.is_empty());
        assert_eq!(has("client-reconfig-script"), !expected.notifications.webhooks.is_empty());
    }
}

const VERSIONS: [(&str, &str); 11] = [
    ("Redis", "6.2"),
    ("Redis", "7.0"),
    ("Redis", "7.2"),
    ("Redis", "7.4"),
    ("Redis", "8.0"),
    ("Redis", "8.2"),
    ("Redis", "8.6"),
    ("Valkey", "7.2"),
    ("Valkey", "8.0"),
    ("Valkey", "8.1"),
    ("Valkey", "9.0"),
];

#[test]
fn every_line_and_every_user_is_known_to_its_version() {
    let mut lines = 0;
    for example in examples() {
        let text = fs::read_to_string(&example).unwrap();
        for (name, version) in VERSIONS {
            let artifacts = render(&with_engine(&text, &json!({"type": name, "version": version})));
            let engine = if name == "Redis" { Engine::Redis } else { Engine::Valkey };
            let version: Version = version.parse().unwrap();
            for directory in directories(&artifacts) {
                let at = format!("{} of {} on {name} {version}", directory.name, name_of(&example));
                lines += directory.files.get("redis.conf").map_or(0, |text| text.lines().count());
                if let Some(text) = directory.files.get("redis.conf") {
                    check_lines(Table::server(engine, version), text, &at);
                }
                if let Some(text) = directory.files.get("sentinel.conf") {
                    check_lines(Table::sentinel(engine, version), text, &at);
                }
                check_users(
                    engine,
                    version,
                    directory.files.get("users").map_or("", String::as_str),
                    &at,
                );
            }
        }
    }
    assert!(lines > 1000, "{lines}");
}

fn check_lines(table: Table, text: &str, at: &str) {
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').map(|word| word.trim_matches('"')).collect();
        // `sentinel NAME MASTER VALUE` for what belongs to a master, `sentinel NAME VALUE` for what does not.
        let (name, values) = match words.as_slice() {
            ["sentinel", name, values @ ..] => {
                let of_master = table
                    .find(name)
                    .is_some_and(|found| found.scope() == directives::Scope::Master);
                (*name, if of_master && *name != "monitor" { &values[1..] } else { values })
            }
            [name, values @ ..] => (*name, values),
            [] => continue,
        };
        let directive = table.find(name).unwrap_or_else(|| panic!("{name} in {at}"));
        if name != "monitor" {
            directive.check(values).unwrap_or_else(|why| panic!("{line}: {why} in {at}"));
        }
    }
}

fn check_users(engine: Engine, version: Version, users: &str, at: &str) {
    for user in users.lines() {
        let rules = user.split(' ').skip(2).map(String::from);
        // The table has the commands of servers; a real Sentinel is asked for its own, above.
        let rules: Vec<String> = rules.filter(|rule| !rule.starts_with("+sentinel|")).collect();
        assert!(!rules.is_empty(), "{user} in {at}");
        assert_eq!(acl_commands::check_rules(engine, version, &rules), [], "{user} in {at}");
    }
}
