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
    let mut say = |field: &str, message: String, help: &str| {
        findings.push(Finding::at(format!("{at}.{field}"), message).help(help));
    };
    let operator = toleration.operator.as_deref().unwrap_or("Equal");
    let key = toleration.key.as_deref().unwrap_or_default();
    let value = toleration.value.as_deref().unwrap_or_default();
    match operator {
        "Equal" if key.is_empty() => {
            say(
                "key",
                "`Equal` needs the key of a taint".into(),
                "write `key: KEY`, or `operator: Exists` for every taint",
            );
        }
        "Exists" if !value.is_empty() => {
            say("value", "`Exists` takes no value".into(), "remove it, or write `operator: Equal`");
        }
        "Equal" | "Exists" => {}
        _ => say("operator", format!("there is no operator `{operator}`"), "write `Equal` or `Exists`"),
    }
    if !key.is_empty() && !names::is_label_key(key) {
        say(
            "key",
            format!("`{}` is not the key of a taint", key.escape_debug()),
            "write it as the machine's taint does",
        );
    }
    if !names::is_label_value(value) {
        say(
            "value",
            format!("`{}` is not the value of a taint", value.escape_debug()),
            "write it as the machine's taint does",
        );
    }
    let effect = toleration.effect.as_deref().unwrap_or_default();
    if !effect.is_empty() && !EFFECTS.contains(&effect) {
        say(
            "effect",
            format!("there is no effect `{effect}`"),
            "write `NoSchedule`, `PreferNoSchedule` or `NoExecute`",
        );
    }
    if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
        say(
            "tolerationSeconds",
            "only `NoExecute` is tolerated for a time".into(),
            "write `effect: NoExecute` beside it",
        );
    }
}
