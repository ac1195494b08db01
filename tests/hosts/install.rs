//! install.sh, really run, into a directory that stands for the host's file system.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisforge::{catalog, templates::Templates, topology::Topology};
use tempfile::TempDir;

use crate::{
    support::{installed::all_output, write_host},
    trees::{files, topologies},
};

const REDIS: u32 = 990;

/// A host: its rendered tree, and its file system.
struct Machine {
    scratch: TempDir,
    host: String,
}

impl Machine {
    /// A machine with an account for Redis and every secret that the tree expects.
    fn new(topology: &Topology) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        // User redis has to get through.
        fs::set_permissions(scratch.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let machine = Self { scratch, host: topology.hosts[0].name.clone() };
        machine.render(topology);
        machine.put(
            "etc/passwd",
            "root:x:0:0::/root:/bin/sh\nredis:x:990:990::/var/lib/redis:/bin/false\n",
        );
        machine.put("etc/group", "root:x:0:\nadm:x:4:\nredis:x:990:\n");
        for secret in topology.expectations() {
            machine.put(&secret, "a secret\n");
            chown(machine.at(&secret), Some(0), Some(REDIS))
                .expect("this test needs root, as install.sh does");
            fs::set_permissions(machine.at(&secret), fs::Permissions::from_mode(0o640)).unwrap();
        }
        machine
    }

    fn tree(&self) -> PathBuf {
        self.scratch.path().join("tree")
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    fn render(&self, topology: &Topology) {
        let _ = fs::remove_dir_all(self.tree());
        write_host(&catalog::plan(topology, &Templates::parse()), &self.host, &self.tree());
    }

    fn put(&self, path: &str, content: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), content).unwrap();
    }

    fn command(&self, shell: &[&str], options: &[&str]) -> Command {
        let mut command = Command::new(shell[0]);
        command
            .args(&shell[1..])
            .arg(self.tree().join("install.sh"))
            .arg("--root")
            .arg(self.root())
            .args(options);
        command
    }

    fn installs(&self, shell: &[&str], options: &[&str]) -> String {
        let output = self.command(shell, options).output().unwrap();
        assert!(output.status.success(), "{}", all_output(&output));
        all_output(&output)
    }

    fn refuses(&self) -> String {
        let before = self.state();
        let output: Output = self.command(DASH, &[]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", all_output(&output));
        assert_eq!(self.state(), before, "a refusal changes nothing");
        let said = all_output(&output);
        assert!(!said.contains("a secret"));
        said
    }

    /// Every file with what shows that it was written: its inode, content, group and mode.
    fn state(&self) -> Vec<(PathBuf, u64, Vec<u8>, u32, u32)> {
        // The list of what is installed is written anew each time.
        let paths =
            files(&self.root()).into_iter().filter(|path| !path.ends_with("installed.sha256"));
        paths
            .map(|path| {
                let metadata = fs::metadata(&path).unwrap();
                let content = fs::read(&path).unwrap();
                (path, metadata.ino(), content, metadata.gid(), metadata.mode())
            })
            .collect()
    }
}

const DASH: &[&str] = &["dash"];

fn first() -> Topology {
    topologies().remove(0)
}

#[test]
fn a_first_run_installs_everything_and_a_second_nothing() {
    for topology in topologies() {
        for shell in [DASH, &["busybox", "sh"]] {
            let machine = Machine::new(&topology);
            machine.installs(shell, &[]);
            for file in files(&machine.tree().join("etc")) {
                let path = file.strip_prefix(machine.tree()).unwrap();
                let installed = machine.root().join(path);
                assert_eq!(
                    fs::read(&file).unwrap(),
                    fs::read(&installed).unwrap(),
                    "{}",
                    path.display()
                );
                let is_script = path.extension().is_some_and(|end| end == "sh");
                let mode = fs::metadata(&installed).unwrap().mode() & 0o777;
                assert_eq!(mode, if is_script { 0o755 } else { 0o644 }, "{}", path.display());
            }
            let before = machine.state();
            assert_eq!(machine.installs(shell, &[]), "nothing to do\n");
            assert_eq!(machine.state(), before);
        }
    }
}

#[test]
fn directories_belong_to_whom_they_should() {
    let topology = first();
    let machine = Machine::new(&topology);
    machine.installs(DASH, &[]);
    let master = &topology.masters[0].name;
    for (path, owner) in [
        ("etc/redis".to_string(), 0),
        (format!("etc/redis/{master}"), 0),
        (format!("var/lib/redis/{master}"), REDIS),
        ("var/lib/redis/sentinel".into(), REDIS),
    ] {
        let metadata = fs::metadata(machine.at(&path)).unwrap();
        let found = (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777);
        assert_eq!(found, (owner, REDIS, 0o750), "{path}");
    }
}

