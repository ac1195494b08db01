//! Units, scripts and settings of the system.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use redisforge::{catalog, templates::Templates};

use crate::{
    support::{installed::run, write_host},
    trees::{files, topologies},
};

/// Above this, in tenths, systemd no longer calls the exposure low.
const LOW_EXPOSURE: &str = "20";

#[test]
fn systemd_accepts_every_unit_and_finds_little_exposed() {
    for_each_host(|host, directory| {
        let units = files(&directory.join("etc/systemd/system"));
        assert!(!units.is_empty(), "{host} has a unit");
        let output = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&units));
        assert!(output.stderr.is_empty(), "{host}: {}", String::from_utf8_lossy(&output.stderr));
        let root = format!("--root={}", directory.display());
        for unit in units {
            run(Command::new("systemd-analyze")
                .args(["security", "--offline=true", "--threshold", LOW_EXPOSURE, &root])
                .arg(unit.file_name().unwrap()));
        }
    });
}

#[test]
fn shells_and_shellcheck_accept_every_script() {
    for_each_host(|_, directory| {
        let is_script = |path: &PathBuf| path.extension().is_some_and(|end| end == "sh");
        let scripts: Vec<PathBuf> = files(directory).into_iter().filter(is_script).collect();
        for shell in [&["dash"][..], &["busybox", "sh"]] {
            for script in &scripts {
                run(Command::new(shell[0]).args(&shell[1..]).arg("-n").arg(script));
            }
        }
        run(Command::new("shellcheck").arg("--shell=sh").args(&scripts));
    });
}

#[test]
fn every_script_lies_beside_what_it_needs() {
    for_each_host(|_, directory| {
        for script in files(&directory.join("etc/redis")) {
            let text = fs::read_to_string(&script).unwrap();
            let parts = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("for part in ")?.strip_suffix("; do"));
            let sourced = parts
                .into_iter()
                .flat_map(|names| names.split(' '))
                .map(|name| format!("{name}.sh"));
            let named = text
                .split("\"$here/")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('"')?.0.to_string()));
            for name in sourced.chain(named.filter(|name| {
                Path::new(name).extension().is_some_and(|end| end == "sh") && !name.contains('$')
            })) {
                assert!(script.with_file_name(&name).exists(), "{} needs {name}", script.display());
            }
        }
    });
}

#[test]
fn systemd_tmpfiles_and_sysctl_accept_their_files() {
    for_each_host(|host, directory| {
        fs::write(directory.join("etc/passwd"), "redis:x:990:990::/:/bin/false\n").unwrap();
        fs::write(directory.join("etc/group"), "redis:x:990:\nadm:x:4:\n").unwrap();
        let root = format!("--root={}", directory.display());
        let output = run(Command::new("systemd-tmpfiles").args([&root, "--create", "redis.conf"]));
        assert!(output.stderr.is_empty(), "{host}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(directory.join("var/lib/redis").is_dir());
        let settings = fs::read_to_string(directory.join("etc/sysctl.d/30-redis.conf")).unwrap();
        for line in settings.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (name, _) = line.split_once(" = ").unwrap();
            run(Command::new("sysctl").arg(name));
        }
    });
}

#[test]
fn logrotate_accepts_its_file() {
    for_each_host(|_, directory| {
        let file = directory.join("etc/logrotate.d/redis");
        if file.exists() {
            run(Command::new("logrotate")
                .arg("--debug")
                .arg("--state")
                .arg(directory.join("state"))
                .arg(file));
        }
    });
}

#[test]
fn hosts_hold_what_their_roles_need() {
    for topology in topologies() {
        let artifacts = catalog::plan(&topology, &Templates::parse());
        let paths: BTreeSet<String> = artifacts.into_iter().map(|artifact| artifact.path).collect();
        for host in &topology.hosts {
            let has = |path: &str| paths.contains(&format!("hosts/{}/{path}", host.name));
            assert_eq!(has("etc/systemd/system/redis-sentinel.service"), host.has_sentinel);
            assert_eq!(has("etc/systemd/system/redis-exporter.service"), topology.is_monitored());
            assert_eq!(has("etc/logrotate.d/redis"), topology.logging.file);
            let names = |scripts: &[&str]| {
                scripts.iter().map(|path| path.replace("scripts/", "")).collect::<Vec<_>>()
            };
            for name in names(catalog::SENTINEL_SCRIPTS) {
                assert_eq!(has(&format!("etc/redis/sentinel/{name}")), host.has_sentinel, "{name}");
            }
            for master in &topology.masters {
                let is_here = host.masters.contains(&master.name);
                for name in names(catalog::DATA_SCRIPTS) {
                    assert_eq!(
                        has(&format!("etc/redis/{}/{name}", master.name)),
                        is_here,
                        "{name}"
                    );
                }
            }
        }
    }
}

/// Writes the tree of every host of every example and looks at it.
fn for_each_host(judge: impl Fn(&str, &Path)) {
    for topology in topologies() {
        let artifacts = catalog::plan(&topology, &Templates::parse());
        for host in &topology.hosts {
            let directory = tempfile::tempdir().unwrap();
            write_host(&artifacts, &host.name, directory.path());
            judge(&host.name, directory.path());
        }
    }
}
