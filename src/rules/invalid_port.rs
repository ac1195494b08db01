use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "invalid-port",
    severity: Severity::Error,
    allowable: false,
    why: "A port is a number from 1 to 65535.",
    bad: "
metadata: { name: cache }
spec:
  redis: { port: 0 }
",
    good: "
metadata: { name: cache }
spec:
  redis: { port: 6379 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let at = format!("spec.masters[{index}].redis");
        judge(spec, &at, master.redis.port, master.redis.announce_port, 6379, findings);
    }
    let sentinel = &spec.spec.sentinel;
    judge(spec, "spec.sentinel", sentinel.port, sentinel.announce_port, 26379, findings);
}

fn judge(
    spec: &Spec,
    at: &str,
    port: u32,
    announced: Option<u32>,
    usual: u32,
    findings: &mut Vec<Finding>,
) {
    for (field, port) in [("port", Some(port)), ("announcePort", announced)] {
        if let Some(port @ (0 | 65_536..)) = port {
            findings.push(
                Finding::at(format!("{at}.{field}"), format!("{port} is not a port"))
                    .help(format!("write `{field}: {usual}`")),
            );
        }
    }
    if spec.on_hosts() && (1..1024).contains(&port) {
        findings.push(
            Finding::at(
                format!("{at}.port"),
                format!("port {port} of a host is for root, and Redis runs as its own user"),
            )
            .help(format!("write `port: {usual}`"))
            .warning(),
        );
    }
}
