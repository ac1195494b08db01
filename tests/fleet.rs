//! Many specs: what is unchanged is untouched, rules hold between files, what is gone is named, one summary.

mod support;

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt, path::PathBuf};

use support::bench::{Bench, spec};
use walkdir::WalkDir;

/// More than are kept whole.
const MANY: usize = 20;

fn fleet(count: usize) -> Bench {
    let bench = Bench::new();
    for number in 0..count {
        bench.put(&format!("specs/s{number}.yaml"), spec(&format!("s{number}"), ""));
    }
    bench
}

/// So many files that specs are packed until they are rendered.
const VERY_MANY: usize = 1100;

/// A fleet, and the same among so many files that of each spec only little is kept until all are judged.
fn fleets() -> [Bench; 2] {
    let crowded = fleet(MANY);
    for number in 0..VERY_MANY {
        crowded.put(&format!("specs/others/{number}.yaml"), "kind: ConfigMap\n");
    }
    [fleet(MANY), crowded]
}

/// When each file and folder was written, and which it is.
fn stamps(bench: &Bench, directory: &str) -> BTreeMap<PathBuf, (i64, i64, u64)> {
    WalkDir::new(bench.path(directory))
        .into_iter()
        .map(|entry| {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            (entry.into_path(), (metadata.mtime(), metadata.mtime_nsec(), metadata.ino()))
        })
        .collect()
}

#[test]
fn only_what_changed_is_touched_and_one_summary_tells_of_many() {
    let bench = fleet(MANY);
    let run = bench.run(&["render", "specs"]).must(0);
    assert!(run.stderr.contains(&format!("{MANY} topologies: ")), "{}", run.stderr);
    assert!(run.stderr.lines().count() < 10, "{}", run.stderr);
    assert!(run.stderr.contains("rendered/s0, ") && run.stderr.contains(" and 10 more"));
    let before = stamps(&bench, "rendered");
    let run = bench.run(&["render", "specs"]).must(0);
    assert!(run.stderr.contains(" 0 written, 0 removed,"), "{}", run.stderr);
    assert_eq!(stamps(&bench, "rendered"), before, "nothing is touched");
    bench.put("specs/s7.yaml", spec("s7", ", redis: {memory: 2Gi}"));
    let run = bench.run(&["render", "specs"]).must(0);
    assert!(run.stderr.contains("changed: rendered/s7\n"), "{}", run.stderr);
    let after = stamps(&bench, "rendered");
    let touched: Vec<&PathBuf> =
        after.keys().filter(|path| after[*path] != before[*path]).collect();
    let own = bench.path("rendered/s7");
    assert!(touched.len() > 2 && touched.iter().all(|path| path.starts_with(&own)), "{touched:?}");
    assert!(!touched.contains(&&own.join("scripts/alive.sh")), "the same as before");
    let run = bench.run(&["render", "specs", "--verbose"]).must(0);
    assert_eq!(run.stderr.matches(" files in rendered/s").count(), MANY);
    assert_eq!(run.stderr.matches(" expects: Secret ").count(), MANY);
}

#[test]
fn one_of_many_is_rendered_as_it_is_alone() {
    for bench in fleets() {
        bench.run(&["render", "specs"]).must(0);
        bench.run(&["render", "specs/s3.yaml", "-o", "alone"]).must(0);
        assert!(bench.tree("alone") == bench.tree("rendered/s3"));
        let run = bench.run(&["render", "specs"]).must(0);
        assert!(run.stderr.contains(" 0 written, 0 removed,"), "{}", run.stderr);
    }
}

#[test]
fn one_of_many_is_based_on_others_as_it_is_alone() {
    for bench in fleets() {
        are_based_on_others(&bench);
    }
}

fn are_based_on_others(bench: &Bench) {
    let base = |memory: &str| {
        let head = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopologyBase\n";
        format!("{head}spec: {{redis: {{{memory}: 2Gi}}}}\n")
    };
    bench.put("specs/base.yaml", base("memory"));
    for number in [3, 4] {
        let name = format!("s{number}");
        let based = spec(&name, ", basedOn: [{path: base.yaml}]");
        bench.put(&format!("specs/{name}.yaml"), based);
    }
    bench.run(&["render", "specs"]).must(0);
    bench.run(&["render", "specs/s3.yaml", "-o", "alone"]).must(0);
    assert!(bench.tree("alone") == bench.tree("rendered/s3"));
    bench.run(&["render", "specs/s2.yaml", "-o", "other"]).must(0);
    let set = "kubernetes/redis/s2/statefulset.yaml";
    let memory =
        |tree: &str, set: &str| bench.read(&format!("{tree}/{set}")).contains("memory: 2Gi");
    assert!(memory("alone", &set.replace("s2", "s3")) && !memory("other", set));
    // What is wrong in the base is told once, at its line.
    bench.put("specs/base.yaml", base("memry"));
    let run = bench.run(&["validate", "specs"]).must(1);
    assert_eq!(run.stdout.matches("memry").count(), 3, "once, with its line: {}", run.stdout);
    assert_eq!(run.stdout.matches("--> specs/base.yaml:3:").count(), 1, "{}", run.stdout);
    assert!(run.stderr.contains(&format!("1 error in {MANY} specs and 1 base")), "{}", run.stderr);
}

