//! Whatever happens to a run: every tree is the old one, the new one, or repaired by the next run; nothing foreign is lost.

mod support;

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::fs::{PermissionsExt, symlink},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use support::bench::{Bench, PROGRAM, Run, Tree, spec};

const DIRECTORY: &str = "rendered/cache";
/// Changes most files, adds some and takes some away.
const CHANGED: &str = ", redis: {memory: 2Gi}, masters: [{name: cache}, {name: orders}], monitoring: {scrape: {type: Disabled}}";

/// Many more than a run has of one kind.
const MOST_STEPS: usize = 50;

/// A rendered directory with files of somebody else in it, and what it is before and after a change.
struct Scene {
    bench: Bench,
    trees: [Tree; 2],
}

impl Scene {
    fn new() -> Self {
        let bench = Bench::new();
        bench.put("0.yaml", spec("cache", ""));
        bench.put("1.yaml", spec("cache", CHANGED));
        for foreign in ["notes.txt", "scripts/own.sh", "kubernetes/redis/orders/own.yaml"] {
            bench.put(&format!("{DIRECTORY}/{foreign}"), "foreign");
        }
        let trees = ["0.yaml", "1.yaml"].map(|spec| {
            bench.run(&["render", spec]).must(0);
            bench.tree(DIRECTORY)
        });
        bench.run(&["render", "0.yaml"]).must(0);
        assert_eq!(bench.tree(DIRECTORY), trees[0]);
        assert!(trees[0] != trees[1] && trees.iter().all(|tree| tree.len() > 30));
        Self { bench, trees }
    }

    /// Whether the tree is between the old and the new one; what is foreign must be whole in any case.
    fn is_between(&self) -> bool {
        let tree = self.bench.tree(DIRECTORY);
        let foreign = |tree: &Tree| tree.values().filter(|content| *content == b"foreign").count();
        assert_eq!(foreign(&tree), 3, "something foreign is lost");
        !self.trees.contains(&tree)
    }

    /// The next run makes the tree what it has to be, without being forced.
    fn repairs(&self, which: usize, after: &str) {
        let run = self.bench.run(&["render", &format!("{which}.yaml")]);
        assert_eq!(run.code, Some(0), "{after}: {}", run.stderr);
        assert!(self.bench.tree(DIRECTORY) == self.trees[which], "{after}");
    }

