//! The exporter of a host: what it may, what it sees, and what it tells nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use regex::Regex;

use crate::{
    cluster::Cluster,
    nodes::Nodes,
    programs::get,
    set::{Page, Set},
    support::installed::for_installed_engine,
};

/// What the installed exporter uses of its rights. The others are for a newer one, or for Valkey.
const DATA_RIGHTS: &[&str] =
    &["info", "client|setname", "slowlog|len", "slowlog|get", "latency|latest"];
const SENTINEL_RIGHTS: &[&str] = &[
    "info",
    "client|setname",
    "sentinel|masters",
    "sentinel|sentinels",
    "sentinel|slaves",
    "sentinel|ckquorum",
];

/// A user for the test in every process, because nobody of ours may read the log of refusals.
fn add_auditor(cluster: &Cluster) {
    for process in &cluster.processes {
        let file = cluster.root(process.host).join("etc/redis").join(&process.name).join("users");
        let users = fs::read_to_string(&file).unwrap();
        let node = users.lines().find(|line| line.starts_with("node ")).unwrap();
        let secret = node.split(' ').nth(1).unwrap();
        fs::write(&file, format!("{users}auditor {secret} on ~* &* +@all\n")).unwrap();
    }
}

/// What a process answers to the auditor.
fn audit(cluster: &Cluster, index: usize, question: &str) -> String {
    let file = &cluster.topology.auth.as_ref().unwrap().node_password_file;
    let client = cluster.client(index);
    let mut client = Command::new(&client[0])
        .args(&client[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let login = format!("AUTH auditor {}", cluster.secret(file));
    write!(client.stdin.take().unwrap(), "{login}\n{question}\n").unwrap();
    let said = String::from_utf8(client.wait_with_output().unwrap().stdout).unwrap();
    let said = said.replace('\r', "");
    said.strip_prefix("OK\n").unwrap_or_else(|| panic!("{said}")).trim().into()
}

fn scrape(page: &Page) -> String {
    get(&page.url, &[("target", &page.target)])
}

fn names(text: &str) -> BTreeSet<&str> {
    let samples = text.lines().filter(|line| line.starts_with("redis_"));
    samples.map(|line| line.split(['{', ' ']).next().unwrap()).collect()
}

#[test]
fn the_exporter_of_a_host_sees_all_with_its_rights_and_needs_each_of_them() {
    let _alone = crate::nodes::alone();
    let mut set = Set::start_changed(&for_installed_engine("valkey"), add_auditor);
    set.export();
    let pages = set.pages();
    assert_eq!(pages.len(), set.cluster.places().len());
    for page in &pages {
        let index = set.process_of(page);
        let ask = |question: &str| audit(&set.cluster, index, question);
        let text = scrape(page);
        let at = &page.target;
        assert_eq!(ask("ACL LOG"), "", "{at}: nothing of ours was refused");
        assert!(!text.contains(r#"err="NOPERM""#), "{at}: {text}");
        let kind =
            if page.is_sentinel { "redis_sentinel_masters 2" } else { "redis_memory_max_bytes" };
        assert!(text.contains(kind), "{at}: {text}");

        let rights = if page.is_sentinel { SENTINEL_RIGHTS } else { DATA_RIGHTS };
        for right in rights {
            assert_eq!(ask(&format!("ACL SETUSER exporter -{right}")), "OK");
            scrape(page);
            let log = ask("ACL LOG");
            let object = right.split('|').next_back().unwrap();
            assert!(log.contains("exporter") && log.contains(object), "{at} {right}: {log}");
            assert_eq!(ask(&format!("ACL SETUSER exporter +{right}")), "OK");
            assert_eq!(ask("ACL LOG RESET"), "OK");
        }
        let before = scrape(page);
        assert_eq!(ask("ACL SETUSER exporter ~* &* +@all"), "OK");
        let after = scrape(page);
        let missing: Vec<_> = names(&after).difference(&names(&before)).copied().collect();
        assert_eq!(missing, Vec::<&str>::new(), "{at}: more rights would show more");
    }
    both_forms_of_a_target_have_its_password(&set);
    a_hung_server_is_seen_as_down_within_a_scrape(&set);
    an_unknown_target_is_told_no_secret(&set, set.spare_address());
    crate::runbook::commands_work(&set);
}

/// The installed exporter looks a target up as it is asked for, one from 1.69 on with the name of its user.
fn both_forms_of_a_target_have_its_password(set: &Set) {
    let maps = (0..set.cluster.topology.hosts.len()).map(|host| {
        let file = set.cluster.root(host).join("run/redis-exporter/passwords.json");
        serde_json::from_str::<BTreeMap<String, String>>(&fs::read_to_string(file).unwrap())
            .unwrap()
    });
    let all: BTreeMap<String, String> = maps.flatten().collect();
    let secret = set.cluster.secret(&exporter_password_file(set));
    for page in set.pages() {
        for target in [page.target.clone(), page.target.replace("://", "://exporter@")] {
            assert_eq!(all.get(&target), Some(&secret), "{target} in {:?}", all.keys());
        }
    }
}

fn exporter_password_file(set: &Set) -> String {
    let users = set.file("hosts/db-a/etc/redis/sentinel/users");
    let own = users.lines().find(|line| line.starts_with("exporter ")).unwrap();
    own.split(' ').nth(1).unwrap().into()
}

fn a_hung_server_is_seen_as_down_within_a_scrape(set: &Set) {
    let page = set.pages().into_iter().find(|page| !page.is_sentinel).unwrap();
    let info = audit(&set.cluster, set.process_of(&page), "INFO server");
    let id = Regex::new(r"process_id:(\d+)").unwrap().captures(&info).unwrap()[1].to_string();
    let signal =
        |name: &str| assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    signal("-STOP");
    let began = Instant::now();
    let text = scrape(&page);
    let took = began.elapsed();
    signal("-CONT");
    assert!(text.contains("\nredis_up 0\n"), "after {took:?}: {text}");
    assert!(took < set.scrape_timeout(), "{took:?}: the scrape is given up before");
}

/// Whoever reaches the exporter can have it connect to a server of his own.
fn an_unknown_target_is_told_no_secret(set: &Set, address: Ipv4Addr) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let mut heard = Vec::new();
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut bytes) {
            heard.extend_from_slice(&bytes[..count]);
            let _ = stream.write_all(b"+OK\r\n");
        }
        String::from_utf8_lossy(&heard).into_owned()
    });
    let url = &set.pages()[0].url;
    let answer = get(url, &[("target", &format!("redis://{address}:{port}"))]);
    let heard = heard.join().unwrap();
    assert!(heard.contains("INFO") || heard.contains("info"), "it came: {heard:?} {answer}");
    assert!(!heard.to_uppercase().contains("AUTH"), "{heard:?}");
    assert!(!heard.contains("secret-of-"), "{heard:?}");
}
