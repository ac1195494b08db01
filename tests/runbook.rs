//! The runbooks: every command parses, and names what was rendered and what the servers know.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisforge::{alerts, catalog::Artifact, families::monitoring, topology::Topology};
use regex::Regex;
use serde_json::Value;
use support::{examples, name_of, render, topology};
use tempfile::TempDir;

/// Alerts that no example has, and one in a namespace of nobody's.
const SPEC: &str = r#"
apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: shop}
spec:
  masters:
    - {name: orders, redis: {persistence: {type: AOFAndRDB}, config: {latency-monitor-threshold: 100}}}
    - {name: pages, redis: {config: {maxmemory-policy: allkeys-lru}}}
  tls: {mode: Required, certificate: {type: CertManager, issuerRef: {kind: Issuer, name: ca}}}
  notifications: {alertmanagers: ["http://alertmanager:9093"]}
  monitoring: {scrape: {type: ServiceMonitor}}
"#;

struct Case {
    name: String,
    topology: Topology,
    artifacts: Vec<Artifact>,
    runbook: String,
}

/// Every topology that has a runbook.
fn cases() -> Vec<Case> {
    let files = examples().into_iter();
    let texts = files.map(|file| (name_of(&file), fs::read_to_string(file).unwrap()));
    let cases = texts.chain([("shop".to_string(), SPEC.to_string())]);
    let cases: Vec<Case> = cases
        .filter_map(|(name, text)| {
            let (topology, artifacts) = (topology(&text), render(&text));
            let runbook = artifacts.iter().find(|file| file.path == "operations/runbook.md");
            let runbook = runbook?.content.clone();
            Some(Case { name, topology, artifacts, runbook })
        })
        .collect();
    assert!(cases.len() >= 7);
    cases
}

impl Case {
    fn blocks(&self) -> Vec<&str> {
        let blocks = self.runbook.split("```sh\n").skip(1);
        blocks.map(|rest| rest.split("```").next().unwrap()).collect()
    }

    /// What stands between backticks, with the words that people fill in filled in.
    fn spans(&self) -> Vec<String> {
        let fence = Regex::new("(?s)```.*?```").unwrap();
        let text = fence.replace_all(&self.runbook, "");
        let span = Regex::new("`([^`]+)`").unwrap();
        let spans = span.captures_iter(&text).map(|found| found[1].replace('\n', " "));
        spans.map(|span| span.replace("NUMBER", "10000").replace("BYTES", "1000000000")).collect()
    }

    /// Every command line for a shell.
    fn commands(&self) -> Vec<String> {
        const PROGRAMS: &[&str] =
            &["ask", "df", "journalctl", "kubectl", "ls", "systemctl", "tail", "touch"];
        let lines = self.blocks().into_iter().flat_map(str::lines).map(String::from);
        let commands = lines.chain(self.spans()).filter(|line| {
            let (program, rest) = line.split_once(' ').unwrap_or_default();
            PROGRAMS.contains(&program) && !rest.is_empty() && !line.starts_with("ask()")
        });
        let commands: BTreeSet<String> = commands.collect();
        assert!(commands.len() > 20, "{}: {commands:?}", self.name);
        commands.into_iter().collect()
    }

    fn objects(&self) -> Vec<Value> {
        let files = self.artifacts.iter();
        let files = files.filter(|file| {
            file.path.starts_with("kubernetes/") && !file.path.ends_with("kustomization.yaml")
        });
        files.map(|file| serde_yaml::from_str(&file.content).unwrap()).collect()
    }

    fn has_object(&self, kind: &str, name: &str) -> bool {
        self.objects().iter().any(|object| {
            object["kind"].as_str().unwrap().eq_ignore_ascii_case(kind)
                && object["metadata"]["name"] == name
        })
    }

    /// Containers of a pod; nothing where no set has it.
    fn containers(&self, pod: &str) -> Vec<String> {
        let (set, ordinal) = pod.rsplit_once('-').unwrap();
        let objects = self.objects();
        let set = objects.iter().find(|object| {
            object["kind"] == "StatefulSet"
                && object["metadata"]["name"] == set
                && object["spec"]["replicas"].as_u64() > ordinal.parse().ok()
        });
        let Some(set) = set else { return Vec::new() };
        let containers = set["spec"]["template"]["spec"]["containers"].as_array().unwrap();
        containers.iter().map(|container| container["name"].as_str().unwrap().into()).collect()
    }

