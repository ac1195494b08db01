use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Delivery, LoggingType, ScrapeType, Spec},
};

pub const RULE: Rule = Rule {
    id: "value-of-other-platform",
    severity: Severity::Error,
    allowable: false,
    why: "The other platform does not have it, so nothing would be rendered for it.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  monitoring: { scrape: { type: PodMonitor } }
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  monitoring: { scrape: { type: Static } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut say = |path: &str, message: &str, help: &str| {
        findings.push(Finding::at(path, message).help(help));
    };
    if spec.on_hosts() {
        if matches!(spec.scrape_type(), ScrapeType::PodMonitor | ScrapeType::ServiceMonitor) {
            say(
                "spec.monitoring.scrape.type",
                "hosts have no operator that reads PodMonitors and ServiceMonitors",
                "write `type: Static`, or leave it out",
            );
        }
        if spec.dashboard_delivery() == Delivery::ConfigMap {
            say(
                "spec.monitoring.dashboard.delivery",
                "hosts have no ConfigMaps",
                "write `delivery: File`, or leave it out",
            );
        }
    } else if spec.spec.logging.r#type != LoggingType::Stdout {
        say(
            "spec.logging.type",
            "a pod has no syslog, and nobody collects or rotates log files in it",
            "write `type: Stdout`, or leave it out",
        );
    }
}