#[test]
fn an_edited_spec_writes_only_the_files_that_it_changes() {
    let mut topology = first();
    let machine = Machine::new(&topology);
    machine.installs(DASH, &[]);
    let master = topology.masters[0].name.clone();
    for kept in ["live/redis.conf", "data/member", "data/appendonlydir/appendonly.aof.manifest"] {
        machine.put(&format!("var/lib/redis/{master}/{kept}"), "state\n");
    }
    let before = machine.state();
    topology.masters[0].min_replicas_max_lag += 1;
    machine.render(&topology);
    let conf = format!("etc/redis/{master}/redis.conf");
    assert_eq!(machine.installs(DASH, &[]), format!("writes /{conf}\n"));
    let changed: Vec<PathBuf> = machine
        .state()
        .into_iter()
        .filter(|file| !before.contains(file))
        .map(|(path, ..)| path.strip_prefix(machine.root()).unwrap().into())
        .collect();
    assert_eq!(changed, [Path::new(&conf)]);
}

#[test]
fn files_that_are_no_longer_part_go() {
    let mut topology = first();
    let machine = Machine::new(&topology);
    machine.installs(DASH, &[]);
    assert!(machine.at("etc/redis/exporter/start-exporter.sh").exists());
    topology.monitoring = None;
    machine.render(&topology);
    let said = machine.installs(DASH, &[]);
    assert!(said.contains("removes /etc/systemd/system/redis-exporter.service"), "{said}");
    assert!(!machine.at("etc/redis/exporter").exists());
    assert!(machine.at("etc/redis/secrets").exists(), "what is not ours stays");
    assert_eq!(machine.installs(DASH, &[]), "nothing to do\n");
}

#[test]
fn a_file_that_was_edited_or_is_foreign_is_not_overwritten() {
    let machine = Machine::new(&first());
    let sysctl = "etc/sysctl.d/30-redis.conf";
    machine.put(sysctl, "vm.swappiness = 1\n");
    let said = machine.refuses();
    assert!(said.contains(&format!("/{sysctl} was edited or is not ours")), "{said}");
    machine.installs(DASH, &["--overwrite-edited"]);
    let unit = "etc/systemd/system/redis-sentinel.service";
    machine.put(unit, "[Service]\n");
    assert!(machine.refuses().contains(unit));
    machine.installs(DASH, &["--overwrite-edited"]);
    assert_eq!(machine.installs(DASH, &[]), "nothing to do\n");
}

#[test]
fn secrets_must_be_there_and_readable_by_redis_alone() {
    let topology = first();
    let machine = Machine::new(&topology);
    let secret = &topology.auth.as_ref().unwrap().password_file;
    for (mode, problem) in [(0o600, "user redis cannot read"), (0o644, "every user can read")] {
        fs::set_permissions(machine.at(secret), fs::Permissions::from_mode(mode)).unwrap();
        let said = machine.refuses();
        assert!(said.contains(&format!("{problem} {secret}")), "{said}");
    }
    fs::remove_file(machine.at(secret)).unwrap();
    let said = machine.refuses();
    assert!(said.contains(&format!("{secret} is missing")), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
}

#[test]
fn a_host_without_user_redis_is_told_how_to_get_one() {
    let machine = Machine::new(&first());
    machine.put("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    assert!(machine.refuses().contains("useradd --system"));
}

#[test]
fn the_tree_of_another_host_is_refused() {
    let topology = first();
    let mut machine = Machine::new(&topology);
    machine.installs(DASH, &[]);
    machine.host.clone_from(&topology.hosts[1].name);
    machine.render(&topology);
    let said = machine.refuses();
    assert!(said.contains("this host has files of another tree"), "{said}");
}

#[test]
fn a_run_that_was_killed_is_completed_by_the_next() {
    let machine = Machine::new(&first());
    let mut child = machine.command(DASH, &[]).stdout(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while !machine.at("etc/redis/sentinel/settings").exists() {
        assert!(Instant::now() < end, "it writes files");
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let last = "etc/tmpfiles.d/redis.conf";
    assert!(!machine.at(last).exists(), "it was killed half-way");
    machine.installs(DASH, &[]);
    assert!(machine.at(last).exists());
    assert_eq!(machine.installs(DASH, &[]), "nothing to do\n");
}
