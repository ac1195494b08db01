use crate::{
    diagnostic::{Finding, Severity},
    kubernetes_names as names,
    rules::{Check, Rule},
    spec::{Spec, Toleration},
};

pub const RULE: Rule = Rule {
    id: "invalid-toleration",
    severity: Severity::Error,
    allowable: false,
    why: "A Kubernetes API server refuses the pod.",
    bad: "
metadata: { name: cache }
spec:
  placement: { tolerations: [{ operator: Equal, value: redis }] }
",
    good: "
metadata: { name: cache }
spec:
  placement: { tolerations: [{ key: workload, operator: Equal, value: redis }] }
",
    check: Check::Spec(check),
};

const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, toleration) in spec.spec.placement.tolerations.iter().enumerate() {
        judge(&format!("spec.placement.tolerations[{index}]"), toleration, findings);
    }
}

fn judge(at: &str, toleration: &Toleration, findings: &mut Vec<Finding>) {
    let effect = toleration.effect.as_deref().unwrap_or_default();
    let mut problems = taint(toleration);
    if !effect.is_empty() && !EFFECTS.contains(&effect) {
        let help = "write `NoSchedule`, `PreferNoSchedule` or `NoExecute`";
        problems.push(("effect", format!("there is no effect `{effect}`"), help));
    }
    if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
        let message = "only `NoExecute` is tolerated for a time";
        problems.push(("tolerationSeconds", message.into(), "write `effect: NoExecute` beside it"));
    }
    for (field, message, help) in problems {
        findings.push(Finding::at(format!("{at}.{field}"), message).help(help));
    }
}

/// What is wrong with key, operator and value: field, message and help.
fn taint(toleration: &Toleration) -> Vec<(&'static str, String, &'static str)> {
    let operator = toleration.operator.as_deref().unwrap_or("Equal");
    let key = toleration.key.as_deref().unwrap_or_default();
    let value = toleration.value.as_deref().unwrap_or_default();
    let mut problems = Vec::new();
    match operator {
        "Equal" if key.is_empty() => {
            let help = "write `key: KEY`, or `operator: Exists` for every taint";
            problems.push(("key", "`Equal` needs the key of a taint".into(), help));
        }
        "Exists" if !value.is_empty() => {
            problems.push((
                "value",
                "`Exists` takes no value".into(),
                "remove it, or write `operator: Equal`",
            ));
        }
        "Equal" | "Exists" => {}
        _ => problems.push((
            "operator",
            format!("there is no operator `{operator}`"),
            "write `Equal` or `Exists`",
        )),
    }
    let as_there = "write it as the taint of the machine does";
    if !key.is_empty() && !names::is_label_key(key) {
        problems.push((
            "key",
            format!("`{}` is not the key of a taint", key.escape_debug()),
            as_there,
        ));
    }
    if !names::is_label_value(value) {
        problems.push((
            "value",
            format!("`{}` is not the value of a taint", value.escape_debug()),
            as_there,
        ));
    }
    problems
}
