//! `redisforge diff` from outside, in real repositories.

mod support;

use std::{fs, path::Path, process::Output};

use serde_json::Value;
use support::repository::{Repository, told};

const SPEC: &str = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {name: NAME, namespace: web}\nspec: {tls: {mode: Disabled}}\n";

fn spec(name: &str) -> String {
    SPEC.replace("NAME", name)
}

fn with(name: &str, fields: &str) -> String {
    spec(name).replace("{mode: Disabled}", &format!("{{mode: Disabled}}, {fields}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A repository with one spec, rendered and committed.
fn committed() -> Repository {
    let repository = Repository::new();
    repository.put("specs/cache.yaml", spec("cache"));
    let output = repository.run(&["render", "specs"]);
    assert!(output.status.success(), "{}", told(&output));
    repository.commit("first");
    repository
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The JSON report, which its schema describes.
fn json(repository: &Repository, arguments: &[&str]) -> Value {
    let output = repository.run(&[&["diff", "--format", "json"], arguments].concat());
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", told(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema = fs::read_to_string(root().join("schemas/redisforge.dev_diff_1.0.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    described(&report, &schema, &schema);
    report
}

/// Every field of a value is one of its schema: nothing is printed that is not documented.
fn described(value: &Value, schema: &Value, all: &Value) {
    let schema = schema["$ref"]
        .as_str()
        .map_or(schema, |name| &all["$defs"][name.strip_prefix("#/$defs/").unwrap()]);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let field = &schema["properties"][name];
                assert!(field.is_object(), "{name} is not in the schema");
                described(value, field, all);
            }
        }
        Value::Array(items) => {
            for item in items {
                described(item, &schema["items"], all);
            }
        }
        _ => {}
    }
}

fn status<'a>(report: &'a Value, name: &str) -> &'a str {
    let topologies = report["topologies"].as_array().unwrap();
    let found = topologies.iter().find(|topology| topology["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {report:#}"))["status"].as_str().unwrap()
}

#[test]
fn what_is_rendered_does_not_differ_on_any_side() {
    let repository = committed();
    for against in [&[][..], &["--against", "rendered"], &["--against", "git:HEAD"]] {
        let arguments = [&["specs", "--exit-code", "--fail-on", "none"], against].concat();
        let report = json(&repository, &arguments);
        assert_eq!(report["highestImpact"], Value::Null, "{against:?}");
        assert_eq!(status(&report, "cache"), "unchanged");
        for format in ["human", "unified"] {
            let output = repository.run(&[&["diff", "--format", format][..], &arguments].concat());
            assert_eq!((output.status.code(), stdout(&output)), (Some(0), String::new()));
        }
        let output = repository.run(&[&["diff", "--format", "markdown"][..], &arguments].concat());
        assert!(stdout(&output).starts_with("### redisforge: nothing changes\n"));
    }
}

/// What hides secrets must leave everything alone that redisforge writes.
#[test]
fn every_example_is_as_its_golden_folder() {
    let repository = Repository::empty();
    let examples = fs::read_dir(root().join("examples")).unwrap();
    let mut count = 0;
    for example in examples.map(|example| example.unwrap().path()) {
        let golden = root().join("golden").join(example.file_stem().unwrap());
        let arguments = [example.to_str().unwrap(), "--against", golden.to_str().unwrap()];
        let report = json(&repository, &arguments);
        assert_eq!(report["topologies"][0]["status"], "unchanged", "{report:#}");
        count += 1;
    }
    assert!(count >= 5, "the examples are there");
}

