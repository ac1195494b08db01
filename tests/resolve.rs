//! What `redisforge resolve` prints is a spec that renders the same, and says where each value comes from.

mod support;

use std::fs;

use redisforge::{
    catalog,
    diagnostic::Severity,
    load::{self, Loaded},
    resolve::resolve,
    source::Source,
    templates::Templates,
};
use support::{examples, load_text, name_of};

const BASE: &str = "apiVersion: redisforge.dev/v1alpha1
kind: RedisTopologyBase
metadata: {namespace: web}
spec:
  tls: {mode: Disabled}
  redis: {memory: 4Gi, config: {maxclients: 500}}
  masters: [{name: a, redis: {port: 7000}}, {name: b}]
";
const OWN: &str = "apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: shop}
spec:
  basedOn: [{path: base.yaml}]
  redis: {config: {timeout: 300}}
  masters: [{name: b, redis: {memory: 8Gi}}]
";

fn based() -> Loaded {
    let read = |name: &str, text: &str| Source::read(name, text.into()).0;
    let own = read("own.yaml", OWN).over(vec![(0, read("base.yaml", BASE))]);
    load::load(vec![(own, Vec::new())]).remove(0)
}

fn loaded() -> Vec<(String, Loaded)> {
    let example =
        |path: &std::path::PathBuf| (name_of(path), load_text(&fs::read_to_string(path).unwrap()));
    let mut all: Vec<(String, Loaded)> = examples().iter().map(example).collect();
    all.push(("based".into(), based()));
    all
}

#[test]
fn what_is_resolved_renders_the_same_without_a_new_finding() {
    let templates = Templates::parse();
    for (name, mut original) in loaded() {
        let plain = resolve(&original, false).unwrap();
        let origins = resolve(&original, true).unwrap();
        let expected = catalog::plan(&original.spec.take().unwrap().into(), &templates);
        for text in [&plain, &origins] {
            let mut again = load_text(text);
            let ids = |loaded: &Loaded| {
                loaded
                    .diagnostics
                    .iter()
                    .map(|found| (found.id, found.path.clone()))
                    .collect::<Vec<_>>()
            };
            let errors = again.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            assert_eq!(errors.count(), 0, "{name}: {:?}", ids(&again));
            let new = ids(&again)
                .into_iter()
                .filter(|(id, _)| ids(&original).iter().all(|(known, _)| known != id));
            assert_eq!(new.collect::<Vec<_>>(), [], "{name}");
            assert_eq!(
                resolve(&again, false).unwrap(),
                plain,
                "{name}: nothing is left to resolve"
            );
            let rendered = catalog::plan(&again.spec.take().unwrap().into(), &templates);
            assert!(rendered == expected, "{name} renders other files from\n{text}");
        }
    }
}

#[test]
fn every_value_has_an_origin_and_stands_where_it_says() {
    let mut written = 0;
    for example in examples() {
        let text = fs::read_to_string(&example).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let resolved = resolve(&load_text(&text), true).unwrap();
        for line in resolved.lines().filter(|line| !line.trim_end().ends_with(':')) {
            let (value, origin) = line.rsplit_once("  # ").unwrap_or_else(|| panic!("{line}"));
            if origin.starts_with("default") {
                continue;
            }
            let value = value.trim().trim_start_matches("- ");
            let value =
                value.split_once(": ").map_or(value, |(_, value)| value).trim().trim_matches('"');
            let place = origin.strip_prefix("spec.yaml:").unwrap_or_else(|| panic!("{line}"));
            let (row, column) = place.split_once(':').unwrap();
            let (row, column): (usize, usize) = (row.parse().unwrap(), column.parse().unwrap());
            let rest: String = lines[row - 1].chars().skip(column - 1).collect();
            let rest = rest.trim_start_matches(['"', '\'']);
            assert!(rest.starts_with(value), "{}: {line} is {rest}", name_of(&example));
            written += 1;
        }
    }
    assert!(written > 200, "{written}");
}

#[test]
fn the_origin_is_the_file_that_wins_or_a_default_with_its_reason() {
    let resolved = resolve(&based(), true).unwrap();
    let lines: Vec<&str> = resolved.lines().collect();
    let has = |value: &str, origin: &str| {
        let is = |line: &&&str| {
            line.trim().trim_start_matches("- ").starts_with(value)
                && line.ends_with(&format!("# {origin}"))
        };
        assert!(lines.iter().any(|line| is(&line)), "{value} {origin} in\n{resolved}");
    };
    has("name: shop", "own.yaml:3:18");
    has("namespace: web", "base.yaml:3:23");
    has("memory: 4Gi", "base.yaml:6:19");
    has("memory: 8Gi", "own.yaml:7:39");
    has("port: 7000", "base.yaml:7:37");
    has("maxclients: 500", "base.yaml:6:45");
    has("timeout: 300", "own.yaml:6:29");
    has("port: 6379", "default");
    has("instances: 3", "default: 3; on hosts it follows from the hosts");
    has("quorum: 2", "default, and the only right value: instances / 2 + 1");
    has("replicasPerMaster: 2", "default: 2; on hosts it follows from the hosts");
    has("toWrite: 1", "default: 1 with 2 or more replicas, else 0");
    assert!(!resolved.contains("basedOn"), "{resolved}");
}
