//! The Kubernetes objects, before everyone who reads them: two YAML parsers, the API's own types and schemas, kustomize, and
//! the rules of a cluster that no schema knows.

mod support;

#[path = "kubernetes/cluster.rs"]
mod cluster;
#[path = "kubernetes/pods.rs"]
mod pods;
#[path = "kubernetes/typed.rs"]
mod typed;
#[path = "kubernetes/values.rs"]
mod values;

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use cluster::Cluster;
use redisforge::{catalog::Artifact, topology::Topology};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{examples, render, root, topology};
use tempfile::TempDir;

/// A spec for Kubernetes with what it renders.
struct Deployment {
    name: String,
    topology: Topology,
    artifacts: Vec<Artifact>,
}

impl Deployment {
    /// Objects by path, as the YAML parser for Rust reads them.
    fn objects(&self) -> BTreeMap<String, Value> {
        let objects = self.artifacts.iter().filter(|artifact| is_object(&artifact.path));
        objects.map(|artifact| (artifact.path.clone(), read(&artifact.content))).collect()
    }

    /// A directory with everything that was rendered.
    fn on_disk(&self) -> TempDir {
        let directory = TempDir::new().unwrap();
        support::write(&self.artifacts, directory.path());
        directory
    }
}

fn is_object(path: &str) -> bool {
    path.starts_with("kubernetes/") && path != "kubernetes/kustomization.yaml"
}

fn read(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}:\n{yaml}"))
}

/// All examples, and the specs of this test, which look for trouble.
fn deployments() -> Vec<Deployment> {
    let own = fs::read_dir(root().join("tests/kubernetes/specs")).unwrap();
    let own = own.map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = examples().into_iter().chain(own).collect();
    paths.sort();
    let deployment = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let name = support::name_of(path);
        Deployment { name, topology: topology(&text), artifacts: render(&text) }
    };
    let all = paths.iter().map(deployment);
    let deployments: Vec<Deployment> =
        all.filter(|deployment| deployment.topology.on_kubernetes()).collect();
    assert!(deployments.len() >= 6, "the specs are there");
    deployments
}

/// Output of a program that must succeed.
fn output(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} must be installed: {error}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_field_is_lost_or_unknown_to_the_types_of_the_api() {
    for deployment in deployments() {
        for (path, object) in deployment.objects() {
            if let Some(again) = typed::round_trip(&object) {
                assert_eq!(again, object, "{} {path}", deployment.name);
            }
        }
    }
}

#[test]
fn every_object_fits_old_and_new_clusters_and_both_yaml_versions_read_it_alike() {
    let judge = root().join("tests/kubernetes/judge.py");
    for deployment in deployments() {
        let objects = deployment.artifacts.iter().filter(|artifact| is_object(&artifact.path));
        let files: Vec<Value> = objects
            .map(|Artifact { path, content, .. }| {
                json!({"path": path, "text": content, "read": read(content)})
            })
            .collect();
        let judged = output("python3", &[judge.to_str().unwrap()], &json!(files).to_string());
        assert_eq!(judged.trim(), format!("{} objects", files.len()), "{}", deployment.name);
    }
}

#[test]
fn kustomize_builds_exactly_the_objects_that_were_rendered() {
    for deployment in deployments() {
        let directory = deployment.on_disk();
        let folder = directory.path().join("kubernetes");
        let built = output("kubectl", &["kustomize", folder.to_str().unwrap()], "");
        let documents = serde_yaml::Deserializer::from_str(&built);
        let mut built: Vec<Value> =
            documents.map(|document| Value::deserialize(document).unwrap()).collect();
        let mut rendered: Vec<Value> = deployment.objects().into_values().collect();
        let identity =
            |object: &Value| format!("{} {}", object["kind"], object["metadata"]["name"]);
        built.sort_by_key(identity);
        rendered.sort_by_key(identity);
        assert_eq!(built, rendered, "{}", deployment.name);
    }
}

#[test]
fn a_cluster_would_run_it() {
    for deployment in deployments() {
        let objects = deployment.objects().into_values().collect();
        let faults = Cluster::new(objects, &deployment.topology).faults();
        assert_eq!(faults, Vec::<String>::new(), "{}", deployment.name);
    }
}

#[test]
fn pods_roll_when_a_file_of_theirs_changes_and_not_before() {
    let templates = |spec: &str| {
        let artifacts = render(&format!(
            "{{apiVersion: redisforge.dev/v1alpha1, kind: RedisTopology, metadata: {{name: cache}}, spec: {spec}}}"
        ));
        ["redis/cache", "sentinel"].map(|folder| {
            let path = format!("kubernetes/{folder}/statefulset.yaml");
            let set = artifacts.iter().find(|artifact| artifact.path == path).unwrap();
            read(&set.content)["spec"]["template"].clone()
        })
    };
    let [data, sentinel] = templates("{}");
    let changed = |spec: &str| {
        let [new_data, new_sentinel] = templates(spec);
        [new_data != data, new_sentinel != sentinel]
    };
    assert_eq!(changed("{redis: {config: {maxclients: 500}}}"), [true, false]);
    assert_eq!(changed("{sentinel: {downAfterMilliseconds: 15000}}"), [false, true]);
    assert_eq!(changed("{redis: {replicasPerMaster: 4}}"), [false, false]);
    assert_eq!(changed("{network: {readService: false}}"), [false, false]);
    assert_eq!(changed("{monitoring: {scrape: {type: ServiceMonitor}}}"), [false, false]);
}

#[test]
fn the_checksum_of_a_pod_is_what_sha256sum_says_of_its_files() {
    for deployment in deployments() {
        let objects = deployment.objects();
        let configs = objects.iter().filter(|(path, _)| path.ends_with("/configmap.yaml"));
        for (path, config) in configs {
            let directory = TempDir::new().unwrap();
            let files = config["data"].as_object().unwrap();
            for (name, content) in files {
                fs::write(directory.path().join(name), content.as_str().unwrap()).unwrap();
            }
            let names: Vec<&str> = files.keys().map(String::as_str).collect();
            let list =
                format!("cd '{}' && sha256sum {}", directory.path().display(), names.join(" "));
            let whole = output("sha256sum", &[], &output("sh", &["-c", &list], ""));
            let pods = &objects[&path.replace("/configmap.yaml", "/statefulset.yaml")];
            let annotations = &pods["spec"]["template"]["metadata"]["annotations"];
            assert_eq!(
                annotations["redisforge.dev/config-checksum"],
                whole.trim_end_matches("  -\n"),
                "{} {path}",
                deployment.name
            );
        }
    }
}
