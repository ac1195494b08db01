use std::collections::HashSet;

use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "duplicate-webhook",
    severity: Severity::Error,
    allowable: false,
    why: "The log names a webhook by its name, and its secret is kept under it.",
    bad: "
metadata: { name: cache }
spec:
  notifications:
    webhooks:
      - { name: oncall, url: { secretRef: { name: cache, key: first } } }
      - { name: oncall, url: { secretRef: { name: cache, key: second } } }
",
    good: "
metadata: { name: cache }
spec:
  notifications:
    webhooks:
      - { name: oncall, url: { secretRef: { name: cache, key: first } } }
      - { name: chat, url: { secretRef: { name: cache, key: second } } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (index, webhook) in spec.spec.notifications.webhooks.iter().enumerate() {
        if !seen.insert(&webhook.name) {
            findings.push(
                Finding::at(
                    format!("spec.notifications.webhooks[{index}].name"),
                    format!("a second webhook is named `{}`", webhook.name),
                )
                .help("name it after who is told"),
            );
        }
    }
}