#[test]
fn an_edit_in_one_of_many_stops_all_and_leaves_nothing_behind() {
    let bench = fleet(MANY);
    bench.run(&["render", "specs/s5.yaml"]).must(0);
    bench.put("rendered/s5/scripts/alive.sh", "my own");
    let before = bench.tree("rendered");
    let run = bench.run(&["render", "specs"]).must(1);
    assert!(run.stderr.contains("rendered/s5/scripts/alive.sh is not as"), "{}", run.stderr);
    assert!(run.stderr.contains("nothing was written"));
    assert!(bench.tree("rendered") == before);
    assert_eq!(fs::read_dir(bench.path("rendered")).unwrap().count(), 1, "no empty directories");
}

#[test]
fn a_finding_between_files_says_both_places() {
    for count in [0, MANY] {
        let bench = fleet(count);
        let cluster = ", platform: {kubernetes: {cluster: eu-1}}, masters: [{name: sessions}]";
        bench.put("specs/shop.yaml", spec("shop", cluster));
        bench.put("specs/blog.yaml", spec("blog", cluster));
        bench.put("specs/twin.yaml", format!("# a comment\n{}", spec("blog", "")));
        let run = bench.run(&["validate", "specs"]).must(1);
        for (id, at, other) in [
            ("shared-master-name", "specs/shop.yaml:4:89", "specs/blog.yaml:4:89"),
            ("shared-master-name", "specs/blog.yaml:4:89", "specs/shop.yaml:4:89"),
            ("duplicate-topology-name", "specs/twin.yaml:4:18", "specs/blog.yaml:3:18"),
            ("duplicate-topology-name", "specs/blog.yaml:3:18", "specs/twin.yaml:4:18"),
        ] {
            let found = run.stdout.split("\n\n").any(|found| {
                found.starts_with(&format!("error[{id}]"))
                    && found.contains(&format!(": {other}\n"))
                    && found.contains(&format!("--> {at}\n"))
                    && found.contains('^')
            });
            assert!(found, "{id} {at} {other}: {}", run.stdout);
        }
        bench.run(&["render", "specs"]).must(1);
        assert!(!bench.path("rendered").exists());
    }
}

#[test]
fn what_has_no_spec_any_more_is_named_and_pruned_on_request() {
    let bench = fleet(3);
    bench.run(&["render", "specs"]).must(0);
    bench.put("rendered/notes/own.txt", "foreign");
    bench.put("rendered/s2/own.txt", "foreign");
    fs::remove_file(bench.path("specs/s1.yaml")).unwrap();
    fs::remove_file(bench.path("specs/s2.yaml")).unwrap();
    let whole = bench.tree("rendered");
    let run = bench.run(&["render", "specs"]).must(0);
    assert!(
        run.stderr.contains("no spec for rendered/s1, rendered/s2; `--prune`"),
        "{}",
        run.stderr
    );
    let run = bench.run(&["render", "specs", "--check"]).must(1);
    assert!(run.stdout.contains("gone     rendered/s1\n"), "{}", run.stdout);
    // One file does not say what else there should be.
    let run = bench.run(&["render", "specs/s0.yaml", "--check"]).must(0);
    assert_eq!(run.stderr, "");
    bench.run(&["render", "specs/s0.yaml", "--prune"]).must(2);
    assert!(bench.tree("rendered") == whole);
    bench.put("rendered/s1/scripts/alive.sh", "my own");
    let run = bench.run(&["render", "specs", "--prune"]).must(1);
    assert!(run.stderr.contains("left rendered/s2/own.txt, which is not ours"), "{}", run.stderr);
    assert!(run.stderr.contains("rendered/s1/scripts/alive.sh is not as"), "{}", run.stderr);
    let left: Vec<PathBuf> =
        bench.tree("rendered").into_keys().filter(|path| !path.starts_with("s0")).collect();
    let expected = ["notes/own.txt", "s1/redisforge.lock", "s1/scripts/alive.sh", "s2/own.txt"];
    assert_eq!(left, expected.map(PathBuf::from));
    fs::remove_file(bench.path("rendered/s1/scripts/alive.sh")).unwrap();
    bench.run(&["render", "specs", "--prune"]).must(0);
    assert!(!bench.path("rendered/s1").exists());
    bench.run(&["render", "specs", "--check"]).must(0);
}

#[test]
fn a_check_tells_what_differs_of_few_and_how_much_of_many() {
    let bench = fleet(MANY);
    bench.run(&["render", "specs"]).must(0);
    for number in 0..MANY {
        bench.put(
            &format!("specs/s{number}.yaml"),
            spec(&format!("s{number}"), ", redis: {memory: 2Gi}"),
        );
    }
    let run = bench.run(&["render", "specs", "--check"]).must(1);
    assert_eq!(
        run.stderr.matches(" is not current; render it again").count(),
        10,
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("10 more are not current either; `--verbose`"), "{}", run.stderr);
    let stale = |line: &&str| line.starts_with("stale    rendered/s") && line.ends_with(" files");
    assert_eq!(run.stdout.lines().filter(stale).count(), MANY - 10, "{}", run.stdout);
    let all = bench.run(&["render", "specs", "--check", "--verbose"]).must(1);
    assert_eq!(all.stderr.matches(" is not current; render it again").count(), MANY);
    assert!(all.stdout.len() > run.stdout.len() && !all.stdout.contains("stale"));
}
