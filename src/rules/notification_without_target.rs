use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "notification-without-target",
    severity: Severity::Warning,
    allowable: false,
    why: "Events are sent to Alertmanagers; webhooks are told of switches only.",
    bad: "
metadata: { name: cache }
spec:
  notifications: { events: [+odown] }
",
    good: "
metadata: { name: cache }
spec:
  notifications: { alertmanagers: ['http://alertmanager:9093'], events: [+odown] }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let notifications = &spec.spec.notifications;
    let Some(events) = &notifications.events else {
        return;
    };
    let (message, help) = match (notifications.alertmanagers.is_empty(), events.is_empty()) {
        (true, false) => (
            "nobody is told of these events",
            "write `alertmanagers: [URL]` beside it, or remove `events`",
        ),
        (false, true) => {
            ("the Alertmanagers are told of no event", "remove `events` to send the usual ones")
        }
        _ => return,
    };
    findings.push(Finding::at("spec.notifications.events", message).help(help));
}
