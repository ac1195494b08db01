//! What a change does to running Redis is what it does.

mod support;

#[path = "impact/catalogue.rs"]
mod catalogue;
#[path = "impact/reasons.rs"]
mod reasons;
#[path = "impact/runbooks.rs"]
mod runbooks;
#[path = "impact/servers.rs"]
mod servers;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use catalogue::{CASES, Case};
use redisforge::{
    catalog,
    diagnostic::Severity,
    impact::{self, Effect, FileChange, Impact},
    templates::Templates,
    topology::Topology,
};
use support::{load_text, root};

fn example(name: &str) -> String {
    fs::read_to_string(root().join(format!("examples/{name}.yaml"))).unwrap()
}

/// The topology of a text; what is wrong with it otherwise.
fn topology(text: &str) -> Result<Topology, String> {
    let mut loaded = load_text(text);
    let errors: Vec<String> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| format!("{}: {}", found.id, found.message))
        .collect();
    if errors.is_empty() { Ok(loaded.spec.take().unwrap().into()) } else { Err(errors.join("; ")) }
}

fn files(topology: &Topology) -> BTreeMap<String, String> {
    static TEMPLATES: LazyLock<Templates> = LazyLock::new(Templates::parse);
    let artifacts = catalog::plan(topology, &TEMPLATES);
    artifacts.into_iter().map(|artifact| (artifact.path, artifact.content)).collect()
}

fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<FileChange> {
    let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    let change = |path: &String| FileChange {
        path: path.clone(),
        before: before.get(path).cloned(),
        after: after.get(path).cloned(),
    };
    paths.map(change).collect()
}

fn edited(text: &str, edits: &[(&str, &str)]) -> Result<String, String> {
    edits.iter().try_fold(text.to_string(), |text, (from, to)| {
        if text.contains(from) { Ok(text.replace(from, to)) } else { Err(format!("no `{from}`")) }
    })
}

fn effects_of(
    text: &str,
    before: &[(&str, &str)],
    after: &[(&str, &str)],
) -> Result<Vec<Effect>, String> {
    let old = topology(&edited(text, before)?)?;
    let new = topology(&edited(text, after)?)?;
    Ok(impact::effects(&changes(&files(&old), &files(&new)), Some(&new)))
}

/// A change of the catalogue, with both of its sides.
struct Change {
    old: Topology,
    new: Topology,
    paths: BTreeSet<String>,
    texts: String,
    effects: Vec<Effect>,
}

impl Change {
    fn of(case: &Case) -> Result<Self, String> {
        let side = |edits| topology(&edited(&example(case.example), edits)?);
        let (old, new) = (side(case.before)?, side(case.after)?);
        let (before, after) = (files(&old), files(&new));
        let effects = impact::effects(&changes(&before, &after), Some(&new));
        let paths = before.keys().chain(after.keys()).cloned().collect();
        let texts = before.into_values().chain(after.into_values()).collect();
        Ok(Self { old, new, paths, texts, effects })
    }
}

/// Each change of the catalogue, in its order; what is wrong with a side otherwise.
static CHANGES: LazyLock<Vec<Result<Change, String>>> =
    LazyLock::new(|| CASES.iter().map(Change::of).collect());

/// The worst effects, for a failure's message.
fn told(effects: &[Effect]) -> String {
    let line = |effect: &Effect| {
        format!(
            "  {:?} {:?} {} {}: {}\n",
            effect.impact, effect.scope, effect.file, effect.place, effect.reason
        )
    };
    effects.iter().take(8).map(line).collect()
}