#[test]
fn a_changed_spec_differs_on_every_side_until_it_is_rendered_or_committed() {
    let repository = committed();
    repository.put("specs/cache.yaml", with("cache", "redis: {memory: 2Gi}"));
    for against in [&[][..], &["--against", "rendered"], &["--against", "git:main"]] {
        let report = json(&repository, &[&["specs"], against].concat());
        assert_eq!(status(&report, "cache"), "changed", "{against:?}");
        let effects = report["topologies"][0]["effects"].as_array().unwrap();
        assert!(effects.iter().any(|effect| {
            effect["file"] == "kubernetes/redis/cache/statefulset.yaml"
                || effect["file"] == "kubernetes/redis/cache/configmap.yaml"
        }));
    }
    let code = |arguments: &[&str]| repository.run(arguments).status.code().unwrap();
    assert_eq!(code(&["diff", "specs"]), 0);
    assert_eq!(code(&["diff", "specs", "--exit-code"]), 1);
    assert_eq!(code(&["diff", "specs", "--fail-on", "none"]), 1);
    let output = repository.run(&["diff", "specs", "--fail-on", "none"]);
    assert!(told(&output).contains("(--fail-on none)"), "{}", told(&output));
    assert_eq!(code(&["diff", "specs", "--fail-on", "never"]), 2);
    assert_eq!(code(&["render", "specs"]), 0);
    assert_eq!(code(&["diff", "specs", "--exit-code"]), 0);
    assert_eq!(code(&["diff", "specs", "--exit-code", "--against", "git:HEAD"]), 1);
    repository.commit("second");
    assert_eq!(code(&["diff", "specs", "--exit-code", "--against", "git:HEAD"]), 0);
    assert_eq!(code(&["diff", "specs", "--exit-code", "--against", "git:HEAD^"]), 1);
}

#[test]
fn a_base_is_read_at_the_revision_too() {
    let repository = Repository::new();
    let base = |seconds: u32| {
        format!(
            "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopologyBase\nspec: {{tls: {{mode: Disabled}}, sentinel: {{downAfterMilliseconds: {seconds}000}}}}\n"
        )
    };
    let based = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {name: cache, namespace: web}\nspec: {basedOn: [{path: ../base.yaml}]}\n";
    repository.put("base.yaml", base(10));
    repository.put("specs/cache.yaml", based);
    repository.commit("first");
    let against = ["specs", "--against", "git:HEAD"];
    assert_eq!(json(&repository, &against)["highestImpact"], Value::Null);
    repository.put("base.yaml", base(15));
    let report = json(&repository, &against);
    assert_eq!(report["highestImpact"], "rolling", "{report:#}");
    repository.remove("base.yaml");
    let output = repository.run(&[&["diff"][..], &against].concat());
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    // The revision itself is whole, though the disk is not.
    repository.put("base.yaml", base(10));
    assert_eq!(json(&repository, &against)["highestImpact"], Value::Null);
}