    /// Runs until the n-th call of a kind, and is killed there. False if there are not so many. A run that hangs is a failure.
    fn killed_at(&self, which: usize, call: &str, number: usize) -> bool {
        let inject = format!("inject={call}:signal=SIGKILL:when={number}");
        let trace = format!("trace={call}");
        let arguments =
            ["60", "strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        let spec = format!("{which}.yaml");
        let run: Run = self
            .bench
            .other("timeout", &[&arguments[..], &[PROGRAM, "render", &spec]].concat())
            .output()
            .unwrap()
            .into();
        assert!(run.code.is_none() || run.code == Some(0), "{call} {number}: {}", run.stderr);
        run.code.is_none()
    }
}

/// Numbers from a seed, so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let seed = std::env::var("OWNERSHIP_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            u64::from(now.unwrap().subsec_nanos())
        });
        println!("OWNERSHIP_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Renames, removals and new folders are the steps between which a tree is neither old nor new.
#[test]
fn a_run_killed_at_each_step_is_repaired_by_the_next() {
    let scene = Scene::new();
    let mut dice = Dice::new();
    let (mut moments, mut between) = (0, 0);
    for call in ["rename", "unlink", "rmdir", "mkdir"] {
        for number in 1.. {
            assert!(number <= MOST_STEPS, "no end of {call}");
            if !scene.killed_at(1, call, number) {
                assert!(number > 1, "no {call} was seen");
                scene.repairs(0, "no more of them");
                break;
            }
            moments += 1;
            between += usize::from(scene.is_between());
            let mut after = format!("killed at {call} {number}");
            // A second run may be killed too, on the way forth or back.
            if dice.below(3) == 0 {
                let (again, back) = (dice.below(20) + 1, dice.below(2));
                scene.killed_at(back, "rename", again);
                after += &format!(", then on the way to {back} at rename {again}");
                scene.is_between();
            }
            if dice.below(2) == 1 {
                scene.repairs(1, &after);
            }
            scene.repairs(0, &after);
        }
    }
    println!("{moments} moments, {between} of them between the old and the new tree");
    assert!(moments >= 30 && between >= 15, "{moments} moments, {between} between");
}

#[test]
fn a_run_killed_at_a_hundred_random_moments_is_repaired_by_the_next() {
    let scene = Scene::new();
    let mut dice = Dice::new();
    let started = Instant::now();
    scene.bench.run(&["render", "1.yaml"]).must(0);
    let whole = started.elapsed();
    let mut at = 1;
    for moment in 0..100 {
        let to = 1 - at;
        let mut child = scene
            .bench
            .command(&["render", &format!("{to}.yaml")])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(whole.mul_f64(f64::from(u32::try_from(dice.below(1000)).unwrap()) / 1000.0));
        child.kill().unwrap();
        child.wait().unwrap();
        scene.is_between();
        // Half of them are followed by another killed one.
        if moment % 2 == 0 {
            at = dice.below(2);
            scene.repairs(at, &format!("moment {moment}"));
        }
    }
    scene.repairs(0, "after all");
}

#[test]
fn a_disk_that_fills_up_leaves_the_old_tree() {
    let scene = Scene::new();
    let script = format!(
        "mount -t tmpfs -o size=4m none disk && cp -a rendered disk/ && cd disk && \
         dd if=/dev/zero of=filler bs=4k 2>/dev/null; \
         for spec in 0 1; do {PROGRAM} render ../$spec.yaml; echo code $?; cp -a rendered ../after-$spec; done; \
         rm filler; {PROGRAM} render ../1.yaml; echo code $?; cp -a rendered ../done"
    );
    fs::create_dir(scene.bench.path("disk")).unwrap();
    let run: Run =
        scene.bench.other("unshare", &["-m", "sh", "-c", &script]).output().unwrap().into();
    assert_eq!(run.stdout, "code 0\ncode 2\ncode 0\n", "{}", run.stderr);
    assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
    assert!(scene.bench.tree("after-0/cache") == scene.trees[0]);
    assert!(scene.bench.tree("after-1/cache") == scene.trees[0], "the old tree");
    assert!(scene.bench.tree("done/cache") == scene.trees[1]);
}

/// Runs the program as a user who owns nothing.
fn as_nobody(bench: &Bench, arguments: &[&str]) -> Run {
    let program = bench.path("redisforge");
    if !program.exists() {
        fs::copy(PROGRAM, &program).unwrap();
        fs::set_permissions(bench.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = program.display().to_string();
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups", &program];
    bench.other("setpriv", &[&user, arguments].concat()).output().unwrap().into()
}

#[test]
fn a_directory_that_may_not_be_written_stays_as_it_is() {
    let scene = Scene::new();
    as_nobody(&scene.bench, &["render", "0.yaml", "--check"]).must(0);
    let run = as_nobody(&scene.bench, &["render", "1.yaml"]).must(2);
    assert!(run.stderr.contains("Permission denied"), "{}", run.stderr);
    assert!(!scene.is_between());
    // Now only one folder of it may not be written.
    let owner = ["-R", "65534:65534", "rendered"];
    assert!(scene.bench.other("chown", &owner).status().unwrap().success());
    let folder = scene.bench.path(DIRECTORY).join("scripts");
    let (closed, open) = (fs::Permissions::from_mode(0o555), fs::Permissions::from_mode(0o755));
    let folders = [folder.clone(), scene.bench.path(DIRECTORY).join("kubernetes/sentinel")];
    for folder in &folders {
        fs::set_permissions(folder, closed.clone()).unwrap();
    }
    let run = as_nobody(&scene.bench, &["render", "1.yaml"]).must(2);
    assert!(run.stderr.contains("run again to complete it"), "{}", run.stderr);
    assert!(scene.is_between());
    for folder in &folders {
        fs::set_permissions(folder, open.clone()).unwrap();
    }
    as_nobody(&scene.bench, &["render", "1.yaml"]).must(0);
    assert!(scene.bench.tree(DIRECTORY) == scene.trees[1]);
}

#[test]
fn files_have_their_modes_whatever_the_umask_says() {
    let bench = Bench::new();
    bench.put("spec.yaml", spec("cache", ""));
    let paths: Vec<String> = ["scripts/notify.sh", "redisforge.lock", "kubernetes/members.yaml"]
        .map(|file| format!("{DIRECTORY}/{file}"))
        .into();
    for umask in ["000", "022", "002", "027", "077"] {
        let line = format!("umask {umask}; exec {PROGRAM} render spec.yaml");
        let status = Command::new("sh").args(["-c", &line]).current_dir(bench.path("")).status();
        assert!(status.unwrap().success(), "{umask}");
        for (path, wanted) in paths.iter().zip([0o755, 0o644, 0o644]) {
            let mode = fs::metadata(bench.path(path)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, wanted, "{path} with umask {umask}");
        }
        fs::remove_dir_all(bench.path("rendered")).unwrap();
    }
}

#[test]
fn runs_at_the_same_time_wait_for_each_other() {
    let scene = Scene::new();
    let specs = ["0.yaml", "1.yaml"];
    let aside = format!("{DIRECTORY}/../cache");
    for _ in 0..4 {
        let run = |number: usize| {
            let spec = specs[number % 2];
            // By another name of the directory too.
            let output = if number.is_multiple_of(3) { vec!["-o", &aside] } else { vec![] };
            let mut command = scene.bench.command(&[&["render", spec], &output[..]].concat());
            command.stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<_> = (0..6).map(run).collect();
        for child in children {
            Run::from(child.wait_with_output().unwrap()).must(0);
        }
        assert!(!scene.is_between());
    }
}

#[test]
fn a_run_that_waits_says_so_and_goes_on() {
    let scene = Scene::new();
    let held = File::open(scene.bench.path("rendered")).unwrap();
    held.lock().unwrap();
    let mut child =
        scene.bench.command(&["render", "1.yaml"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut pipe = child.stderr.take().unwrap();
    while !said.contains("waits for another run in rendered") {
        let mut byte = [0];
        assert_eq!(pipe.read(&mut byte).unwrap(), 1, "{said}");
        said.push(char::from(byte[0]));
    }
    thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    assert!(!scene.is_between());
    drop(held);
    pipe.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    assert!(scene.bench.tree(DIRECTORY) == scene.trees[1]);
}

#[test]
fn what_is_no_file_in_the_place_of_one_is_refused_and_stays() {
    for (place, what) in [
        ("scripts/alive.sh", "link"),
        ("redisforge.lock", "link"),
        ("redisforge.lock.next", "link"),
        (".redisforge-staging", "folder link"),
        ("kubernetes", "folder link"),
        ("", "folder link"),
        ("scripts/alive.sh", "pipe"),
        ("scripts/alive.sh", "folder"),
        ("scripts", "file"),
        ("", "file"),
    ] {
        let scene = Scene::new();
        let precious = scene.bench.path("precious");
        fs::create_dir_all(&precious).unwrap();
        fs::write(precious.join("file"), "precious").unwrap();
        let target = scene.bench.path(DIRECTORY).join(place);
        let target = target.components().collect::<std::path::PathBuf>();
        if target.is_dir() {
            fs::remove_dir_all(&target).unwrap();
        } else {
            let _ = fs::remove_file(&target);
        }
        match what {
            "link" => symlink(precious.join("file"), &target).unwrap(),
            "folder link" => symlink(&precious, &target).unwrap(),
            "folder" => fs::create_dir(&target).unwrap(),
            "pipe" => {
                let made = scene.bench.other("mkfifo", &[&target.display().to_string()]).status();
                assert!(made.unwrap().success());
            }
            _ => fs::write(&target, "foreign").unwrap(),
        }
        let before = scene.bench.tree("rendered");
        let run = scene.bench.run(&["render", "1.yaml"]);
        assert_eq!(run.code, Some(2), "{what} at {place}: {}", run.stderr);
        assert!(scene.bench.tree("rendered") == before, "{what} at {place}: {}", run.stderr);
        assert_eq!(scene.bench.tree("precious").len(), 1, "{what} at {place}");
        assert_eq!(scene.bench.read("precious/file"), "precious", "{what} at {place}");
    }
}

#[test]
fn a_killed_run_whose_spec_is_gone_is_cleared_away_by_the_next() {
    let scene = Scene::new();
    assert!(scene.killed_at(1, "rename", 1), "before the first file");
    // Nothing has to change for this one, but something lies about.
    assert!(scene.bench.path(DIRECTORY).join(".redisforge-staging").exists());
    let run = scene.bench.run(&["render", "0.yaml", "--check"]).must(1);
    assert!(run.stdout.contains(".redisforge-staging"), "{}", run.stdout);
    scene.repairs(0, "killed before the first file");
    scene.bench.run(&["render", "0.yaml", "--check"]).must(0);
}

#[test]
fn names_that_lead_elsewhere_or_differ_by_case_only_are_refused() {
    let bench = Bench::new();
    let hosts = |hosts: &str, masters: &str| {
        spec(
            "cache",
            &format!(", platform: {{type: Hosts, hosts: [{hosts}]}}, masters: [{masters}]"),
        )
    };
    let three =
        "{name: a, address: 10.0.0.1}, {name: b, address: 10.0.0.2}, {name: c, address: 10.0.0.3}";
    for name in ["..", "../elsewhere", "/elsewhere", "a/../../../elsewhere", ".", "a\\\\b", "a\\0b"]
    {
        let quoted = format!("\"{name}\"");
        let with = three.replacen("name: a,", &format!("name: {quoted},"), 1);
        for text in [
            spec("cache", "").replace("{name: cache", &format!("{{name: {quoted}")),
            spec("cache", &format!(", masters: [{{name: {quoted}}}]")),
            hosts(three, &format!("{{name: {quoted}}}")),
            hosts(&with, "{name: orders}"),
        ] {
            bench.put("spec.yaml", &text);
            bench.run(&["render", "spec.yaml"]).must(1);
        }
    }
    for (text, id) in [
        (hosts(three, "{name: orders}, {name: Orders}"), "duplicate-master-name"),
        (hosts(three, "{name: Sentinel}"), "reserved-master-name"),
        (hosts(&three.replace("name: b", "name: A"), "{name: orders}"), "duplicate-host"),
    ] {
        bench.put("spec.yaml", &text);
        let run = bench.run(&["render", "spec.yaml"]).must(1);
        assert!(run.stderr.contains(id), "{text}: {}", run.stderr);
    }
    assert_eq!(bench.tree("").len(), 1, "nothing but the spec");
}
