use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    schema::closest,
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "unknown-event",
    severity: Severity::Error,
    allowable: false,
    why: "Sentinel starts its notification script for these events only; others stay in its log and on its channels, \
          so a name that is not among them never arrives.",
    bad: "
metadata: { name: cache }
spec:
  notifications: { alertmanagers: ['http://a:9093'], events: [+slave-reconf-done] }
",
    good: "
metadata: { name: cache }
spec:
  notifications: { alertmanagers: ['http://a:9093'], events: [+failover-end] }
",
    check: Check::Spec(check),
};

/// `sentinelEvent` calls the script for level WARNING with an instance; src/sentinel.c, the same from 6.2 on.
const REACHING: &[&str] = &[
    "+config-update-from",
    "+elected-leader",
    "+failover-end",
    "+failover-end-for-timeout",
    "+failover-state-reconf-slaves",
    "+failover-state-select-slave",
    "+monitor",
    "+new-epoch",
    "+odown",
    "+promoted-slave",
    "+reset-master",
    "+sdown",
    "+selected-slave",
    "+set",
    "+switch-master",
    "+try-failover",
    "+vote-for-leader",
    "-failover-abort-no-good-slave",
    "-failover-abort-not-elected",
    "-failover-abort-slave-timeout",
    "-monitor",
    "-odown",
    "-sdown",
];

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, event) in spec.spec.notifications.events.iter().flatten().enumerate() {
        if REACHING.contains(&event.as_str()) {
            continue;
        }
        let known: Vec<String> = REACHING.iter().map(ToString::to_string).collect();
        let help = match closest(event, &known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("choose from {}", known.join(" ")),
        };
        findings.push(
            Finding::at(
                format!("spec.notifications.events[{index}]"),
                format!("Sentinel never starts a script for `{}`", event.escape_debug()),
            )
            .help(help),
        );
    }
}