#[test]
fn topologies_that_are_on_one_side_only_are_new_or_gone() {
    let repository = Repository::new();
    repository.put("specs/old.yaml", spec("old"));
    repository.put("specs/moved.yaml", spec("moved"));
    assert!(repository.run(&["render", "specs"]).status.success());
    repository.commit("first");
    repository.remove("specs/old.yaml");
    repository.remove("specs/moved.yaml");
    repository.put("specs/deeper/moved.yaml", spec("moved"));
    repository.put("specs/new.yaml", spec("new"));
    for against in [&[][..], &["--against", "rendered"], &["--against", "git:main"]] {
        let report = json(&repository, &[&["specs"], against].concat());
        assert_eq!(status(&report, "old"), "gone", "{against:?}");
        assert_eq!(status(&report, "new"), "new", "{against:?}");
        assert_eq!(status(&report, "moved"), "unchanged", "{against:?}");
        let human = repository.run(&[&["diff", "specs"], against].concat());
        assert!(stdout(&human).contains("old") && stdout(&human).contains(", gone"));
        let unified =
            stdout(&repository.run(&[&["diff", "specs", "--format", "unified"], against].concat()));
        assert!(unified.contains("+++ /dev/null\n") && unified.contains("--- /dev/null\n"));
    }
    // Who names files does not name all there are.
    let report = json(&repository, &["specs/new.yaml"]);
    assert_eq!(report["topologies"].as_array().unwrap().len(), 1);
    let report = json(&repository, &["specs/old.yaml", "specs/new.yaml", "--against", "git:main"]);
    assert_eq!(status(&report, "old"), "gone");
    assert_eq!(status(&report, "new"), "new");
    let output = repository.run(&["diff", "specs/never.yaml", "--against", "git:main"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("cannot read specs/never.yaml: no spec is there, and none was"));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let repository = committed();
    let base = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopologyBase\nspec: {}\n";
    repository.put("base.yaml", base);
    for (arguments, code, expected) in [
        (&["specs", "--against", "git:mian"][..], 2, "did you mean main?"),
        (&["-", "--against", "git:main"], 2, "cannot compare stdin with git:main"),
        (&["specs", "--against", "nowhere"], 2, "cannot compare with nowhere: it does not exist"),
        (&["specs", "--against", "base.yaml"], 2, "it is not a directory"),
        // In the wrong directory everything would be new, and pass.
        (&["specs", "--against", "rendered/cache"], 2, "rendered/cache: it holds one topology"),
        (&["specs/cache.yaml", "--against", "rendered"], 2, "several; write rendered/cache\n"),
        (&["base.yaml"], 2, "nothing but bases in base.yaml"),
        (&["base.yaml", "--against", "git:HEAD"], 2, "nothing but bases in base.yaml"),
        (&["nothing"], 2, "cannot read nothing"),
        (&["specs", "--format", "markdown", "--max-bytes", "10"], 2, "--max-bytes"),
    ] {
        let output = repository.run(&[&["diff"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", told(&output));
        assert!(told(&output).contains(expected), "{arguments:?}: {}", told(&output));
    }
    let output = Repository::empty().run(&["diff", ".", "--against", "git:main"]);
    assert!(told(&output).contains("is in no git repository"), "{}", told(&output));
    repository.put("specs/cache.yaml", with("cache", "sentinel: {instances: 3, quorum: 9}"));
    let output = repository.run(&["diff", "specs", "--against", "git:main"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("error[quorum-above-sentinel-instances]"));
    assert!(told(&output).contains("nothing was compared") && output.stdout.is_empty());
    repository.commit("wrong");
    repository.put("specs/cache.yaml", spec("cache"));
    let output = repository.run(&["diff", "specs", "--against", "git:main"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("git:main:specs/cache.yaml:4:"), "{}", told(&output));
    assert!(told(&output).contains("cannot tell what git:main renders"), "{}", told(&output));
}

#[test]
fn what_nobody_notices_is_counted_unless_everything_is_asked_for() {
    let repository = committed();
    let report =
        |arguments: &[&str]| stdout(&repository.run(&[&["diff", "specs"][..], arguments].concat()));
    // Alerts and the dashboard know the memory too.
    repository.put("specs/cache.yaml", with("cache", "redis: {memory: 2Gi}"));
    let effects = json(&repository, &["specs"])["topologies"][0]["effects"].clone();
    let effects = effects.as_array().unwrap();
    let none = effects.iter().filter(|effect| effect["impact"] == "none").count();
    assert!(none > 5, "{effects:#?}");
    let human = report(&[]);
    assert!(
        human.contains("that Redis, Sentinel and clients cannot notice: ConfigMap cache-dashboard, PrometheusRule cache, ")
    );
    assert_eq!(human.matches("\n  none ").count(), 1, "{human}");
    assert!(
        human.contains("\n  failover ") && human.ends_with("(--verbose tells each)\n"),
        "{human}"
    );
    let markdown = report(&["--format", "markdown"]);
    assert_eq!(markdown.matches("\n- **none**").count(), 1, "{markdown}");
    assert!(report(&["-v"]).matches("\n  none ").count() > 5);
    assert!(report(&["-v", "--format", "markdown"]).matches("\n- **none**").count() > 5);
    // The same change in several places is one.
    let limits = "spec.template.spec.containers[redis].resources.limits.memory";
    assert!(human.contains(&format!("{limits} and 5 more places: 1Gi → 2Gi\n")), "{human}");
    assert!(markdown.contains(&format!("`{limits}` and 5 more places `1Gi → 2Gi`")), "{markdown}");
    assert_eq!(report(&["-v"]).matches(": 1Gi → 2Gi\n").count(), 6);
    // One is told like any other.
    repository.put(
        "specs/cache.yaml",
        with("cache", "network: {readService: true}")
            .replace("namespace: web", "namespace: web, labels: {a: b}"),
    );
    assert!(report(&[]).contains("cache (namespace web): none\n"), "{}", report(&[]));
}

#[test]
fn long_values_are_shown_where_they_differ() {
    let repository = committed();
    repository.put("specs/cache.yaml", with("cache", "redis: {memory: 2Gi}"));
    for effect in json(&repository, &["specs"])["topologies"][0]["effects"].as_array().unwrap() {
        assert_ne!(effect["before"], effect["after"], "{effect:#}");
    }
    for format in ["human", "markdown"] {
        let output = repository.run(&["diff", "specs", "-v", "--format", format]);
        let text = stdout(&output);
        let values: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.trim_end_matches(" in `cache`").split_once(" → "))
            .collect();
        assert!(values.len() > 10, "{format}: {text}");
        for (before, after) in values {
            let after = after.trim_end_matches('`');
            assert!(!before.ends_with(after), "{format}: {before} → {after}");
        }
    }
}

#[test]
fn quiet_leaves_the_report_and_why_the_exit_code_is_not_0() {
    let repository = committed();
    let quiet =
        |arguments: &[&str]| repository.run(&[&["diff", "specs", "-q"][..], arguments].concat());
    // A warning, in the specs and in those of the revision.
    repository.put("specs/cache.yaml", spec("cache").replace("{tls: {mode: Disabled}}", "{}"));
    repository.commit("a warning");
    for against in ["rendered", "git:HEAD"] {
        let output = quiet(&["--against", against]);
        assert_eq!((output.status.code(), told(&output)), (Some(0), stdout(&output)), "{against}");
    }
    repository.put("specs/cache.yaml", with("cache", "redis: {memory: 2Gi}"));
    let output = quiet(&["--fail-on", "rolling"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "refused: failover (--fail-on rolling)\n");
    repository.put("specs/cache.yaml", with("cache", "sentinel: {quorum: 9}"));
    let output = quiet(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).ends_with("1 error; nothing was compared\n"), "{}", told(&output));
}

#[test]
fn a_secret_that_somebody_wrote_into_a_file_is_not_repeated() {
    let repository = committed();
    let path = "rendered/cache/kubernetes/redis/cache/configmap.yaml";
    let edited = fs::read_to_string(repository.path(path)).unwrap();
    let lines = "requirepass hunter2\n    masterauth  hunter2\n    sentinel auth-pass cache hunter2\n    user app on >hunter2 ~*\n    \
                 password: hunter2\n    url=http://me:hunter2@host/x\n";
    let edited = edited.replacen("appendonly yes\n", &format!("{lines}    appendonly yes\n"), 1);
    assert!(edited.contains("hunter2"), "the place to edit is there");
    repository.put(path, edited);
    for format in ["human", "unified", "json", "markdown"] {
        let output = repository.run(&["diff", "specs", "--format", format, "--runbook"]);
        assert!(!output.stdout.is_empty(), "{format}");
        assert!(!told(&output).contains("hunter2"), "{format}: {}", told(&output));
    }
    let unified = stdout(&repository.run(&["diff", "specs", "--format", "unified"]));
    assert_eq!(unified.matches("(hidden)").count(), 6, "{unified}");
}

#[test]
fn no_report_moves_a_cursor_or_breaks_out_of_markdown() {
    let repository = committed();
    let name = "rendered/\u{1b}[31m`a`|<b>@all\n# x";
    for file in ["redisforge.lock", "kubernetes/members.yaml"] {
        let from = format!("rendered/cache/{file}");
        repository.put(&format!("{name}/{file}"), fs::read(repository.path(&from)).unwrap());
    }
    repository.put(&format!("{name}/kubernetes/members.yaml"), "\u{1b}]0;title\u{7}\u{202e}x: 1\n");
    for format in ["human", "unified", "json", "markdown"] {
        let output = repository.run(&["diff", "specs", "--format", format]);
        let text = stdout(&output);
        assert!(text.contains("[31m"), "{format}: {text}");
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{format}: {text}");
        if format != "json" {
            assert!(!text.contains("\n# x"), "{format}: {text}");
        }
        if format == "markdown" {
            assert!(text.contains("``\\u{1b}[31m`a`|<b>@all\\n# x``"), "{text}");
        }
        let output = repository.run(&["diff", "specs", "--format", format, "--color", "always"]);
        let is_coloured = stdout(&output).contains('\u{1b}');
        assert_eq!(is_coloured, format == "human" || format == "unified", "{format}");
        assert!(!stdout(&output).contains("\u{1b}[31m`a`"), "{format}");
    }
}

/// The worst impact that a JSON report names for each topology, and the budget that a comment keeps.
#[test]
fn a_comment_never_exceeds_its_budget_and_never_loses_the_worst() {
    let repository = Repository::new();
    let names: Vec<String> = (0..12).map(|number| format!("set-{number}")).collect();
    for name in &names {
        repository.put(&format!("specs/{name}.yaml"), spec(name));
    }
    repository.commit("first");
    for (number, name) in names.iter().enumerate() {
        let fields = format!(
            "redis: {{memory: {}Mi, config: {{hz: {}}}}}, sentinel: {{downAfterMilliseconds: {}}}",
            2000 + number,
            20 + number,
            20000 + number
        );
        repository.put(&format!("specs/{name}.yaml"), with(name, &fields));
    }
    let report = json(&repository, &["specs", "--against", "git:main"]);
    let highest = report["highestImpact"].as_str().unwrap();
    let mut shortest = usize::MAX;
    for budget in [65_000_usize, 8_000, 2_000] {
        let number = budget.to_string();
        let arguments = ["diff", "specs", "--against", "git:main", "--format", "markdown"];
        let output = repository.run(&[&arguments[..], &["--max-bytes", &number]].concat());
        let text = stdout(&output);
        assert!(text.len() <= budget, "{} of {budget} bytes", text.len());
        assert!(text.len() <= shortest);
        shortest = text.len();
        let (head, rest) = text.split_once("\n\n").unwrap();
        assert!(head.contains(&format!("highest impact **{highest}**")), "{head}");
        let lines: Vec<&str> = rest.lines().filter(|line| line.starts_with("- **")).collect();
        assert!(lines[0].starts_with(&format!("- **{highest}**")), "{}", lines[0]);
        if budget == 2_000 {
            assert!(text.contains("Left out for length: "), "{text}");
        }
    }
}

#[test]
fn unified_diffs_are_those_that_patch_reads() {
    let repository = committed();
    repository.put("specs/cache.yaml", with("cache", "redis: {memory: 2Gi}"));
    let patch = stdout(&repository.run(&["diff", "specs", "--format", "unified"]));
    repository.put("change.patch", &patch);
    repository.git(&["apply", "-p1", "--directory", "rendered", "change.patch"]);
    let output = repository.run(&["diff", "specs", "--exit-code"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn every_word_of_impact_is_explained() {
    let repository = Repository::empty();
    for word in ["none", "live", "rolling", "failover", "recreate", "outage", "data-loss"] {
        let output = repository.run(&["explain", word]);
        assert!(output.status.success(), "{word}");
        let text = stdout(&output);
        assert!(text.starts_with(&format!("{word}: an impact of `redisforge diff`\n\n")), "{text}");
        assert!(text.contains(&format!("\n> {word}")), "{text}");
    }
    let output = repository.run(&["explain", "failovr"]);
    assert!(told(&output).contains("did you mean failover?"), "{}", told(&output));
}

#[test]
fn the_report_in_the_readme_is_real() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shown = readme.split("```console\n$ redisforge diff cache.yaml\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let change =
        readme.split("With `spec: ").nth(1).unwrap().split("` in the first spec").next().unwrap();
    let first = readme.split("# cache.yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let repository = Repository::empty();
    repository.put("cache.yaml", first);
    assert!(repository.run(&["render", "cache.yaml"]).status.success());
    assert!(first.contains("spec: {}\n"));
    repository.put("cache.yaml", first.replace("spec: {}", &format!("spec: {change}")));
    assert_eq!(stdout(&repository.run(&["diff", "cache.yaml"])), shown);
}
