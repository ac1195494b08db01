//! Specs that are based on others: what they become, where findings are shown, and what is refused.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

const HEAD: &str = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\n";
const BASE_HEAD: &str = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopologyBase\n";

/// A repository with these files.
struct Repository(TempDir);

impl Repository {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        let repository = Self(folder);
        for (name, text) in files {
            repository.put(name, text);
        }
        repository
    }

    fn put(&self, name: &str, text: &str) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redisforge"));
        command.args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    fn is_refused(&self, id: &str) {
        let found = self.ids("own.yaml");
        assert!(found.contains(&id.to_string()), "{id}: {found:?}");
        let output = self.run(&["render", "own.yaml"]);
        assert_eq!(output.status.code(), Some(1), "{id}: {}", text(&output));
        assert!(!self.file("rendered").exists());
    }

    /// Id, file, line and column of every finding.
    fn findings(&self, path: &str) -> Vec<(String, String, u64, u64)> {
        let output = self.run(&["validate", path, "--format", "json"]);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let word = |value: &Value| value.as_str().unwrap().to_string();
        let findings = document["findings"].as_array().unwrap().iter();
        findings
            .map(|found| {
                let number = |name: &str| found[name].as_u64().unwrap();
                (word(&found["id"]), word(&found["file"]), number("line"), number("column"))
            })
            .collect()
    }

    fn ids(&self, path: &str) -> Vec<String> {
        self.findings(path).into_iter().map(|(id, ..)| id).collect()
    }
}

fn base(body: &str) -> String {
    format!("{BASE_HEAD}spec:\n{body}\n")
}

