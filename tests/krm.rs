//! `redisforge krm` as kustomize and kpt call it.

mod support;

use std::{io::Write as _, process::Stdio};

use serde_json::Value;
use support::bench::{Bench, Run, spec};

/// A Deployment as a person writes it.
const FOREIGN: &str = "apiVersion: apps/v1
kind: Deployment # theirs
metadata:
  name:   web
  annotations: {config.kubernetes.io/path: 'web.yaml'}
spec:
  template:
    spec:
      containers:
      - name: web
        args:
        - |
          a: 0755

          # no comment
        env: [{name: A, value: \"no\"}]
";

/// A ResourceList of objects, each indented as a list item.
fn list(items: &[&str], function: Option<&str>) -> String {
    let indented = |text: &str| text.trim_end().replace('\n', "\n  ").replace("\n  \n", "\n\n");
    let mut text = String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n");
    if let Some(function) = function {
        text += &format!("functionConfig:\n  {}\n", indented(function));
    }
    text += "items:\n";
    for item in items {
        text += &format!("- {}\n", indented(item));
    }
    text
}

fn krm(bench: &Bench, input: &str) -> Run {
    let mut child = bench
        .command(&["krm"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

fn parsed(run: &Run) -> Value {
    serde_yaml::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

/// Kinds and names of items.
fn names(list: &Value) -> Vec<String> {
    let name = |item: &Value| {
        format!("{} {}", item["kind"].as_str().unwrap(), item["metadata"]["name"].as_str().unwrap())
    };
    list["items"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn a_spec_becomes_its_objects_and_everything_else_keeps_its_text() {
    let bench = Bench::new();
    let topology = spec("cache", "");
    for (items, function, kept) in
        [(vec![FOREIGN], Some(topology.as_str()), 1), (vec![FOREIGN, &topology], None, 2)]
    {
        let run = krm(&bench, &list(&items, function)).must(0);
        assert!(
            run.stdout.contains(
                &list(&[FOREIGN], None)
                    ["apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n".len()..]
            ),
            "{}",
            run.stdout
        );
        let output = parsed(&run);
        let rendered = bench.run_with_spec(&topology);
        assert_eq!(names(&output)[kept..], names(&serde_json::json!({"items": rendered})));
        let statefulset =
            output["items"].as_array().unwrap().iter().rfind(|i| i["kind"] == "StatefulSet");
        assert_eq!(
            statefulset.unwrap()["metadata"]["annotations"]["redisforge.dev/owner"],
            "cache"
        );
        // Twice is once.
        let again = krm(&bench, &run.stdout).must(0);
        assert_eq!(again.stdout, run.stdout);
    }
}

#[test]
fn findings_are_results_and_an_error_renders_nothing() {
    let bench = Bench::new();
    let bad = spec("cache", ", sentinel: {instances: 3, quorum: 4}").replace(
        "{name: cache,",
        "{name: cache, annotations: {internal.config.kubernetes.io/path: redis/cache.yaml, internal.config.kubernetes.io/index: '2'},",
    );
    let run = krm(&bench, &list(&[FOREIGN, &bad], None)).must(1);
    let output = parsed(&run);
    assert_eq!(names(&output), ["Deployment web", "RedisTopology cache"]);
    let results = output["results"].as_array().unwrap();
    let result = results
        .iter()
        .find(|result| result["tags"]["rule"] == "quorum-above-sentinel-instances")
        .unwrap();
    assert_eq!(result["severity"], "error");
    assert_eq!(result["field"]["path"], "spec.sentinel.quorum");
    assert_eq!(result["file"]["path"], "redis/cache.yaml");
    assert_eq!(result["file"]["index"], 2);
    assert_eq!(result["resourceRef"]["name"], "cache");
    assert!(run.stderr.contains("redis/cache.yaml:4:"), "{}", run.stderr);
    let hosts = spec(
        "cache",
        ", platform: {type: Hosts, hosts: [{name: a, address: 10.0.0.1}, {name: b, address: 10.0.0.2}, {name: c, address: 10.0.0.3}]}",
    );
    let output = parsed(&krm(&bench, &list(&[&hosts], None)).must(1));
    assert!(output["results"].to_string().contains("runs on hosts"), "{output}");
    // A base would be a file, which a function may not read; without it the objects would be wrong.
    bench.put("base.yaml", spec("cache", ""));
    let based = spec("cache", ", basedOn: [{path: base.yaml}]");
    let output = parsed(&krm(&bench, &list(&[FOREIGN, &based], None)).must(1));
    assert_eq!(names(&output), ["Deployment web", "RedisTopology cache"]);
    let result = &output["results"][0];
    assert_eq!(result["tags"]["rule"], "base-unreadable", "{output}");
    assert!(result["message"].as_str().unwrap().contains("redisforge resolve"), "{output}");
    assert_eq!(krm(&bench, "apiVersion: v1\nkind: Pod\n").code, Some(2));
    assert_eq!(krm(&bench, "kind: [").code, Some(2));
}

#[test]
fn json_and_no_items_are_lists_too() {
    let bench = Bench::new();
    let topology: Value = serde_yaml::from_str(&spec("cache", "")).unwrap();
    let input = serde_json::json!({"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [topology]});
    for text in [input.to_string(), format!("{input:#}")] {
        let output = parsed(&krm(&bench, &text).must(0));
        assert_eq!(output["items"][0], topology);
        assert!(names(&output).contains(&"StatefulSet cache".to_string()));
    }
    let empty = krm(&bench, "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n");
    assert_eq!(parsed(&empty.must(0))["items"], serde_json::json!([]));
}

impl Bench {
    /// The objects that `render` prints for a spec.
    fn run_with_spec(&self, text: &str) -> Vec<Value> {
        self.put("spec.yaml", text);
        let run = self.run(&["render", "spec.yaml", "-o", "-"]).must(0);
        let documents = run.stdout.split("---\n").filter(|text| !text.trim().is_empty());
        documents.map(|text| serde_yaml::from_str(text).unwrap()).collect()
    }
}

/// README warns of it: the exit code alone does not tell that nothing was rendered.
#[test]
fn kubectl_runs_no_generator_and_says_so_only_without_plugins() {
    let readme = std::fs::read_to_string(support::root().join("README.md")).unwrap();
    let shown = readme.split("`redisforge.sh`:\n\n```yaml\n").nth(1).unwrap();
    let metadata = shown.split("```").next().unwrap();
    let bench = Bench::new();
    bench.put(
        "cache.yaml",
        format!("apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\n{metadata}spec: {{}}\n"),
    );
    bench.put("redisforge.sh", "#!/bin/sh\nexec redisforge krm\n");
    bench.put("kustomization.yaml", "generators: [cache.yaml]\n");
    let kubectl = |arguments: &[&str]| -> Run {
        bench.other("kubectl", &[&["kustomize", "."], arguments].concat()).output().unwrap().into()
    };
    let run = kubectl(&[]).must(1);
    assert!(run.stderr.contains("external plugins disabled"), "{}", run.stderr);
    assert_eq!(kubectl(&["--enable-alpha-plugins"]).must(0).stdout, "");
}

/// kubectl runs no functions, but it reads what one makes.
#[test]
fn kustomize_reads_what_is_made() {
    let bench = Bench::new();
    let output = parsed(&krm(&bench, &list(&[FOREIGN], Some(&spec("cache", "")))).must(0));
    let items = output["items"].as_array().unwrap();
    let documents = items.iter().map(|item| serde_yaml::to_string(item).unwrap());
    bench.put("made.yaml", documents.collect::<Vec<String>>().join("---\n"));
    bench.put("kustomization.yaml", "resources: [made.yaml]\nnamePrefix: eu-\n");
    let run: Run = bench.other("kubectl", &["kustomize", "."]).output().unwrap().into();
    let run = run.must(0);
    for name in ["eu-cache\n", "eu-cache-sentinel\n", "eu-web\n"] {
        assert!(run.stdout.contains(&format!("  name: {name}")), "{name}: {}", run.stdout);
    }
    assert_eq!(run.stdout.matches("\nkind: ").count(), items.len());
    assert!(!run.stdout.contains("config.kubernetes.io/path"), "places are for tools only");
}