    /// The text about an alert, if this topology has it.
    fn section(&self, alert: &str) -> Option<&str> {
        let (_, rest) = self.runbook.split_once(&format!("\n### {alert}\n"))?;
        rest.split("\n### ").next()
    }

    fn has_file(&self, end: &str) -> bool {
        self.artifacts.iter().any(|file| file.path.ends_with(end))
    }
}

#[test]
fn every_command_parses() {
    let scratch = TempDir::new().unwrap();
    for case in cases() {
        let script = scratch.path().join(format!("{}.sh", case.name));
        let lines: Vec<String> =
            case.blocks().iter().map(ToString::to_string).chain(case.commands()).collect();
        // The scripts that the first block reads are judged elsewhere, and it is the pod that expands its words.
        let head = "#!/bin/sh\n# shellcheck disable=SC1090,SC1091,SC2016,SC2034\n";
        fs::write(&script, format!("{head}{}\n", lines.join("\n"))).unwrap();
        for mut judge in [Command::new("dash"), Command::new("shellcheck")] {
            let flag = if judge.get_program() == "dash" { "-n" } else { "--norc" };
            let output = judge.arg(flag).arg(&script).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", case.name);
        }
    }
}

#[test]
fn every_command_names_what_was_rendered() {
    let listed = Regex::new(r"(?m)^- `(.*)`, (.*):(\d+)$").unwrap();
    for case in cases() {
        for command in case.commands() {
            let words: Vec<&str> = command.split(' ').collect();
            let at = format!("{}: {command}", case.name);
            match words[0] {
                "kubectl" => names_objects(&case, &words, &at),
                "ask" if case.topology.on_hosts() => {
                    assert!(case.has_file(&format!("/etc/redis/{}/ask.sh", words[1])), "{at}");
                }
                "ask" => assert!(!case.containers(words[1]).is_empty(), "{at}"),
                "journalctl" if words[1] == "-t" => {
                    let ident = format!("syslog-ident {}\n", words[2]);
                    let has = |file: &Artifact| file.content.contains(&ident);
                    assert!(case.artifacts.iter().any(has), "{at}");
                }
                "systemctl" if words[1] == "status" => {
                    assert_eq!(words[2], "'redis-*'", "{at}");
                    assert!(case.topology.on_hosts(), "{at}");
                }
                "systemctl" | "journalctl" => {
                    let unit = words.last().unwrap();
                    assert!(case.has_file(&format!("/etc/systemd/system/{unit}.service")), "{at}");
                }
                "tail" => {
                    let line = format!("logfile {}\n", words.last().unwrap());
                    assert!(case.artifacts.iter().any(|file| file.content.contains(&line)), "{at}");
                }
                "df" | "ls" | "touch" => is_on_a_volume(&case, words.last().unwrap(), &at),
                other => panic!("{at}: nobody looks at {other}"),
            }
        }
        for address in listed.captures_iter(&case.runbook) {
            let is_it = |name: &str, host: &str, port: u32| {
                (name, host, port.to_string()) == (&address[1], &address[2], address[3].to_string())
            };
            let data = case.topology.masters.iter().flat_map(|master| &master.nodes);
            let is_known = data.clone().any(|node| is_it(&node.name, &node.host, node.port))
                || case
                    .topology
                    .sentinel
                    .nodes
                    .iter()
                    .any(|node| is_it(&node.name, &node.host, node.port));
            assert!(is_known, "{}: {}", case.name, &address[0]);
        }
    }
}

fn is_on_a_volume(case: &Case, path: &str, at: &str) {
    let is_below = |volume: &str| path == volume || path.starts_with(&format!("{volume}/"));
    let volume = Regex::new("(?m)^ *volume='(.*)'$").unwrap();
    let is_known = case
        .artifacts
        .iter()
        .any(|file| volume.captures_iter(&file.content).any(|found| is_below(&found[1])));
    assert!(is_known, "{at}");
}

