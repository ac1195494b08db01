//! Paths and their places.

use serde_json::json;

use super::Source;

fn shown<'a>(source: &'a Source, path: &str) -> &'a str {
    &source.text[source.locate(path)]
}

#[test]
fn a_path_is_shown_at_its_value_and_a_block_at_its_key() {
    let text = "ä: ö\nspec:\n  masters:\n  - {name: ünï, redis: {memory: 1Gi}}\n  - name: b\n";
    let (source, diagnostics) = Source::read("x", text.into());
    assert_eq!(diagnostics, []);
    assert_eq!(shown(&source, "ä"), "ö");
    assert_eq!(shown(&source, "spec.masters[0].name"), "ünï");
    assert_eq!(shown(&source, "spec.masters[0].redis.memory"), "1Gi");
    assert_eq!(shown(&source, "spec.masters[0].redis"), "redis");
    assert_eq!(shown(&source, "spec.masters[1]"), "name");
    assert_eq!(shown(&source, "spec.masters[1].redis.memory"), "name", "nearest written parent");
    assert_eq!(shown(&source, "spec.masters"), "masters");
    assert_eq!(source.position(source.locate("spec.masters[0].redis.memory").start), (4, 33));
}

#[test]
fn keys_with_dots_are_found() {
    let (source, _) = Source::read("x", "labels: {a: 1, a.b/c: 2}\n".into());
    assert_eq!(shown(&source, "labels.a.b/c"), "2");
}

#[test]
fn a_wide_mapping_is_read_like_a_narrow_one() {
    let keys: String = (0..40).map(|n| format!("k{n}: 0\nk{n}.x: {{y.z: 1, w: 2}}\n")).collect();
    let (mut source, _) = Source::read("x", keys);
    assert_eq!(shown(&source, "k7"), "0");
    assert_eq!(shown(&source, "k7.x.y.z"), "1");
    assert_eq!(shown(&source, "k7.x.q"), "k7.x");
    assert!(source.root.remove(&["k7", "k8.x.w", "k9.x", "k9.x.w"]));
    assert_eq!(shown(&source, "k8.x.y.z"), "1");
    assert_eq!(shown(&source, "k8.x.w"), "k8.x");
    assert!(source.root.get("k7").is_none() && source.root.get("k9.x").is_none());
    assert!(source.root.get("k7.x").is_some() && source.root.get("k39").is_some());
}

fn source(name: &str, text: &str) -> Source {
    let (source, diagnostics) = Source::read(name, text.into());
    assert_eq!(diagnostics, []);
    source
}

#[test]
fn maps_merge_keyed_lists_merge_by_name_other_lists_replace_and_null_deletes() {
    let base = source(
        "base.yaml",
        "spec:\n  redis: {memory: 1Gi, config: {hz: 10, maxclients: 5}}\n  masters:\n  - {name: a, redis: {port: 1}}\n  - {name: b}\n  placement: {tolerations: [{key: x}]}\n  tls: {mode: Disabled}\n",
    );
    let own = source(
        "own.yaml",
        "spec:\n  redis: {config: {hz: null, timeout: 3}}\n  masters: [{name: a, redis: {memory: 2Gi}}, {name: b, $patch: delete}, {name: c}]\n  placement: {tolerations: []}\n  tls: null",
    );
    let merged = own.over(vec![(0, base)]);
    assert_eq!(
        merged.root.to_json(),
        json!({"spec": {
            "redis": {"memory": "1Gi", "config": {"maxclients": 5, "timeout": 3}},
            "masters": [{"name": "a", "redis": {"port": 1, "memory": "2Gi"}}, {"name": "c"}],
            "placement": {"tolerations": []},
        }})
    );
    let place = |path: &str| {
        let span = merged.locate(path);
        (merged.file(span.start).to_string(), merged.position(span.start))
    };
    assert_eq!(place("spec.redis.memory"), ("base.yaml".into(), (2, 19)));
    assert_eq!(place("spec.redis.config.timeout"), ("own.yaml".into(), (2, 39)));
    assert_eq!(place("spec.masters[0].redis.port"), ("base.yaml".into(), (4, 29)));
}

#[test]
fn later_bases_win_over_earlier_ones_and_the_file_over_all() {
    let first = source("first", "spec: {a: 1, b: 1, c: 1}\n");
    let second = source("second", "spec: {b: 2, c: 2}\n");
    let merged = source("own", "spec: {c: 3}\n").over(vec![(0, first), (1, second)]);
    assert_eq!(merged.root.to_json(), json!({"spec": {"a": 1, "b": 2, "c": 3}}));
}
