use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "even-sentinel-instances",
    severity: Severity::Error,
    allowable: true,
    why: "A failover needs a majority of all Sentinels, so an even number survives no more losses than one fewer, and \
          a network that splits in two halves leaves no majority on either side.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { instances: 4 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { instances: 5 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let instances = spec.sentinel_instances();
    if !instances.is_multiple_of(2) || instances <= 2 {
        return;
    }
    let message = format!("{instances} Sentinels survive no more losses than {}", instances - 1);
    findings.push(if spec.on_hosts() {
        Finding::at("spec.platform.hosts", message)
            .help("give the role `Sentinel` to one host more, or to one fewer")
    } else {
        Finding::at("spec.sentinel.instances", message)
            .help(format!("write `instances: {}`", instances.saturating_add(1)))
    });
}
