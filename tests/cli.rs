//! The program from outside: exit codes, streams, and what it does to a directory.

mod support;

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use support::root;
use tempfile::TempDir;

const MINIMAL: &str = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {name: cache}\nspec: {tls: {mode: Disabled}}\n";

struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn with(spec: &str) -> Self {
        let bench = Self::new();
        bench.put("cache.yaml", spec);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    fn run_with(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_redisforge"))
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // A program that does not read its stdin may have gone already.
        let _ = pipe.write_all(stdin.as_bytes());
        drop(pipe);
        child.wait_with_output().unwrap()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Where a finding is: `file:line:col` and id.
fn places(output: &Output) -> Vec<String> {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|found| {
            format!(
                "{}:{}:{} {}",
                found["file"].as_str().unwrap(),
                found["line"],
                found["column"],
                found["id"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn a_dozen_different_mistakes_are_a_dozen_findings() {
    let bench = Bench::with(
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata:\n  name: cäche\n  namespace: Prod\nspec:\n  \
         sentinel: {instances: 4, quorum: 7}\n  redis:\n    replicas: 3\n    memory: 12\n    memory: 1Gi\n    persistence: {type: AOFF}\n    \
         config: {maxmemory-polcy: x, hz: many, dir: /tmp}\n  auth: {password: hunter2}\n  engine: {version: 7.2, image: redis}\n  \
         masters:\n  - {name: \"ä, b\"}\n  - {name: mymaster}\n  monitoring: {exporter: {image: \"e:v1.2.0\"}}\n",
    );
    let output = bench.run(&["validate", "cache.yaml", "--format", "json"]);
    assert_eq!(code(&output), 1);
    let places = places(&output);
    for expected in [
        "cache.yaml:4:9 invalid-name",
        "cache.yaml:5:14 invalid-name",
        "cache.yaml:7:25 even-sentinel-instances",
        "cache.yaml:7:36 quorum-above-sentinel-instances",
        "cache.yaml:9:5 unknown-field",
        "cache.yaml:10:13 wrong-type",
        "cache.yaml:11:5 duplicate-key",
        "cache.yaml:12:25 unknown-value",
        "cache.yaml:13:31 unknown-directive",
        "cache.yaml:13:38 directive-value",
        "cache.yaml:13:49 managed-directive",
        "cache.yaml:14:20 wrong-type",
        "cache.yaml:15:21 wrong-type",
        "cache.yaml:17:12 master-name-characters",
        "cache.yaml:18:12 default-master-name",
    ] {
        let (place, id) = expected.split_once(' ').unwrap();
        let same_line = |found: &&String| {
            let line = |text: &str| text.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
            line(found) == line(place) && found.ends_with(id)
        };
        assert!(places.iter().any(|found| same_line(&found)), "{expected} in {places:#?}");
    }
    assert!(!stdout(&output).contains("hunter2"), "a password in the wrong place is not repeated");
    assert!(!stdout(&bench.run(&["validate", "cache.yaml"])).contains("hunter2"));
}

#[test]
fn columns_count_characters() {
    let bench = Bench::with(
        &MINIMAL.replace("{tls: {mode: Disabled}}", "{redis: {config: {\"ü ü\": 1, nope: 2}}}"),
    );
    let places = places(&bench.run(&["validate", "cache.yaml", "--format", "json"]));
    assert!(
        places.iter().any(|place| place == "cache.yaml:4:32 unknown-directive"
            || place == "cache.yaml:4:38 unknown-directive"),
        "{places:?}"
    );
}

#[test]
fn broken_input_of_every_kind_is_an_error_with_a_place() {
    let deep = format!("{MINIMAL}x: {}", "[".repeat(100_000));
    let nested: String = (0..100_000).map(|_| "- ").collect();
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let alias = format!("*a{},", level - 1).repeat(10);
        bomb += &format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(','));
    }
    let garbage = "\u{1}garbage: [".repeat(5_000_000);
    for (id, text) in [
        ("yaml-syntax", "a: [1\nb: 2".as_bytes()),
        ("yaml-syntax", b"a:\n\t- 1"),
        ("yaml-syntax", b"a: *b"),
        ("yaml-syntax", deep.as_bytes()),
        ("yaml-syntax", nested.as_bytes()),
        ("yaml-syntax", b"a: \"unclosed"),
        ("yaml-syntax", b"\x00\x01\x02"),
        ("yaml-syntax", b"a: &a [*a]"),
        ("too-large", bomb.as_bytes()),
        ("too-large", garbage.as_bytes()),
        ("not-text", b"a: \xff\xfe"),
        ("several-documents", b"a: 1\n---\nb: 2"),
        ("duplicate-key", b"a: 1\na: 2"),
        ("missing-field", b"{}"),
        ("wrong-type", b""),
        ("wrong-type", b"[1, 2]"),
        ("wrong-type", b"just text"),
        ("ambiguous-scalar", b"a: 0644"),
    ] {
        let bench = Bench::new();
        bench.put("spec.yaml", text);
        let started = std::time::Instant::now();
        let output = bench.run(&["validate", "spec.yaml", "--format", "json"]);
        let start: String = String::from_utf8_lossy(&text[..text.len().min(20)]).into();
        assert_eq!(code(&output), 1, "{start}");
        let found = places(&output);
        assert!(
            found.iter().any(|place| place.starts_with("spec.yaml:") && place.ends_with(id)),
            "{start}: {found:?}"
        );
        assert!(!stderr(&output).contains("panicked"), "{start}");
        // Not a measurement: a hang would be minutes.
        assert!(started.elapsed().as_secs() < 60, "{start}");
        for format in ["human", "github", "sarif"] {
            assert_eq!(
                code(&bench.run(&["validate", "spec.yaml", "--format", format])),
                1,
                "{start}"
            );
        }
    }
}

#[test]
fn thousands_of_mistakes_are_told_in_time() {
    let many =
        |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let directives =
        format!("redis: {{config: {{{}}}}}", many(20_000, &|n| format!("nope{n}: 1, ")));
    let specs = [
        ("unknown-field", format!("{MINIMAL}{}", many(40_000, &|n| format!("unknown{n}: 1\n")))),
        (
            "unknown-field",
            MINIMAL.replace("tls:", &format!("{}tls:", many(40_000, &|n| format!("u{n}: 1, ")))),
        ),
        ("unknown-directive", MINIMAL.replace("tls:", &format!("{directives}, tls:"))),
        ("duplicate-key", format!("{MINIMAL}{}", "same: 1\n".repeat(49_000))),
    ];
    for (id, text) in specs {
        let bench = Bench::with(&text);
        for format in ["json", "human", "github", "sarif"] {
            let started = std::time::Instant::now();
            let output = bench.run(&["validate", "cache.yaml", "--format", format]);
            assert_eq!(code(&output), 1, "{id} {format}");
            assert!(stdout(&output).contains(id), "{id} {format}");
            assert!(stdout(&output).contains("too-many-findings"), "{id} {format}");
            assert!(stderr(&output).starts_with("1001 errors"), "{}", stderr(&output));
            // Not a measurement: what grows with the square would be minutes.
            assert!(started.elapsed().as_secs() < 60, "{id} {format}: {:?}", started.elapsed());
        }
    }
}

/// Thousands of objects have these words in their names.
#[test]
fn a_name_as_long_as_a_spec_is_refused_in_little_memory() {
    let masters: String = (0..8000).map(|n| format!("{{name: m{n}}}, ")).collect();
    let long = "a".repeat(500_000);
    for (at, [name, namespace, cluster]) in [
        ("3:18", [&*long, "redis", "eu-1"]),
        ("3:35", ["shop", &*long, "eu-1"]),
        ("4:41", ["shop", "redis", &*long]),
    ] {
        let bench = Bench::with(&format!(
            "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\n\
             metadata: {{name: {name}, namespace: {namespace}}}\n\
             spec: {{platform: {{kubernetes: {{cluster: {cluster}}}}}, masters: [{masters}]}}\n"
        ));
        let limited = "ulimit -v 3000000; exec \"$0\" validate cache.yaml";
        let mut shell = Command::new("sh");
        shell.args(["-c", limited, env!("CARGO_BIN_EXE_redisforge")]);
        let output = shell.current_dir(bench.path("")).output().unwrap();
        assert_eq!(code(&output), 1, "{at} {}", stderr(&output));
        let told = stdout(&output);
        assert!(told.contains("must have 255 characters or fewer"), "{at}");
        assert!(told.contains(&format!("--> cache.yaml:{at}\n")), "{at}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_judged() {
    let bench = Bench::with(&MINIMAL.replace("cache", "mymaster"));
    let output = bench.run(&["validate", "gone.yaml", "cache.yaml"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("cannot read gone.yaml: No such file or directory"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("default-master-name"));
    fs::create_dir(bench.path("empty")).unwrap();
    let output = bench.run(&["validate", "empty"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("no spec below empty"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("no findings"), "{}", stderr(&output));
    assert_eq!(code(&bench.run(&["validate", "*.nothing"])), 2);
    assert_eq!(code(&bench.run(&["validate"])), 2);
}

#[test]
fn a_directory_a_glob_and_stdin_are_specs_too() {
    let bench = Bench::new();
    bench.put("specs/a.yaml", MINIMAL);
    bench.put("specs/deep/b.yml", MINIMAL.replace("cache", "other"));
    bench.put("specs/values.yaml", "replicas: 3\n");
    bench.put(
        "specs/wrong-kind.yaml",
        MINIMAL.replace("RedisTopology", "RedisTopologie").replace("cache", "third"),
    );
    let output = bench.run(&["validate", "specs", "--format", "json"]);
    let found = places(&output);
    assert!(
        found.iter().any(|place| place == "specs/wrong-kind.yaml:2:7 unknown-value"),
        "{found:?}"
    );
    assert!(!found.iter().any(|place| place.contains("values.yaml")), "{found:?}");
    assert_eq!(code(&bench.run(&["validate", "specs/*.y*ml"])), 1);
    let output = bench.run_with(&["validate", "-"], MINIMAL);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    assert_eq!(stderr(&output).lines().last(), Some("1 note in 1 spec"));
}

#[test]
fn a_spec_below_a_directory_is_found_in_every_form() {
    let bench = Bench::new();
    let named = |name: &str| MINIMAL.replace("cache", name);
    bench.put(
        "specs/flow.yaml",
        "{\"apiVersion\": \"redisforge.dev/v1alpha1\", \"kind\": \"RedisTopology\", \"metadata\": {\"name\": \"flow\"}, \"spec\": {}}",
    );
    bench.put("specs/quoted.yaml", named("quoted").replace("apiVersion", "\"apiVersion\""));
    bench.put("specs/mark.yaml", format!("\u{feff}{}", named("mark").replace("Topology", "Top")));
    bench.put("specs/broken.yaml", format!("{}x: [", named("broken")));
    bench.put("specs/second.yaml", format!("a: 1\n---\n{}", named("second")));
    bench.put("specs/latin.yaml", [b"# caf\xe9\n", named("latin").as_bytes()].concat());
    bench.put("elsewhere/target.txt", named("linked"));
    symlink(bench.path("elsewhere/target.txt"), bench.path("specs/linked.yaml")).unwrap();
    symlink(bench.path("gone"), bench.path("specs/.#dangling.yaml")).unwrap();
    symlink(bench.path("specs"), bench.path("specs/circle.yaml")).unwrap();
    bench.put("specs/values.yaml", "note: redisforge.dev/v1alpha1\nb: {apiVersion: v1}\n");
    bench.put("specs/chart.yaml", "{{ template }}\napiVersion: v1\nb: redisforge.dev/x\n");
    let output = bench.run(&["validate", "specs", "--format", "json"]);
    let found = places(&output);
    let files: BTreeSet<&str> = found.iter().filter_map(|place| place.split(':').next()).collect();
    let expected = ["broken", "flow", "latin", "linked", "mark", "quoted", "second"]
        .map(|spec| format!("specs/{spec}.yaml"));
    assert_eq!(files.into_iter().collect::<Vec<_>>(), expected);
    assert!(stderr(&output).ends_with("in 7 specs\n"), "{}", stderr(&output));
    bench.put("marked.yaml", "\u{feff}apiVersion: no\n");
    let found = places(&bench.run(&["validate", "marked.yaml", "--format", "json"]));
    assert!(found.contains(&"marked.yaml:1:13 unknown-value".to_string()), "{found:?}");
}

#[test]
fn a_file_with_several_names_is_one_spec() {
    let bench = Bench::with(MINIMAL);
    symlink(bench.path("cache.yaml"), bench.path("again.yaml")).unwrap();
    let paths = ["./cache.yaml", "cache.yaml", "again.yaml", "*.yaml", "."];
    let output = bench.run(&[&["validate"][..], &paths, &["--format", "json"]].concat());
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    assert!(stderr(&output).ends_with("in 1 spec\n"), "{}", stderr(&output));
    assert!(places(&output).iter().all(|place| place.starts_with("cache.yaml:")));
    let output = bench.run_with(&["validate", "-", "cache.yaml", "-"], MINIMAL);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("more than once"), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_a_spec_gets_the_help_that_fits() {
    let bench = Bench::new();
    bench.put("large.yaml", "a: 1\n".repeat(1 << 20));
    bench.put("latin.yaml", b"a: caf\xe9\n");
    let text = stdout(&bench.run(&["validate", "large.yaml"]));
    assert!(text.contains("too-large") && !text.contains("UTF-8"), "{text}");
    let text = stdout(&bench.run(&["validate", "latin.yaml"]));
    assert!(text.contains("write the spec as YAML in UTF-8"), "{text}");
    assert!(text.contains("latin.yaml:1:7"), "{text}");
}

#[test]
fn sarif_fits_its_schema() {
    let schema: Value = serde_json::from_str(
        &fs::read_to_string(root().join("tests/data/sarif-2.1.0.schema.json")).unwrap(),
    )
    .unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let bench = Bench::new();
    bench.put(
        "odd name ü%.yaml",
        MINIMAL.replace("cache", "mymaster").replace("tls: {mode: Disabled}", "x: 1"),
    );
    bench.put("broken.yaml", "a: [");
    bench.put("empty.yaml", "");
    let output = bench.run(&[
        "validate",
        "odd name ü%.yaml",
        "broken.yaml",
        "empty.yaml",
        "--format",
        "sarif",
    ]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() >= 4);
    for result in results {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for field in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(region[field].as_u64().unwrap() >= 1, "{result}");
        }
        let uri =
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.is_ascii() && !uri.contains(' '), "{uri}");
    }
}

#[test]
fn github_gets_one_line_for_each_finding() {
    let bench =
        Bench::with(&MINIMAL.replace("{tls: {mode: Disabled}}", "{sentinel: {instances: 4}}"));
    let output = bench.run(&["validate", "cache.yaml", "--format", "github"]);
    let text = stdout(&output);
    let error = text.lines().find(|line| line.starts_with("::error ")).unwrap();
    assert!(error.starts_with("::error file=cache.yaml,line=4,col=30,endLine=4,endColumn=31,title=even-sentinel-instances::"), "{error}");
    assert!(error.contains("%0A"), "{error}");
}

#[test]
fn rendering_again_changes_nothing_and_check_agrees() {
    let bench = Bench::with(MINIMAL);
    let output = bench.run(&["render", "cache.yaml"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("cache expects: Secret cache-redis key password"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");
    let lock = bench.path("rendered/cache/redisforge.lock");
    let before = fs::metadata(&lock).unwrap();
    let output = bench.run(&["render", "cache.yaml"]);
    assert!(stderr(&output).contains(" 0 written, 0 removed,"), "{}", stderr(&output));
    let after = fs::metadata(&lock).unwrap();
    assert_eq!(
        (before.mtime_nsec(), before.ino()),
        (after.mtime_nsec(), after.ino()),
        "nothing was touched"
    );
    assert_eq!(code(&bench.run(&["render", "cache.yaml", "--check"])), 0);
    assert!(
        fs::read_dir(bench.path("rendered/cache"))
            .unwrap()
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().contains("staging") })
    );
}

#[test]
fn check_finds_drift_of_every_kind_and_writes_nothing() {
    let bench = Bench::with(MINIMAL);
    assert_eq!(code(&bench.run(&["render", "cache.yaml", "--check"])), 1);
    assert!(!bench.path("rendered").exists());
    bench.run(&["render", "cache.yaml"]);
    let script = "rendered/cache/scripts/alive.sh";
    for change in [
        &(|| bench.put(script, "edited")) as &dyn Fn(),
        &|| fs::remove_file(bench.path(script)).unwrap(),
        &|| fs::set_permissions(bench.path(script), fs::Permissions::from_mode(0o644)).unwrap(),
        &|| fs::remove_file(bench.path("rendered/cache/redisforge.lock")).unwrap(),
    ] {
        change();
        let output = bench.run(&["render", "cache.yaml", "--check"]);
        assert_eq!(code(&output), 1);
        assert!(!stdout(&output).is_empty());
        assert_eq!(code(&bench.run(&["render", "cache.yaml", "--overwrite-edited"])), 0);
        assert_eq!(code(&bench.run(&["render", "cache.yaml", "--check"])), 0);
    }
}

#[test]
fn a_file_edited_by_hand_stops_the_run() {
    let bench = Bench::with(MINIMAL);
    bench.run(&["render", "cache.yaml"]);
    bench.put("rendered/cache/scripts/alive.sh", "my own");
    bench.put("rendered/cache/notes.txt", "foreign");
    let output = bench.run(&["render", "cache.yaml"]);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("scripts/alive.sh is not as redisforge wrote it"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("nothing was written"));
    assert_eq!(bench.read("rendered/cache/scripts/alive.sh"), "my own");
    assert_eq!(code(&bench.run(&["render", "cache.yaml", "--overwrite-edited"])), 0);
    assert_ne!(bench.read("rendered/cache/scripts/alive.sh"), "my own");
    assert_eq!(bench.read("rendered/cache/notes.txt"), "foreign", "what is not ours stays");
}

#[test]
fn what_is_no_longer_rendered_goes_unless_it_was_edited() {
    let bench = Bench::with(MINIMAL);
    bench.run(&["render", "cache.yaml"]);
    assert!(bench.path("rendered/cache/monitoring/rules.yaml").exists());
    bench.put(
        "cache.yaml",
        MINIMAL.replace("{tls:", "{monitoring: {scrape: {type: Disabled}}, tls:"),
    );
    let output = bench.run(&["render", "cache.yaml"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(!bench.path("rendered/cache/monitoring").exists(), "the empty folder goes too");
    bench.put("cache.yaml", MINIMAL);
    bench.run(&["render", "cache.yaml"]);
    bench.put("rendered/cache/monitoring/rules.yaml", "my own");
    bench.put(
        "cache.yaml",
        MINIMAL.replace("{tls:", "{monitoring: {scrape: {type: Disabled}}, tls:"),
    );
    assert_eq!(code(&bench.run(&["render", "cache.yaml"])), 1);
    assert_eq!(bench.read("rendered/cache/monitoring/rules.yaml"), "my own");
}

#[test]
fn a_run_that_was_killed_half_way_is_repaired_by_the_next() {
    let bench = Bench::with(MINIMAL);
    bench.run(&["render", "cache.yaml"]);
    let old_lock = bench.read("rendered/cache/redisforge.lock");
    bench.put("cache.yaml", MINIMAL.replace("{tls:", "{redis: {memory: 2Gi}, tls:"));
    bench.run(&["render", "cache.yaml"]);
    let new_lock = bench.read("rendered/cache/redisforge.lock");
    assert_ne!(old_lock, new_lock);
    // As a killed run leaves it: new files, the old lock, the coming lock, and the stage.
    bench.put("rendered/cache/redisforge.lock", old_lock);
    bench.put("rendered/cache/redisforge.lock.next", new_lock);
    bench.put("rendered/cache/.redisforge-staging/scripts/half", "wri");
    bench.put("cache.yaml", MINIMAL.replace("{tls:", "{redis: {memory: 3Gi}, tls:"));
    let output = bench.run(&["render", "cache.yaml"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(code(&bench.run(&["render", "cache.yaml", "--check"])), 0);
    assert!(!bench.path("rendered/cache/.redisforge-staging").exists());
    assert!(!bench.path("rendered/cache/redisforge.lock.next").exists());
}

#[test]
fn a_link_in_the_target_is_not_followed() {
    let bench = Bench::with(MINIMAL);
    fs::create_dir_all(bench.path("elsewhere")).unwrap();
    fs::create_dir_all(bench.path("rendered/cache")).unwrap();
    symlink(bench.path("elsewhere"), bench.path("rendered/cache/scripts")).unwrap();
    let output = bench.run(&["render", "cache.yaml"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("symbolic link"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(bench.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn a_lock_that_names_files_elsewhere_removes_nothing_there() {
    let bench = Bench::with(MINIMAL);
    bench.run(&["render", "cache.yaml"]);
    bench.put("precious", "x");
    let lock = bench.read("rendered/cache/redisforge.lock");
    let hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    let lock =
        lock.replace("\"files\": {", &format!("\"files\": {{\"../../precious\": \"{hash}\","));
    bench.put("rendered/cache/redisforge.lock", lock);
    assert_eq!(code(&bench.run(&["render", "cache.yaml"])), 0);
    assert_eq!(bench.read("precious"), "x");
}

#[test]
fn errors_in_one_spec_write_nothing_of_any() {
    let bench = Bench::with(MINIMAL);
    bench.put(
        "bad.yaml",
        MINIMAL.replace("cache", "bad").replace("{tls:", "{sentinel: {instances: 4}, tls:"),
    );
    let output = bench.run(&["render", "cache.yaml", "bad.yaml"]);
    assert_eq!(code(&output), 1);
    assert!(!bench.path("rendered").exists());
}

#[test]
fn output_goes_where_it_is_told() {
    let bench = Bench::with(MINIMAL);
    bench.run(&["render", "cache.yaml", "-o", "one"]);
    assert!(bench.path("one/redisforge.lock").exists(), "one spec: the directory itself");
    bench.put("other.yaml", MINIMAL.replace("cache", "other"));
    bench.run(&["render", "cache.yaml", "other.yaml", "-o", "two"]);
    assert!(
        bench.path("two/cache/redisforge.lock").exists()
            && bench.path("two/other/redisforge.lock").exists()
    );
    bench.run_with(&["render", "-", "-o", "three"], MINIMAL);
    assert!(bench.path("three/redisforge.lock").exists());
    bench.put("file", "");
    let output = bench.run(&["render", "cache.yaml", "-o", "file"]);
    assert_eq!(code(&output), 2);
}

#[test]
fn objects_come_as_one_stream_in_the_order_to_apply_them() {
    let bench = Bench::with(MINIMAL);
    let output = bench.run(&["render", "cache.yaml", "-o", "-"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let kinds: Vec<String> = stdout(&output)
        .split("---\n")
        .filter(|document| !document.trim().is_empty())
        .map(|document| {
            serde_yaml::from_str::<Value>(document).unwrap()["kind"].as_str().unwrap().into()
        })
        .collect();
    let first = |kind: &str| kinds.iter().position(|found| found == kind).unwrap();
    assert!(first("ServiceAccount") < first("StatefulSet"));
    assert!(first("ConfigMap") < first("StatefulSet"));
    assert!(!kinds.contains(&"Kustomization".to_string()));
    bench.put("hosts.yaml", fs::read_to_string(root().join("examples/hosts.yaml")).unwrap());
    let output = bench.run(&["render", "hosts.yaml", "-o", "-"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("-o DIR"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = Bench::with(MINIMAL);
    let program = env!("CARGO_BIN_EXE_redisforge");
    let output = Command::new("sh")
        .args([
            "-c",
            &format!(
                "{program} render cache.yaml -o - 2>&1 | head -n 1; {program} schema | head -n 1"
            ),
        ])
        .current_dir(bench.path(""))
        .output()
        .unwrap();
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_full_disk_changes_nothing() {
    let bench = Bench::with(MINIMAL);
    let directory = bench.path("small");
    fs::create_dir(&directory).unwrap();
    // A tmpfs of one page needs the rights to mount it; a private namespace gives them to root.
    let script = format!(
        "mount -t tmpfs -o size=16k none {0} && {1} render cache.yaml -o {0}/out; echo code $?; find {0} -type f",
        directory.display(),
        env!("CARGO_BIN_EXE_redisforge")
    );
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script])
        .current_dir(bench.path(""))
        .output()
        .unwrap();
    let text = stdout(&output);
    assert!(text.starts_with("code 2"), "{text}{}", stderr(&output));
    assert!(stderr(&output).contains("nothing was changed"), "{}", stderr(&output));
    assert_eq!(text.lines().count(), 1, "no file stays: {text}");
}

#[test]
fn explain_knows_every_rule_and_field_and_says_what_is_near() {
    let bench = Bench::new();
    for rule in redisforge::rules::RULES {
        let output = bench.run(&["explain", rule.id]);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains(rule.why));
    }
    let output = bench.run(&["explain", "spec.masters.redis.memory"]);
    assert!(stdout(&output).contains("Memory of one node"), "{}", stdout(&output));
    let output = bench.run(&["explain", "spec.sentinel.quorom"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("did you mean spec.sentinel.quorum?"), "{}", stderr(&output));
}

#[test]
fn explain_shows_what_the_reader_and_the_schema_find() {
    for kind in redisforge::findings::KINDS {
        let bench = Bench::new();
        let output = bench.run(&["explain", kind.id]);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains(kind.why));
        let header = MINIMAL.split("metadata").next().unwrap().as_bytes();
        for (name, example) in [("wrong.yaml", kind.wrong), ("right.yaml", kind.right)] {
            bench.put(name, [header, example, b"\n"].concat());
        }
        let found = |name: &str| {
            let output = bench.run(&["validate", name, "--format", "json"]);
            let document: Value = serde_json::from_slice(&output.stdout).unwrap();
            let findings = document["findings"].as_array().unwrap().iter();
            findings
                .filter(|found| found["id"] == kind.id)
                .map(|found| found["severity"].as_str().unwrap().to_string())
                .collect::<Vec<_>>()
        };
        assert!(found("wrong.yaml").contains(&kind.severity.name().to_string()), "{}", kind.id);
        assert_eq!(found("right.yaml"), Vec::<String>::new(), "{}", kind.id);
    }
}

#[test]
fn explain_names_the_rules_that_find_something_at_a_field() {
    let bench = Bench::new();
    let rules = |field: &str| {
        let text = stdout(&bench.run(&["explain", field]));
        let rules = text.lines().find_map(|line| line.strip_prefix("Rules: ")).unwrap_or_default();
        rules.split(", ").map(String::from).collect::<BTreeSet<_>>()
    };
    let name = rules("spec.masters.name");
    assert!(name.contains("default-master-name") && name.contains("master-name-characters"));
    assert!(name.len() < 10, "{name:?}");
    assert_eq!(rules("spec.redis.memory"), rules("spec.masters[].redis.memory"));
    assert!(rules("spec.redis.memory").contains("memory-too-small"));
    assert!(rules("spec.redis.config").contains("unknown-directive"));
}

#[test]
fn the_printed_schema_is_the_file() {
    let output = Bench::new().run(&["schema"]);
    let file = fs::read_to_string(root().join("schemas/redisforge.dev_v1alpha1.json")).unwrap();
    assert_eq!(stdout(&output), file);
}

#[test]
fn no_color_is_obeyed() {
    let bench = Bench::with("a: [");
    assert!(
        stdout(&bench.run(&["validate", "cache.yaml", "--color", "always"])).contains('\u{1b}')
    );
    assert!(!stdout(&bench.run(&["validate", "cache.yaml"])).contains('\u{1b}'));
    assert!(Path::new(&bench.path("cache.yaml")).exists());
}

#[test]
fn a_stream_is_not_checked_and_a_document_has_no_prose_beside_it() {
    let bench = Bench::with(MINIMAL);
    let output = bench.run(&["render", "cache.yaml", "-o", "-", "--check"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    assert!(stderr(&output).contains("cannot check a stream"));
    for format in ["json", "sarif"] {
        for arguments in [&["render", "cache.yaml"][..], &["render", "cache.yaml", "--check"]] {
            let output = bench.run(&[arguments, &["--format", format]].concat());
            let document: Value = serde_json::from_slice(&output.stderr).unwrap();
            assert!(document.is_object());
        }
    }
}

#[test]
fn a_dashboard_for_import_is_printed_alone_and_nothing_is_written() {
    let bench = Bench::with(MINIMAL);
    let output = bench.run(&["render", "cache.yaml", "--for-import"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let dashboard: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(dashboard["__inputs"][0]["pluginId"], "prometheus");
    assert!(!bench.path("rendered").exists());
    assert_eq!(code(&bench.run(&["render", "cache.yaml", "--for-import", "--check"])), 2);
    bench.put("other.yaml", bench.read("cache.yaml").replace("name: cache", "name: other"));
    let output = bench.run(&["render", ".", "--for-import"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    assert!(stderr(&output).contains("name one spec"), "{}", stderr(&output));
    let unseen = MINIMAL.replace("spec: {", "spec: {monitoring: {scrape: {type: Disabled}}, ");
    bench.put("unseen.yaml", unseen.replace("name: cache", "name: unseen"));
    let output = bench.run(&["render", "unseen.yaml", "--for-import"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("scrape.type"), "{}", stderr(&output));
}
