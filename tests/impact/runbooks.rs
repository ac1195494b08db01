//! Runbooks are ready to be typed: nothing in them is left to fill in, and everything that they name is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use redisforge::{impact, topology::Topology};
use regex::Regex;

use crate::{CASES, CHANGES, Change, changes, edited, example, files, topology};

/// What may stand behind the words of a command.
type Names = fn(&Change, &str) -> bool;

fn on_a_side(change: &Change, is_there: impl Fn(&Topology) -> bool) -> bool {
    is_there(&change.old) || is_there(&change.new)
}

fn has_pod(topology: &Topology, name: &str) -> bool {
    let data = topology.masters.iter().flat_map(|master| &master.nodes).map(|node| &node.name);
    data.chain(topology.sentinel.nodes.iter().map(|node| &node.name)).any(|pod| pod == name)
}

fn has_master(topology: &Topology, name: &str) -> bool {
    topology.masters.iter().any(|master| master.name == name)
}

fn expects(topology: &Topology, what: &str) -> bool {
    topology.expectations().iter().any(|line| line == what || line.starts_with(&format!("{what} ")))
}

#[rustfmt::skip]
const NAMED: &[(&str, Names)] = &[
    (r"kubectl -n (\S+)", |change, name| on_a_side(change, |side| side.namespace.as_deref() == Some(name))),
    (r"statefulset (\S+)", |change, name| on_a_side(change, |side| {
        side.sentinel.object == name || side.masters.iter().any(|master| master.object == name)
    })),
    // What is copied, or stopped to be copied, is what runs before.
    (r"exec (\S+)", |change, name| has_pod(&change.old, name)),
    (r"delete pod (\S+)", |change, name| has_pod(&change.old, name)),
    (r"pvc data-(\S+)", |change, name| has_pod(&change.old, name)),
    (r"storageclass (\S+) -o", |change, name| change.texts.contains(&format!("storageClassName: {name}"))),
    (r"get secret (\S+)", |change, name| expects(&change.old, &format!("Secret {name}"))),
    (r"patch secret (\S+)", |change, name| expects(&change.new, &format!("Secret {name}"))),
    (r"apply -f (\S+\.yaml) -f", |change, path| change.paths.contains(path)),
    (r"-f (\S+[^l\s])\n", |change, folder| change.paths.contains(&format!("{folder}/statefulset.yaml"))),
    (r"redis-(\S+)\.service", |change, name| change.paths.iter().any(|path| path.ends_with(&format!("/redis-{name}.service")))),
    (r"(?m)^# on ([a-z0-9.-]+)$", |change, name| change.old.hosts.iter().any(|host| host.name == name)),
    (r"here=/etc/redis/(\S+);", |change, name| has_master(&change.old, name)),
    (r"-m 0640 (\S+) ", |change, file| expects(&change.old, file)),
    (r"-m 0640 \S+ (\S+)", |change, file| expects(&change.new, file)),
];

#[test]
fn runbooks_leave_nothing_to_fill_in_and_name_only_what_is_there() {
    let to_fill_in = Regex::new(r"\b[A-Z]{2,}\b|<[a-z-]+>").unwrap();
    let named: Vec<(Regex, Names)> =
        NAMED.iter().map(|(words, names)| (Regex::new(words).unwrap(), *names)).collect();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut wrong, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for (case, change) in CASES.iter().zip(CHANGES.iter()) {
        let change = change.as_ref().unwrap();
        for effect in change.effects.iter().filter(|effect| !effect.runbook.is_empty()) {
            let text = effect.runbook.join("\n") + "\n";
            let at = format!("{} {:?}", case.example, case.after);
            if let Some(placeholder) = to_fill_in.find(&text) {
                wrong.insert(format!("{at}: {} in {text}", placeholder.as_str()));
            }
            for (words, names) in &named {
                for name in words.captures_iter(&text).map(|found| found.extract::<1>().1[0]) {
                    *found.entry(words.as_str()).or_default() += 1;
                    if !names(change, name) {
                        wrong.insert(format!("{at}: {} {name} in {text}", words.as_str()));
                    }
                }
            }
            texts.insert(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (words, _) in NAMED {
        assert!(found.contains_key(*words), "no runbook has {words}: {found:?}");
    }
    are_shell(&texts);
}

fn are_shell(texts: &BTreeSet<String>) {
    assert!(texts.len() > 20, "{} different ones", texts.len());
    let directory = tempfile::tempdir().unwrap();
    let mut shellcheck = Command::new("shellcheck");
    // What is quoted for another shell is looked at by itself; what it sources is tested where it comes from.
    shellcheck.args(["--shell", "sh", "--severity", "info", "--exclude", "SC1091,SC2016,SC2154"]);
    let inner = Regex::new("sh -c '([^']*)'").unwrap();
    let quoted = texts.iter().flat_map(|text| inner.captures_iter(text));
    let quoted: BTreeSet<String> = quoted.map(|found| found[1].to_string() + "\n").collect();
    assert!(!quoted.is_empty());
    for (number, text) in texts.iter().chain(&quoted).enumerate() {
        let file = directory.path().join(number.to_string());
        fs::write(&file, text).unwrap();
        let parsed = Command::new("dash").arg("-n").arg(&file).output().unwrap();
        assert!(parsed.status.success(), "{}\n{text}", String::from_utf8_lossy(&parsed.stderr));
        shellcheck.arg(file);
    }
    let checked = shellcheck.output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn a_copy_over_tls_shows_certificates_and_who_may_not_copy_keeps_the_volume() {
    let gone = |example_name: &str, from: &str, to: &str| {
        let text = example(example_name);
        let old = topology(&text).unwrap();
        let new = topology(&edited(&text, &[(from, to)]).unwrap()).unwrap();
        let effects = impact::effects(&changes(&files(&old), &files(&new)), Some(&new));
        effects[0].runbook.join("\n")
    };
    let plain = gone("edge", "{type: AOF, size: 2Gi}", "{type: None, cacheOnly: true}");
    for words in
        ["exec till-0 -c redis -- sh -c", "--cacert", "--cert", "--askpass --rdb -", ">till.rdb"]
    {
        assert!(plain.contains(words), "{words} in {plain}");
    }
    let users = gone("production-kubernetes", "name: shop-sessions", "name: shop-users");
    assert!(
        users.contains("exec shop-shop-sessions-0 -c redis -- tar -C /data -cf - ."),
        "{users}"
    );
    assert!(!users.contains("--rdb"), "no rendered user may SYNC: {users}");
}

/// The checksum in a pod template makes pods read their configuration anew once: what they read must be there by then.
#[test]
fn what_makes_a_set_anew_applies_its_configuration_with_it() {
    let mut seen = 0;
    for change in CHANGES.iter().map(|change| change.as_ref().unwrap()) {
        for line in change.effects.iter().flat_map(|effect| &effect.runbook) {
            let Some((_, folder)) = line.split_once(" apply -f kubernetes/members.yaml -f ") else {
                assert!(!line.contains("statefulset.yaml"), "{line}");
                continue;
            };
            seen += 1;
            for file in ["configmap.yaml", "statefulset.yaml"] {
                assert!(change.paths.contains(&format!("{folder}/{file}")), "{file}: {line}");
            }
        }
    }
    assert!(seen > 5, "{seen}");
}