fn spec(name: &str, body: &str) -> String {
    format!("{HEAD}metadata: {{name: {name}, namespace: web}}\nspec:\n{body}\n")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn an_environment_renders_what_the_same_values_in_one_file_render() {
    let repository = Repository::with(&[
        (
            "base/all.yaml",
            &base(
                "  tls: {mode: Disabled}\n  redis: {memory: 2Gi, config: {maxclients: 100, hz: 20}}\n  masters:\n  - {name: a}\n  - {name: b, redis: {memory: 3Gi}}",
            ),
        ),
        (
            "base/prod.yaml",
            &base(
                "  basedOn: [{path: all.yaml}]\n  redis: {config: {hz: null, timeout: 300}}\n  masters:\n  - {name: b, $patch: delete}",
            ),
        ),
        (
            "specs/shop.yaml",
            &spec("shop", "  basedOn: [{path: ../base/prod.yaml}]\n  redis: {memory: 4Gi}"),
        ),
        (
            "whole.yaml",
            &spec(
                "shop",
                "  tls: {mode: Disabled}\n  redis: {memory: 4Gi, config: {maxclients: 100, timeout: 300}}\n  masters: [{name: a}]",
            ),
        ),
    ]);
    let inherited = repository.run(&["render", "specs/shop.yaml", "-o", "-"]);
    let whole = repository.run(&["render", "whole.yaml", "-o", "-"]);
    assert!(inherited.status.success(), "{}", text(&inherited));
    assert_eq!(inherited.stdout, whole.stdout);
    // A whole directory: bases are no topologies.
    fs::remove_file(repository.file("whole.yaml")).unwrap();
    let all = repository.run(&["render", ".", "-o", "-"]);
    assert_eq!(all.stdout, whole.stdout, "{}", text(&all));
}

#[test]
fn a_finding_about_an_inherited_value_is_shown_where_it_is_written_and_where_it_comes_in() {
    let repository = Repository::with(&[
        ("base.yaml", &base("  tls: {mode: Disabled}\n  sentinel:\n    instances: 4")),
        ("shop.yaml", &spec("shop", "  basedOn:\n  - path: base.yaml")),
    ]);
    let found = repository.findings("shop.yaml");
    assert_eq!(found, [("even-sentinel-instances".into(), "base.yaml".into(), 6, 16)]);
    let output = repository.run(&["validate", "shop.yaml"]);
    let text = text(&output);
    assert!(text.contains("base.yaml:6:16"), "{text}");
    assert!(text.contains("shop.yaml:6") && text.contains("comes in with this base"), "{text}");
}

#[test]
fn a_wrong_shape_in_a_base_is_told_once_however_many_are_based_on_it() {
    let repository = Repository::with(&[
        ("base.yaml", &base("  tls: {mode: Disabled}\n  sentinel: {quorom: 2}")),
        ("a.yaml", &spec("a", "  basedOn: [{path: base.yaml}]")),
        ("b.yaml", &spec("b", "  basedOn: [{path: base.yaml}]")),
    ]);
    let once = [("unknown-field".to_string(), "base.yaml".to_string(), 5, 14)];
    assert_eq!(repository.findings("a.yaml"), once);
    assert_eq!(repository.findings("."), once);
    assert_eq!(repository.findings("base.yaml"), once);
    let output = repository.run(&["render", "a.yaml"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(!repository.file("rendered").exists());
}

#[test]
fn a_base_lacks_what_others_write_and_a_topology_may_be_a_base() {
    let repository = Repository::with(&[
        ("staging.yaml", &spec("staging", "  tls: {mode: Disabled}\n  redis: {memory: 2Gi}")),
        ("prod.yaml", &spec("prod", "  basedOn: [{path: staging.yaml}]\n  redis: {memory: 3Gi}")),
        (
            "base.yaml",
            &base("  masters: [{name: a, redis: {memory: 1Gi}}]\n  tls: {mode: Disabled}"),
        ),
    ]);
    assert_eq!(repository.ids("base.yaml"), Vec::<String>::new());
    assert_eq!(repository.ids("."), Vec::<String>::new());
    let output = repository.run(&["render", "prod.yaml"]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(repository.file("rendered/prod").is_dir());
    assert!(!repository.file("rendered/staging").exists(), "only what was named is rendered");
}

#[test]
fn bases_that_cannot_hold_are_refused_at_their_path() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("base.yaml"), base("  {}")).unwrap();
    let deep: Vec<(String, String)> = (0..7)
        .map(|n| {
            (format!("deep{n}.yaml"), base(&format!("  basedOn: [{{path: deep{}.yaml}}]", n + 1)))
        })
        .collect();
    let repository = Repository::with(&[]);
    for (name, text) in &deep {
        repository.put(name, text);
    }
    repository.put("deep7.yaml", &base("  {}"));
    repository.put("circle.yaml", &base("  basedOn: [{path: round.yaml}]"));
    repository.put("round.yaml", &base("  basedOn: [{path: circle.yaml}]"));
    repository.put("broken.yaml", "apiVersion: [\n");
    std::os::unix::fs::symlink(outside.path(), repository.file("link")).unwrap();
    let out = outside.path().join("base.yaml");
    for (path, id) in [
        ("missing.yaml", "base-unreadable"),
        (".", "base-unreadable"),
        ("broken.yaml", "base-unreadable"),
        ("deep0.yaml", "base-nesting"),
        ("circle.yaml", "base-nesting"),
        ("own.yaml", "base-nesting"),
        (out.to_str().unwrap(), "base-outside-repository"),
        ("link/base.yaml", "base-outside-repository"),
        ("../../../../../../../../etc/passwd", "base-outside-repository"),
    ] {
        repository.put("own.yaml", &spec("own", &format!("  basedOn: [{{path: {path}}}]")));
        let found = repository.ids("own.yaml");
        assert!(found.contains(&id.to_string()), "{path}: {found:?}");
        let output = repository.run(&["render", "own.yaml"]);
        assert_eq!(output.status.code(), Some(1), "{path}: {}", text(&output));
    }
    assert!(!Path::new("rendered").exists());
}

#[test]
fn a_spec_from_stdin_is_based_on_files_beside_the_present_directory() {
    use std::{io::Write, process::Stdio};
    let repository = Repository::with(&[("base.yaml", &base("  tls: {mode: Disabled}"))]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_redisforge"))
        .args(["validate", "-"])
        .current_dir(repository.0.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let own = spec("own", "  basedOn: [{path: base.yaml}]");
    child.stdin.take().unwrap().write_all(own.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && text(&output).contains("no findings"), "{}", text(&output));
}

#[test]
fn specs_that_are_based_on_each_other_are_refused_whichever_is_named() {
    let repository = Repository::with(&[
        ("a.yaml", &spec("a", "  basedOn: [{path: b.yaml}]\n  tls: {mode: Disabled}")),
        ("b.yaml", &spec("b", "  basedOn: [{path: a.yaml}]\n  tls: {mode: Disabled}")),
    ]);
    for path in ["a.yaml", "b.yaml", ".", "*.yaml"] {
        assert_eq!(repository.ids(path), ["base-nesting"], "{path}");
    }
}

#[test]
fn bases_are_nested_five_deep_and_no_deeper() {
    let link = |n: u8| base(&format!("  basedOn: [{{path: b{n}.yaml}}]"));
    let files: Vec<(String, String)> =
        (1..5).map(|n| (format!("b{n}.yaml"), link(n + 1))).collect();
    let repository = Repository::with(&[
        ("b0.yaml", &link(1)),
        ("b5.yaml", &base("  tls: {mode: Disabled}")),
        ("five.yaml", &spec("five", "  basedOn: [{path: b1.yaml}]")),
    ]);
    for (name, text) in &files {
        repository.put(name, text);
    }
    assert_eq!(repository.ids("five.yaml"), Vec::<String>::new());
    repository.put("six.yaml", &spec("six", "  basedOn: [{path: b0.yaml}]"));
    let once = [("base-nesting".to_string(), "six.yaml".to_string(), 5, 20)];
    assert_eq!(repository.findings("six.yaml"), once);
    assert_eq!(repository.findings("."), once);
}

#[test]
fn a_base_that_comes_in_two_ways_is_no_circle_and_the_later_way_wins() {
    let repository = Repository::with(&[
        ("all.yaml", &base("  tls: {mode: Disabled}\n  redis: {port: 7000, memory: 2Gi}")),
        ("left.yaml", &base("  basedOn: [{path: all.yaml}]\n  redis: {port: 7001}")),
        ("right.yaml", &base("  basedOn: [{path: all.yaml}]\n  redis: {config: {hz: 20}}")),
        ("a.yaml", &spec("a", "  basedOn: [{path: left.yaml}, {path: right.yaml}]")),
        ("b.yaml", &spec("b", "  basedOn: [{path: right.yaml}, {path: left.yaml}]")),
    ]);
    let port = |path: &str| {
        let output = repository.run(&["resolve", path]);
        assert!(output.status.success(), "{}", text(&output));
        let resolved: Value = serde_yaml::from_slice(&output.stdout).unwrap();
        assert_eq!(resolved["spec"]["redis"]["config"]["hz"], 20);
        resolved["spec"]["redis"]["port"].as_u64().unwrap()
    };
    assert_eq!((port("a.yaml"), port("b.yaml")), (7000, 7001));
}

#[test]
fn bases_that_multiply_are_refused_before_they_fill_the_machine() {
    let repository = Repository::with(&[("f5.yaml", &base("  tls: {mode: Disabled}"))]);
    for n in 0..5 {
        let entries = format!("{{path: f{}.yaml}}, ", n + 1).repeat(40);
        repository.put(&format!("f{n}.yaml"), &base(&format!("  basedOn: [{entries}]")));
    }
    repository.put("own.yaml", &spec("own", "  basedOn: [{path: f0.yaml}]"));
    repository.is_refused("too-large");
}

#[test]
fn what_is_no_regular_file_or_none_of_ours_is_no_base() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("base.yaml"), base("  {}")).unwrap();
    let repository = Repository::with(&[
        ("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 3}\n"),
        ("list.yaml", "- a\n"),
        ("empty.yaml", ""),
    ]);
    fs::create_dir(repository.file("folder.yaml")).unwrap();
    let made = Command::new("mkfifo").arg(repository.file("pipe.yaml")).status().unwrap();
    assert!(made.success());
    let links =
        [("out.yaml", outside.path().join("base.yaml")), ("device.yaml", "/dev/zero".into())];
    for (name, target) in &links {
        std::os::unix::fs::symlink(target, repository.file(name)).unwrap();
    }
    std::os::unix::fs::symlink("loop.yaml", repository.file("loop.yaml")).unwrap();
    for (path, id) in [
        ("folder.yaml", "base-unreadable"),
        ("pipe.yaml", "base-unreadable"),
        ("deployment.yaml", "base-unreadable"),
        ("list.yaml", "base-unreadable"),
        ("empty.yaml", "base-unreadable"),
        ("loop.yaml", "base-unreadable"),
        ("''", "base-unreadable"),
        ("out.yaml", "base-outside-repository"),
        ("device.yaml", "base-outside-repository"),
    ] {
        repository.put("own.yaml", &spec("own", &format!("  basedOn: [{{path: {path}}}]")));
        // Nothing more is said about a spec that is not whole, and nothing about a file that is not ours.
        assert_eq!(repository.findings("own.yaml").len(), 1, "{path}");
        repository.is_refused(id);
    }
}

#[test]
fn without_version_control_bases_lie_below_the_present_directory() {
    let repository = Repository::with(&[
        ("base.yaml", &base("  tls: {mode: Disabled}")),
        ("specs/own.yaml", &spec("own", "  basedOn: [{path: ../base.yaml}]")),
    ]);
    fs::remove_dir(repository.file(".git")).unwrap();
    assert_eq!(repository.ids("specs/own.yaml"), Vec::<String>::new());
    let mut inside = Command::new(env!("CARGO_BIN_EXE_redisforge"));
    inside.args(["validate", "own.yaml"]).current_dir(repository.file("specs"));
    let output = inside.output().unwrap();
    assert!(text(&output).contains("base-outside-repository"), "{}", text(&output));
}

#[test]
fn each_problem_of_a_base_is_told_at_its_line_of_the_base() {
    let repository = Repository::with(&[
        ("base.yaml", &base("  tls: {mode: Disabled}\n  redis:\n    port: 1\n    port: 7000")),
        ("own.yaml", &spec("own", "  basedOn: [{path: base.yaml}]")),
    ]);
    let duplicate = [("duplicate-key".to_string(), "base.yaml".to_string(), 7, 5)];
    assert_eq!(repository.findings("own.yaml"), duplicate);
    // A rule needs the whole: `file` and `secretRef` exclude each other, and both are in the base.
    let both =
        "  tls: {mode: Disabled}\n  auth: {password: {file: /a, secretRef: {name: a, key: b}}}";
    repository.put("base.yaml", &base(both));
    let found = repository.findings("own.yaml");
    assert_eq!(found, [("wrong-shape".into(), "base.yaml".into(), 5, 10)]);
    repository.is_refused("wrong-shape");
}

#[test]
fn null_takes_away_what_is_there_and_a_misspelt_key_is_not_lost_on_the_way() {
    let repository = Repository::with(&[
        (
            "base.yaml",
            &base(
                "  tls: {mode: Disabled}\n  redis: {memory: 2Gi}\n  auth: {users: [{name: a, password: {file: /a}, rules: [+get]}]}",
            ),
        ),
        (
            "own.yaml",
            &spec(
                "own",
                "  basedOn: [{path: base.yaml}]\n  redis: {memory: null, cpu: null}\n  auth: {users: [{name: a, $patch: delete}]}",
            ),
        ),
    ]);
    assert_eq!(repository.ids("own.yaml"), Vec::<String>::new());
    let resolved = text(&repository.run(&["resolve", "own.yaml"]));
    assert!(resolved.contains("memory: 1Gi") && !resolved.contains("rules:"), "{resolved}");
    for (wrong, id) in [
        ("redis: {memroy: null}", "unknown-field"),
        ("auth: {users: [{name: a, $patch: remove}]}", "unknown-value"),
        ("placement: {tolerations: [{key: a, $patch: delete}]}", "unknown-field"),
        ("auth: {users: [{$patch: delete}]}", "missing-field"),
        ("masters: [{name: a}, {name: a}]", "duplicate-master-name"),
    ] {
        repository
            .put("own.yaml", &spec("own", &format!("  basedOn: [{{path: base.yaml}}]\n  {wrong}")));
        repository.is_refused(id);
    }
}

#[test]
fn bases_alone_are_checked_but_nothing_to_render() {
    let repository = Repository::with(&[
        ("a.yaml", &base("  redis: {memory: 2Gi}")),
        ("b.yaml", &base("  basedOn: [{path: a.yaml}]\n  redis: {memory: null}")),
    ]);
    let output = repository.run(&["validate", "."]);
    assert!(output.status.success());
    assert_eq!(text(&output), "no findings in 0 specs and 2 bases\n");
    for command in ["render", "resolve"] {
        let output = repository.run(&[command, "."]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains("nothing but bases in ."), "{}", text(&output));
    }
    repository.put("a.yaml", &base("  redis: {memory: 2}"));
    assert_eq!(repository.findings("b.yaml"), [("wrong-type".into(), "a.yaml".into(), 4, 19)]);
}

#[test]
fn every_report_names_the_file_of_the_value_and_where_it_comes_in() {
    let repository = Repository::with(&[
        ("lib/base.yaml", &base("  tls: {mode: Disabled}\n  sentinel:\n    instances: 4")),
        ("shop.yaml", &spec("shop", "  basedOn:\n  - path: lib/base.yaml")),
    ]);
    let report = |format: &str| {
        let output = repository.run(&["validate", "shop.yaml", "--format", format]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    let found = &json["findings"][0];
    assert_eq!((&found["file"], &found["line"]), (&"lib/base.yaml".into(), &6.into()));
    let related = &found["related"];
    assert_eq!((&related["file"], &related["line"]), (&"shop.yaml".into(), &6.into()));
    assert_eq!(related["column"], 11);
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let uri = |place: &Value| place["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert_eq!(uri(&result["locations"][0]), "lib/base.yaml");
    assert_eq!(uri(&result["relatedLocations"][0]), "shop.yaml");
    let github = report("github");
    assert!(github.starts_with("::error file=lib/base.yaml,line=6,col=16,"), "{github}");
    assert!(github.contains("%0Ashop.yaml:6:11: comes in with this base"), "{github}");
}

#[test]
fn what_takes_nothing_away_is_a_mistake() {
    let all = "  tls: {mode: Disabled}\n  masters: [{name: a}, {name: b}]";
    let repository = Repository::with(&[
        ("all.yaml", &base(all)),
        ("less.yaml", &base("  masters: [{name: b, $patch: delete}]")),
        (
            "own.yaml",
            &spec("own", "  basedOn: [{path: all.yaml}]\n  masters: [{name: bb, $patch: delete}]"),
        ),
    ]);
    let found = [("unknown-field".to_string(), "own.yaml".to_string(), 6, 24)];
    assert_eq!(repository.findings("own.yaml"), found);
    let told = text(&repository.run(&["validate", "own.yaml"]));
    assert!(told.contains("by its name; none has this one"), "{told}");
    // A base may take away what an earlier one gives, and is no mistake by itself.
    let both = "  basedOn: [{path: all.yaml}, {path: less.yaml}]";
    repository.put("own.yaml", &spec("own", both));
    for path in ["own.yaml", "less.yaml"] {
        assert_eq!(repository.ids(path), Vec::<String>::new(), "{path}");
    }
    let resolved = text(&repository.run(&["resolve", "own.yaml"]));
    assert!(resolved.contains("- name: a\n") && !resolved.contains("- name: b\n"), "{resolved}");
    let other = "  basedOn: [{path: less.yaml}, {path: all.yaml}]";
    repository.put("own.yaml", &spec("own", other));
    repository.is_refused("unknown-field");
}

#[test]
fn a_very_long_base_is_read_and_one_that_is_too_large_refused() {
    let labels: String = (0..10_000).map(|n| format!("      l{n}: v{n}\n")).collect();
    let long = format!("{}  redis:\n    podLabels:\n{labels}", base("  tls: {mode: Disabled}"));
    let repository = Repository::with(&[
        ("long.yaml", &long),
        (
            "own.yaml",
            &spec("own", "  basedOn: [{path: long.yaml}]\n  redis: {podLabels: {l9999: own}}"),
        ),
    ]);
    let output = repository.run(&["resolve", "own.yaml", "--show-origin"]);
    let resolved = text(&output);
    assert!(output.status.success(), "{}", &resolved[..resolved.len().min(2000)]);
    let line = |start: &str| resolved.lines().find(|line| line.trim().starts_with(start)).unwrap();
    assert!(line("l9998:").ends_with("# long.yaml:10005:14"), "{}", line("l9998:"));
    assert!(line("l9999:").ends_with("# own.yaml:6:30"), "{}", line("l9999:"));
    repository.put("long.yaml", &format!("{}#{}", base("  {}"), "x".repeat(1 << 20)));
    repository.is_refused("base-unreadable");
}

#[test]
fn the_schema_for_editors_takes_what_one_file_may_say() {
    let schema = jsonschema::validator_for(redisforge::schema::file_schema()).unwrap();
    let is_valid = |text: &str| schema.is_valid(&serde_yaml::from_str(text).unwrap());
    assert!(is_valid(&base("  masters: [{name: a, $patch: delete}]\n  redis: {memory: null}")));
    assert!(is_valid(&base("  platform: {hosts: [{name: a, zone: null}]}\n  auth: null")));
    assert!(is_valid(&format!("{HEAD}spec: {{basedOn: [{{path: a.yaml}}]}}\n")));
    assert!(is_valid(&spec("a", "  {}")));
    assert!(!is_valid(&format!("{HEAD}spec: {{}}\n")), "a topology has a name");
    assert!(!is_valid(&base("  redis: {memroy: null}")));
    assert!(!is_valid(&base("  auth: {users: [{rules: [+get]}]}")), "merged by name");
    assert!(!is_valid(&base("  allow: [{rule: a}]")), "a list that is replaced is whole");
    assert!(!is_valid(&base("  {}").replace("TopologyBase", "TopologyBasis")));
    for example in support::examples() {
        assert!(is_valid(&fs::read_to_string(example).unwrap()));
    }
}

#[test]
fn the_text_of_a_based_spec_without_its_bases_says_the_same() {
    let read = |name: &str, text: String| redisforge::source::Source::read(name, text).0;
    let own = read(
        "own.yaml",
        spec("own", "  basedOn: [{path: b}]\n  redis: {config: {hz: 0x14, timeout: null}}"),
    );
    let under =
        read("b", base("  tls: {mode: Disabled}\n  redis: {config: {timeout: 5, loglevel: 'no'}}"));
    let whole = own.over(vec![(0, under)]);
    assert_eq!(whole.files().collect::<Vec<_>>(), ["own.yaml", "b"]);
    let again: Value = serde_yaml::from_str(&whole.whole_text()).unwrap();
    assert_eq!(
        again["spec"],
        serde_json::json!({"tls": {"mode": "Disabled"}, "redis": {"config": {"loglevel": "no", "hz": 20}}})
    );
    assert_eq!(again["kind"], "RedisTopology");
}

#[test]
fn how_bases_merge_is_explained() {
    let explained = text(&Repository::with(&[]).run(&["explain", "basedOn"]));
    for word in ["by `name`", "`null` takes", "`$patch: delete`", "5 deep", "path"] {
        assert!(explained.contains(word), "{word} in {explained}");
    }
}
