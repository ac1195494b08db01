use std::collections::BTreeMap;

use crate::{
    diagnostic::{Finding, Severity},
    kubernetes_names as names,
    rules::{Check, Rule},
    spec::{LabelSelector, Spec},
};

pub const RULE: Rule = Rule {
    id: "invalid-label",
    severity: Severity::Error,
    allowable: false,
    why: "A Kubernetes API server refuses the object.",
    bad: "
metadata: { name: cache, labels: { team: Check Out } }
spec: {}
",
    good: "
metadata: { name: cache, labels: { team: check-out } }
spec: {}
",
    check: Check::Spec(check),
};

type Map = BTreeMap<String, String>;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let body = &spec.spec;
    labels("metadata.labels", &spec.metadata.labels, findings);
    keys("metadata.annotations", &spec.metadata.annotations, findings);
    for (index, master) in body.masters.iter().enumerate() {
        labels(
            &format!("spec.masters[{index}].redis.podLabels"),
            &master.redis.pod_labels,
            findings,
        );
        keys(
            &format!("spec.masters[{index}].redis.podAnnotations"),
            &master.redis.pod_annotations,
            findings,
        );
    }
    labels("spec.placement.nodeSelector", &body.placement.node_selector, findings);
    labels("spec.monitoring.scrape.labels", &body.monitoring.scrape.labels, findings);
    labels("spec.monitoring.alerts.labels", &body.monitoring.alerts.labels, findings);
    labels("spec.monitoring.dashboard.labels", &body.monitoring.dashboard.labels(), findings);
    for (index, peer) in body.network.policy.allow_from.iter().enumerate() {
        let at = format!("spec.network.policy.allowFrom[{index}]");
        selector(&format!("{at}.namespaceSelector"), peer.namespace_selector.as_ref(), findings);
        selector(&format!("{at}.podSelector"), peer.pod_selector.as_ref(), findings);
    }
}

fn selector(at: &str, selector: Option<&LabelSelector>, findings: &mut Vec<Finding>) {
    let Some(selector) = selector else {
        return;
    };
    labels(&format!("{at}.matchLabels"), &selector.match_labels, findings);
    for (index, expression) in selector.match_expressions.iter().enumerate() {
        let at = format!("{at}.matchExpressions[{index}]");
        key(format!("{at}.key"), &expression.key, findings);
        for (index, text) in expression.values.iter().enumerate() {
            value(format!("{at}.values[{index}]"), text, findings);
        }
    }
}

fn labels(at: &str, map: &Map, findings: &mut Vec<Finding>) {
    keys(at, map, findings);
    for (name, text) in map {
        value(format!("{at}.{name}"), text, findings);
    }
}

fn keys(at: &str, map: &Map, findings: &mut Vec<Finding>) {
    for name in map.keys() {
        key(format!("{at}.{name}"), name, findings);
    }
}

fn key(path: String, key: &str, findings: &mut Vec<Finding>) {
    if !names::is_label_key(key) {
        findings.push(
            Finding::at(
                path,
                format!("`{}` is not a key that Kubernetes takes", key.escape_debug()),
            )
            .help("write up to 63 of A-Z a-z 0-9 `-` `_` `.`, after `DOMAIN/` if you like"),
        );
    }
}

fn value(path: String, value: &str, findings: &mut Vec<Finding>) {
    if !names::is_label_value(value) {
        findings.push(
            Finding::at(path, format!("`{}` is not a label value that Kubernetes takes", value.escape_debug()))
                .help("write up to 63 of A-Z a-z 0-9 `-` `_` `.`, beginning and ending with a letter or a digit"),
        );
    }
}
