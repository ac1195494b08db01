//! Figures of the dashboard that are judged differently for each master.

mod support;

use std::{fmt::Write, fs, process::Command};

use redisforge::families::monitoring;
use serde_json::Value;
use support::topology;
use tempfile::TempDir;

/// Masters that need two replicas to write, one, and none.
const SPEC: &str = "
apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: shop}
spec:
  masters:
    - {name: carts, redis: {replicasPerMaster: 3, minReplicas: {toWrite: 2}}}
    - {name: orders, redis: {replicasPerMaster: 2}}
    - {name: pages, redis: {replicasPerMaster: 1, persistence: {type: None, cacheOnly: true}}}
  tls: {mode: Disabled}
";

type Good = [Option<u32>; 3];

/// Good replicas of each master, none where nobody is master, and whether it takes writes then.
const CASES: &[(&str, Good, [u32; 3])] = &[
    ("all is well", [Some(3), Some(2), Some(1)], [1, 1, 1]),
    ("each has what it needs and no more", [Some(2), Some(1), Some(0)], [1, 1, 1]),
    (
        "one has less than it needs, and more than the others do",
        [Some(1), Some(2), Some(1)],
        [0, 1, 1],
    ),
    ("the others have none", [Some(2), Some(0), Some(0)], [1, 0, 1]),
    ("one has no master", [Some(2), None, Some(1)], [1, 0, 1]),
];

#[test]
fn writes_are_said_to_be_accepted_by_what_each_master_needs() {
    let topology = topology(SPEC);
    let needed: Vec<u32> =
        topology.masters.iter().map(|master| master.min_replicas_to_write).collect();
    assert_eq!(needed, [2, 1, 0]);
    let model = monitoring::dashboard_for_import(&topology).unwrap();
    let model: Value = serde_json::from_str(&model).unwrap();
    let panels = model["panels"].as_array().unwrap();
    let panel = panels.iter().find(|panel| panel["title"] == "Writes accepted").unwrap();
    let [target] = &panel["targets"].as_array().unwrap()[..] else { panic!("{panel}") };
    let words = &panel["fieldConfig"]["defaults"]["mappings"][0]["options"];
    assert_eq!((&words["0"]["text"], &words["1"]["text"]), (&"no".into(), &"yes".into()));

    let mut tests = String::from("evaluation_interval: 1m\ntests:\n");
    for (name, good, accepted) in CASES {
        let _ = writeln!(tests, "  - name: {name}\n    interval: 1m\n    input_series:");
        let mut samples = String::new();
        for ((master, good), accepted) in topology.masters.iter().zip(good).zip(accepted) {
            let master = &master.name;
            for node in 0..2 {
                let labels = format!(r#"{{topology="shop",master="{master}",instance="{node}"}}"#);
                let mut series = |name: &str, value: u32| {
                    let _ =
                        writeln!(tests, "      - {{series: '{name}{labels}', values: '{value}'}}");
                };
                let is_master = node == 0 && good.is_some();
                series("redisforge:redis_is_master:bool", is_master.into());
                if let Some(good) = good.filter(|_| is_master) {
                    series("redisforge:redis_good_replicas:count", good);
                }
            }
            let _ = writeln!(
                samples,
                "          - {{labels: '{{master=\"{master}\"}}', value: {accepted}}}"
            );
        }
        let expression = target["expr"].as_str().unwrap();
        let _ = write!(
            tests,
            "    promql_expr_test:\n      - expr: {}\n        eval_time: 0m\n        exp_samples:\n{samples}",
            serde_json::to_string(expression).unwrap()
        );
    }
    let scratch = TempDir::new().unwrap();
    let file = scratch.path().join("tests.yaml");
    fs::write(&file, &tests).unwrap();
    let output = Command::new("promtool").args(["test", "rules"]).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{tests}");
}
