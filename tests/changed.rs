//! `--changed-since`: of many specs, those that a change has to do with.

mod support;

use std::fs;

use support::{
    bench::spec,
    repository::{Repository, told},
};

fn based(name: &str, base: &str) -> String {
    spec(name, &format!(", basedOn: [{{path: {base}}}]"))
}

fn base(body: &str) -> String {
    format!("apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopologyBase\nspec: {{{body}}}\n")
}

/// Two specs with a base of a base, one with another base, and one by itself; all committed and rendered.
fn committed() -> Repository {
    let repository = Repository::new();
    for (name, content) in [
        ("bases/all.yaml", base("redis: {memory: 2Gi}")),
        ("bases/eu.yaml", base("basedOn: [{path: all.yaml}]")),
        ("bases/us.yaml", base("redis: {memory: 4Gi}")),
        ("specs/paris.yaml", based("paris", "../bases/eu.yaml")),
        ("specs/rome.yaml", based("rome", "../bases/eu.yaml")),
        ("specs/york.yaml", based("york", "../bases/us.yaml")),
        ("specs/alone.yaml", spec("alone", "")),
    ] {
        repository.put(name, content);
    }
    repository.commit("specs");
    assert_eq!(run(&repository, &["render", "specs"]).0, Some(0));
    repository
}

fn run(repository: &Repository, arguments: &[&str]) -> (Option<i32>, String) {
    let output = repository.run(arguments);
    (output.status.code(), told(&output))
}

/// Which topologies a run from nothing renders.
fn rendered(repository: &Repository, since: &str) -> Vec<String> {
    fs::remove_dir_all(repository.path("rendered")).unwrap();
    let (code, told) = run(repository, &["render", "specs", "--changed-since", since]);
    assert_eq!(code, Some(0), "{told}");
    let names = ["alone", "paris", "rome", "york"].into_iter();
    let there = names.filter(|name| repository.path("rendered").join(name).exists());
    there.map(String::from).collect()
}

#[test]
fn a_changed_base_renders_its_specs_only() {
    let repository = committed();
    assert_eq!(rendered(&repository, "HEAD"), [""; 0]);
    fs::create_dir_all(repository.path("rendered")).unwrap();
    let everything = || {
        let (code, told) = run(&repository, &["render", "specs"]);
        assert_eq!(code, Some(0), "{told}");
    };
    everything();
    // Not committed yet, and by a base of a base.
    repository.put("bases/all.yaml", base("redis: {memory: 3Gi}"));
    assert_eq!(rendered(&repository, "HEAD"), ["paris", "rome"]);
    everything();
    repository.commit("all");
    repository.put("specs/alone.yaml", spec("alone", ", redis: {memory: 1Gi}"));
    assert_eq!(rendered(&repository, "HEAD"), ["alone"]);
    everything();
    assert_eq!(rendered(&repository, "HEAD^"), ["alone", "paris", "rome"]);
    everything();
    // What is new has changed; a file of which only line endings did has not.
    repository.put("specs/york.yaml", based("york", "../bases/us.yaml").replace('\n', "\r\n"));
    repository.put("specs/new.yaml", spec("new", ""));
    assert_eq!(rendered(&repository, "HEAD"), ["alone"]);
    assert!(repository.path("rendered/new").exists());
    // Since another branch was left, not since it is what it is now.
    repository.git(&["checkout", "--quiet", "-b", "work"]);
    repository.commit("work");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.put("bases/us.yaml", base("redis: {memory: 5Gi}"));
    repository.commit("us");
    repository.git(&["checkout", "--quiet", "work"]);
    assert_eq!(rendered(&repository, "main..."), ["alone"]);
    everything();
    assert_eq!(rendered(&repository, "main"), ["alone", "york"]);
}