fn names_objects(case: &Case, words: &[&str], at: &str) {
    assert!(case.topology.on_kubernetes(), "{at}");
    let after =
        |flag: &str| words.iter().position(|word| *word == flag).map(|index| words[index + 1]);
    assert_eq!(after("-n"), case.topology.namespace.as_deref(), "{at}");
    let own = words.split(|word| *word == "--").next().unwrap();
    let skipped: BTreeSet<usize> = own
        .iter()
        .enumerate()
        .filter(|(_, word)| ["-n", "-c", "-o", "-l"].contains(word))
        .flat_map(|(index, _)| [index, index + 1])
        .collect();
    let bare: Vec<&str> = own
        .iter()
        .enumerate()
        .filter(|(index, word)| !skipped.contains(index) && !word.starts_with("--"))
        .map(|(_, word)| *word)
        .skip(1)
        .collect();
    let pod = |name: &str| {
        let containers = case.containers(name);
        assert!(!containers.is_empty(), "{at}");
        assert!(
            after("-c").is_none_or(|wanted| containers.iter().any(|own| own == wanted)),
            "{at}"
        );
    };
    match bare[..] {
        ["logs" | "exec", name] | ["delete", "pod", name] => pod(name),
        ["get", "pods"] => {
            let selector = after("-l").unwrap().split_once('=').unwrap();
            let sets = case.objects();
            let mut sets = sets.iter().filter(|object| object["kind"] == "StatefulSet");
            let label =
                |set: &Value| set["spec"]["template"]["metadata"]["labels"][selector.0].clone();
            assert!(sets.all(|set| label(set) == selector.1), "{at}");
        }
        ["describe", "certificate", ref names @ ..] => {
            assert_eq!(names.len(), case.topology.masters.len() + 1, "{at}");
            assert!(names.iter().all(|name| case.has_object("Certificate", name)), "{at}");
        }
        ["get", "certificaterequests"] => {}
        ["get", kind, name] => assert!(case.has_object(kind, name), "{at}"),
        ["rollout", "restart", object] => {
            let (kind, name) = object.split_once('/').unwrap();
            assert!(case.has_object(kind, name), "{at}");
        }
        _ => panic!("{at}: nobody looks at {bare:?}"),
    }
    if let Some(inside) = words.iter().position(|word| *word == "--") {
        is_on_a_volume(case, words[inside..].last().unwrap(), at);
    }
}

struct Server(Child, u16);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(scratch: &TempDir, is_sentinel: bool) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = scratch.path().join(if is_sentinel { "sentinel.conf" } else { "redis.conf" });
        fs::write(
            &file,
            format!("port {port}\nbind 127.0.0.1\ndir {}\n", scratch.path().display()),
        )
        .unwrap();
        let mut command = Command::new("redis-server");
        command.arg(&file).args(is_sentinel.then_some("--sentinel")).stdout(Stdio::null());
        let server = Self(command.spawn().unwrap(), port);
        let deadline = Instant::now() + Duration::from_secs(10);
        while server.ask(&["PING"]).trim() != "PONG" {
            assert!(Instant::now() < deadline, "no server");
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn ask(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.1.to_string()]).args(words);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    /// Whether it has a command, or a subcommand of it.
    fn knows(&self, command: &str) -> bool {
        let name = command.to_lowercase();
        self.ask(&["COMMAND", "INFO", &name]).lines().next() == Some(name.as_str())
    }
}

#[test]
fn every_command_to_a_server_and_every_field_of_its_answer_is_known_to_it() {
    let scratch = TempDir::new().unwrap();
    let (data, sentinel) = (Server::start(&scratch, false), Server::start(&scratch, true));
    // An error, so that there is one to count.
    data.ask(&["GET"]);
    let program = fs::read("/usr/bin/redis-server").unwrap();
    let program = String::from_utf8_lossy(&program).into_owned();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for case in cases() {
        let asked = case.commands().into_iter().filter_map(|line| {
            let (whom, command) = line.strip_prefix("ask ")?.split_once(' ')?;
            Some((if whom.contains("sentinel") { &sentinel } else { &data }, command.to_string()))
        });
        let named = case.spans().into_iter().filter(|span| {
            let first = span.split(' ').next().unwrap();
            first.len() > 3
                && first.bytes().all(|byte| byte.is_ascii_uppercase())
                && span.contains(' ')
        });
        let named =
            named.map(|span| (if span.starts_with("SENTINEL") { &sentinel } else { &data }, span));
        for (server, command) in asked.chain(named) {
            let at = format!("{}: {command}", case.name);
            let words: Vec<&str> = command.split(' ').collect();
            // Names of masters come last and are no matter of the server.
            let kind = words[..words.len().min(3)].join(" ");
            let known = seen.entry(words[0].into()).or_default();
            if !known.insert(kind) {
                continue;
            }
            match words[..] {
                ["INFO", section] => assert!(server.ask(&["INFO", section]).contains(':'), "{at}"),
                ["CONFIG", "SET", name, _] => {
                    assert!(server.ask(&["CONFIG", "GET", name]).starts_with(name), "{at}");
                }
                ["PING"] | ["REPLICAOF", ..] => assert!(server.knows(words[0]), "{at}"),
                [command, subcommand, ..] => {
                    assert!(server.knows(&format!("{command}|{subcommand}")), "{at}");
                }
                [..] => panic!("{at}: nobody looks at it"),
            }
        }
        // Words that only labels have, or the installed server lacks.
        let labels = ["redis_version", "valkey_version", "maxmemory_policy", "event_name"];
        for field in
            case.spans().iter().filter(|span| is_field(span) && !labels.contains(&span.as_str()))
        {
            assert!(program.contains(&format!("{field}:")), "{}: {field}", case.name);
        }
    }
    for command in ["INFO", "CONFIG", "SENTINEL", "PING", "ACL", "SLOWLOG", "LATENCY", "CLIENT"] {
        assert!(seen.contains_key(command), "{command} is in some runbook: {seen:?}");
    }
}

