use std::iter;

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "reserved-label",
    severity: Severity::Error,
    allowable: false,
    why: "Selectors of StatefulSets, Services and policies are made of these labels and cannot change later; another \
          value would lose the pods.",
    bad: "
metadata: { name: cache, labels: { app.kubernetes.io/name: cache } }
spec: {}
",
    good: "
metadata: { name: cache, labels: { app.kubernetes.io/part-of: shop } }
spec: {}
",
    check: Check::Spec(check),
};

const OWN: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/managed-by",
    "redisforge.dev/master",
];

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let metadata = ("metadata.labels".to_string(), &spec.metadata.labels);
    let masters = spec.spec.masters.iter().enumerate();
    let pods = masters.map(|(index, master)| {
        (format!("spec.masters[{index}].redis.podLabels"), &master.redis.pod_labels)
    });
    for (at, labels) in iter::once(metadata).chain(pods) {
        for key in labels.keys().filter(|key| OWN.contains(&key.as_str())) {
            findings.push(
                Finding::at(format!("{at}.{key}"), format!("redisforge gives `{key}` its value"))
                    .help("remove it; `app.kubernetes.io/part-of` and labels of your own domain are free"),
            );
        }
    }
}