#[test]
fn every_spec_counts_for_what_holds_between_them() {
    let repository = committed();
    // One is gone; nothing else changed.
    repository.remove("specs/rome.yaml");
    let (code, told) = run(&repository, &["render", "specs", "--changed-since", "HEAD", "--check"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("gone     rendered/rome\n"), "{told}");
    assert_eq!(told.matches("gone ").count(), 1, "{told}");
    assert!(told.contains("no spec changed since HEAD"), "{told}");
    let (code, told) = run(&repository, &["render", "specs", "--changed-since", "HEAD", "--prune"]);
    assert_eq!(code, Some(0), "{told}");
    let left = ["alone", "paris", "york"].map(|name| repository.path("rendered").join(name));
    assert!(left.iter().all(|left| left.exists()) && !repository.path("rendered/rome").exists());
    // A new one has the name of one that did not change.
    repository.put("specs/twin.yaml", spec("alone", ""));
    let (code, told) = run(&repository, &["validate", "specs", "--changed-since", "HEAD"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("--> specs/twin.yaml:3:18") && told.contains(": specs/alone.yaml:3:18"));
    assert!(!told.contains("--> specs/alone.yaml"), "{told}");
    assert!(told.contains(" in 1 spec changed since HEAD\n"), "{told}");
}

#[test]
fn an_error_of_a_base_stops_what_is_based_on_it() {
    let repository = committed();
    repository.put("bases/us.yaml", base("redis: {memry: 4Gi}"));
    repository.commit("a mistake");
    let check = |expected: i32| {
        for command in ["validate", "render"] {
            let (code, told) = run(&repository, &[command, "specs", "--changed-since", "HEAD"]);
            assert_eq!(code, Some(expected), "{command}: {told}");
            assert_eq!(told.contains("--> bases/us.yaml:3:"), expected == 1, "{command}: {told}");
        }
    };
    // Nothing changed that it has to do with.
    repository.put("specs/alone.yaml", spec("alone", ", redis: {memory: 1Gi}"));
    check(0);
    repository.put("specs/york.yaml", based("york", "../bases/us.yaml") + "# changed\n");
    check(1);
}

#[test]
fn a_base_that_goes_moves_or_stops_being_one_stops_what_is_based_on_it() {
    let repository = committed();
    let check = |expected: &str| {
        for command in ["validate", "render"] {
            let (code, told) = run(&repository, &[command, "specs", "--changed-since", "HEAD"]);
            assert_eq!(code, Some(1), "{command}: {told}");
            assert!(told.contains(expected), "{command}: {told}");
            assert!(!told.contains("specs/alone.yaml"), "{command}: {told}");
        }
    };
    repository.remove("bases/us.yaml");
    check("--> specs/york.yaml:4:");
    repository.put("bases/usa.yaml", base("redis: {memory: 4Gi}"));
    check("cannot read the base ../bases/us.yaml: there is no such file");
    repository.put("bases/us.yaml", "kind: Theirs\n");
    check("the base ../bases/us.yaml is no spec of redisforge");
    repository.put("bases/us.yaml", base("redis: {memory: 4Gi}"));
    // A base of a base is missing in both that are based on it.
    repository.remove("bases/all.yaml");
    check("--> bases/eu.yaml:3:");
}

#[test]
fn what_cannot_be_told_is_an_error() {
    let repository = committed();
    for (path, since, says) in [
        ("specs", "nope", "nope"),
        ("-", "HEAD", "cannot compare stdin with git:HEAD"),
        ("/proc/version", "HEAD", "is in no git repository"),
        ("specs /proc/version", "HEAD", "cannot compare /proc/version with git:HEAD: it is not in"),
    ] {
        for command in ["validate", "render"] {
            let paths: Vec<&str> = path.split(' ').collect();
            let options = [command, "--changed-since", since];
            let (code, told) = run(&repository, &[&options[..], &paths].concat());
            assert_eq!(code, Some(2), "{told}");
            assert!(told.contains(says), "{told}");
        }
    }
}