/// As `INFO` writes its fields.
fn is_field(span: &str) -> bool {
    span.contains('_') && span.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn what_a_server_says_is_sought_where_it_writes_and_what_its_start_says_in_the_journal() {
    let of_servers = [
        "RedisFailoverFlapping",
        "RedisFailoverHappened",
        "RedisFailoverStuck",
        "RedisFullResyncLoop",
        "RedisPartialResyncDenied",
        "RedisRdbSaveFailed",
        "RedisRdbSaveStale",
        "RedisReplicationLinkDown",
        "RedisRestartLoop",
        "RedisSyncTooLong",
    ];
    let mut kinds = BTreeSet::new();
    for case in cases() {
        let logging = &case.topology.logging;
        let server = match (logging.file, logging.syslog) {
            (true, _) => "`tail -n 200 /var/log/redis/",
            (_, Some(_)) => "`journalctl -t redis-",
            _ if case.topology.on_hosts() => "`journalctl -u redis-",
            _ => "`kubectl logs ",
        };
        kinds.insert(server);
        let sections = of_servers.iter().filter_map(|alert| case.section(alert));
        assert!(sections.clone().count() >= 8, "{}", case.name);
        for section in sections {
            assert!(section.contains(server), "{}: no {server} in {section}", case.name);
        }
        let start = if case.topology.on_hosts() { "`journalctl -u " } else { "`kubectl logs " };
        for alert in ["RedisInstanceDown", "RedisNoMaster", "RedisSentinelDown"] {
            let section = case.section(alert).unwrap();
            assert!(section.contains(start), "{}: no {start} in {section}", case.name);
        }
    }
    assert!(kinds.len() >= 3, "{kinds:?}");
}

#[test]
fn a_runbook_of_hosts_does_not_speak_of_kubernetes() {
    let foreign = Regex::new(
        r"(?i)\b(pods?|secrets?|probes?|containers?|cluster|networkpolicy|storage class|kubectl|kubernetes|namespaces?)\b",
    )
    .unwrap();
    let (mut on_hosts, mut elsewhere) = (0, 0);
    for case in cases() {
        let found: BTreeSet<&str> =
            foreign.find_iter(&case.runbook).map(|found| found.as_str()).collect();
        if case.topology.on_hosts() {
            on_hosts += 1;
            assert_eq!(found, BTreeSet::new(), "{}", case.name);
        } else {
            elsewhere += 1;
            for word in ["Secret", "cluster", "liveness probe"] {
                assert!(case.runbook.contains(word), "{}: {word}", case.name);
            }
        }
    }
    assert!(on_hosts >= 2 && elsewhere >= 3);
}

#[test]
fn every_panel_that_a_runbook_names_is_there_and_never_all_that_there_is_to_see() {
    let emphasis = Regex::new(r"\*([^*`\n]+)\*").unwrap();
    let (mut with, mut without) = (0, 0);
    for case in cases() {
        let text = case.runbook.replace("**", "");
        let named: BTreeSet<&str> =
            emphasis.captures_iter(&text).map(|found| found.extract::<1>().1[0]).collect();
        if case.topology.monitoring.as_ref().unwrap().dashboard {
            with += 1;
            let model = monitoring::dashboard_for_import(&case.topology).unwrap();
            let model: Value = serde_json::from_str(&model).unwrap();
            let panels = model["panels"].as_array().unwrap();
            let nested = panels.iter().filter_map(|panel| panel["panels"].as_array()).flatten();
            let titles: BTreeSet<&str> =
                panels.iter().chain(nested).map(|panel| panel["title"].as_str().unwrap()).collect();
            assert!(named.len() >= 8, "{}: {named:?}", case.name);
            assert_eq!(named.difference(&titles).collect::<Vec<_>>(), Vec::<&&str>::new());
        } else {
            without += 1;
            assert_eq!(named, BTreeSet::new(), "{}", case.name);
            let text = text.to_lowercase();
            assert!(!text.contains("panel") && !text.contains("dashboard"), "{}", case.name);
        }
        for alert in alerts::names() {
            let Some(section) = case.section(alert) else { continue };
            let (_, see) = section.split_once("**See** ").unwrap();
            let see = see.split("\n\n").next().unwrap();
            assert!(see.contains('`'), "{}: {alert}: nothing to type in {see}", case.name);
        }
    }
    assert!(with >= 3 && without >= 1, "{with} with a dashboard, {without} without");
}

#[test]
fn links_lead_somewhere_whatever_is_disabled() {
    let link = Regex::new(r"\]\(#([^)]*)\)").unwrap();
    let mut linked = BTreeSet::new();
    for parity in 0..2 {
        let disabled: Vec<&str> = alerts::names()
            .enumerate()
            .filter(|(index, _)| index % 2 == parity)
            .map(|(_, name)| name)
            .collect();
        let spec = SPEC.replace(
            "{type: ServiceMonitor}",
            &format!("{{type: ServiceMonitor}}, alerts: {{disable: [{}]}}", disabled.join(", ")),
        );
        let artifacts = render(&spec);
        let runbook = artifacts.iter().find(|file| file.path == "operations/runbook.md").unwrap();
        let runbook = &runbook.content;
        let headings = runbook.lines().filter(|line| line.starts_with('#'));
        let anchors: BTreeSet<String> = headings
            .map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"))
            .collect();
        for name in &disabled {
            assert!(!anchors.contains(&name.to_lowercase()), "{name} is disabled");
        }
        for found in link.captures_iter(runbook) {
            assert!(anchors.contains(&found[1]), "{}", &found[1]);
            linked.insert(found[1].to_string());
        }
        // The names stay, for whoever has them elsewhere.
        assert!(
            runbook.contains("RedisFailoverHappened") && runbook.contains("RedisFailoverStuck")
        );
    }
    // Each is linked to by one of the two.
    for name in ["redisfailoverhappened", "redisfailoverstuck"] {
        assert!(linked.contains(name), "{name}: {linked:?}");
    }
}

#[test]
fn an_event_of_sentinel_leads_to_its_part_of_the_runbook() {
    let (mut told, mut silent) = (0, 0);
    let more = ["", "  monitoring: {scrape: {type: Disabled}}\n"];
    let minimal = fs::read_to_string(support::root().join("examples/minimal.yaml")).unwrap();
    let minimal = minimal.replace("spec: {}\n", "spec:\n");
    let notified = more.map(|more| {
        format!(
            "{minimal}  notifications: {{alertmanagers: [\"http://alertmanager:9093\"]}}\n{more}"
        )
    });
    let url = Regex::new("(?m)^ *runbook_url='(.*)'$").unwrap();
    let texts = notified.into_iter().chain([SPEC.replace(
        "{type: ServiceMonitor}",
        "{type: ServiceMonitor}, alerts: {runbookUrlPrefix: 'https://example.com/shop/'}",
    )]);
    for text in texts {
        let (topology, artifacts) = (topology(&text), render(&text));
        let urls: BTreeSet<String> = artifacts
            .iter()
            .flat_map(|file| url.captures_iter(&file.content).map(|found| found[1].to_string()))
            .collect();
        assert_eq!(urls.len(), 1, "{urls:?}");
        let url = urls.first().unwrap();
        let runbook = artifacts.iter().find(|file| file.path == "operations/runbook.md");
        let Some(runbook) = runbook else {
            silent += 1;
            assert_eq!(url, "", "there is no runbook");
            continue;
        };
        told += 1;
        let prefix = &topology.monitoring.as_ref().unwrap().runbook_url_prefix;
        assert_eq!(*url, format!("{prefix}operations/runbook.md#what-sentinel-reports"));
        assert!(runbook.content.contains("\n## What Sentinel reports\n"));
    }
    assert_eq!((told, silent), (2, 1));
}