#[test]
fn every_change_of_the_catalogue_has_its_impact() {
    assert!(CASES.len() >= 60);
    let mut wrong = String::new();
    for (case, change) in CASES.iter().zip(CHANGES.iter()) {
        let name = format!("{} {:?} → {:?}", case.example, case.before, case.after);
        let effects = match change {
            Ok(change) => &change.effects,
            Err(error) => {
                wrong += &format!("{name}: {error}\n");
                continue;
            }
        };
        let worst = effects.first().map(|effect| effect.impact);
        let is_seen = effects.iter().any(|effect| {
            effect.impact == case.impact
                && effect.scope == case.scope
                && effect.file.contains(case.at.0)
                && effect.place.contains(case.at.1)
        });
        if worst != Some(case.impact) || !is_seen {
            wrong += &format!(
                "{name}: not {:?} {:?} {:?}\n{}",
                case.impact,
                case.scope,
                case.at,
                told(effects)
            );
        }
        for effect in effects {
            if effect.runbook.is_empty() == (effect.impact >= Impact::Recreate) {
                wrong += &format!("{name}: runbook of {}\n", told(std::slice::from_ref(effect)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_order_of_keys_comments_and_quotes_change_nothing() {
    for name in ["production-kubernetes", "hosts", "cache"] {
        let files = files(&topology(&example(name)).unwrap());
        let others: BTreeMap<String, String> = files
            .iter()
            .map(|(path, text)| {
                let text = if path.ends_with("configmap.yaml")
                    || path.rsplit('.').next() != Some("yaml")
                {
                    // A text inside a ConfigMap has its own checksum.
                    format!("# another comment\n{text}").replacen("# another comment\n{", "{", 1)
                } else {
                    let value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
                    let json: serde_json::Value = serde_json::to_value(value).unwrap();
                    let sorted: BTreeMap<String, serde_json::Value> =
                        json.as_object().unwrap().clone().into_iter().rev().collect();
                    serde_json::to_string(&sorted).unwrap()
                };
                (path.clone(), text)
            })
            .filter(|(path, _)| !path.starts_with("operations/") && !path.starts_with("scripts/"))
            .collect();
        let files = files.into_iter().filter(|(path, _)| others.contains_key(path)).collect();
        let effects = impact::effects(&changes(&files, &others), None);
        assert!(effects.is_empty(), "{}", told(&effects));
    }
}

#[test]
fn a_new_topology_is_live_and_one_that_is_gone_loses_its_data() {
    for name in ["edge", "valkey"] {
        let topology = topology(&example(name)).unwrap();
        let (nothing, all) = (BTreeMap::new(), files(&topology));
        let new = impact::effects(&changes(&nothing, &all), Some(&topology));
        assert_eq!(new.iter().map(|effect| effect.impact).collect::<Vec<_>>(), [Impact::Live]);
        let gone = impact::effects(&changes(&all, &nothing), None);
        assert_eq!(gone.iter().map(|effect| effect.impact).collect::<Vec<_>>(), [Impact::DataLoss]);
        assert_eq!(gone[0].before.as_deref(), Some(topology.name.as_str()));
    }
}

#[test]
fn what_is_not_known_is_never_none() {
    let file = |path: &str, before: &str, after: &str| FileChange {
        path: path.into(),
        before: Some(before.into()),
        after: Some(after.into()),
    };
    let object = "apiVersion: x/v1\nkind: Novelty\nmetadata: {name: a}\nspec: {field: ";
    for change in [
        file("strange", "a", "b"),
        file("hosts/a/etc/strange", "a", "b"),
        file("kubernetes/strange.yaml", &format!("{object}1}}"), &format!("{object}2}}")),
        file("kubernetes/broken.yaml", "a: [", "a: 1"),
        file(
            "kubernetes/kustomization.yaml",
            "kind: Kustomization",
            "kind: Kustomization\nnamePrefix: a",
        ),
    ] {
        let effects = impact::effects(std::slice::from_ref(&change), None);
        assert_eq!(effects[0].impact, Impact::Outage, "{change:?}");
    }
}

/// `ValidateStatefulSetUpdate` in `pkg/apis/apps/validation/validation.go` of kubernetes/kubernetes names these fields when it
/// refuses any other one. 1.31.4: issue 130263 there; the list with `revisionHistoryLimit`: measured on 1.35. For the versions in
/// between no list was found, so none of them counts as allowing it.
#[test]
fn the_fields_of_a_statefulset_that_may_change_are_those_of_the_api_server() {
    let old = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    let all = [
        "podManagementPolicy",
        "revisionHistoryLimit",
        "selector",
        "serviceName",
        "volumeClaimTemplates",
    ];
    let newest = (35..40).map(|minor| (minor, &["revisionHistoryLimit"][..]));
    for (minor, added) in (28..35).map(|minor| (minor, &[][..])).chain(newest) {
        for field in old.iter().chain(&all) {
            let expected = old.contains(field) || added.contains(field);
            assert_eq!(impact::is_mutable(field, minor), expected, "{field} in 1.{minor}");
        }
    }
    assert_eq!(impact::MUTABLE.len(), old.len() + 1);
}

#[test]
fn what_the_api_server_would_refuse_needs_a_statefulset_made_anew() {
    let spec = topology(&example("edge")).unwrap();
    let path = "kubernetes/redis/till/statefulset.yaml";
    let text = files(&spec)[path].clone();
    let impact_of = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let after = text.replace(from, to);
        let change =
            FileChange { path: path.into(), before: Some(text.clone()), after: Some(after) };
        impact::effects(&[change], Some(&spec)).remove(0)
    };
    for (from, to, impact) in [
        ("podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady", Impact::Recreate),
        ("revisionHistoryLimit: 10", "revisionHistoryLimit: 5", Impact::Recreate),
        ("minReadySeconds: 15", "minReadySeconds: 20", Impact::Live),
        ("type: RollingUpdate", "type: OnDelete", Impact::Live),
        ("whenScaled: Retain", "whenScaled: Delete", Impact::Live),
        ("serviceName: till", "serviceName: other", Impact::Outage),
    ] {
        let effect = impact_of(from, to);
        assert_eq!(effect.impact, impact, "{from} → {to}: {effect:?}");
    }
    let larger = impact_of("storage: 2Gi", "storage: 4Gi").runbook.join("\n");
    for line in [
        "kubectl -n shop-floor patch pvc data-till-0 --type merge",
        "kubectl -n shop-floor patch pvc data-till-1 --type merge",
        "kubectl -n shop-floor delete statefulset till --cascade=orphan",
    ] {
        assert!(larger.contains(line), "{line} in {larger}");
    }
}

#[test]
fn a_checksum_is_told_only_where_nothing_else_explains_it() {
    let effects = effects_of(&example("edge"), &[], &[("memory: 64Mi", "memory: 128Mi")]).unwrap();
    assert!(effects.iter().all(|effect| !effect.place.contains("checksum")), "{}", told(&effects));
    let path = "kubernetes/redis/till/statefulset.yaml";
    let spec = topology(&example("edge")).unwrap();
    let before = files(&spec)[path].clone();
    let at = before.find("config-checksum: ").unwrap() + "config-checksum: ".len();
    let after = format!("{}0000{}", &before[..at], &before[at + 4..]);
    let change = FileChange { path: path.into(), before: Some(before), after: Some(after) };
    assert_eq!(impact::effects(&[change], Some(&spec))[0].impact, Impact::Failover);
}
