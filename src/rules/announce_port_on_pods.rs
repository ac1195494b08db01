use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "announce-port-on-pods",
    severity: Severity::Error,
    allowable: false,
    why: "Pods are known by name, and the name leads to the pod itself: whoever believes the announced port finds \
          nobody there.",
    bad: "
metadata: { name: cache }
spec:
  redis: { announcePort: 30379 }
",
    good: "
metadata: { name: cache }
spec:
  redis: { port: 30379 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() {
        return;
    }
    let sentinel = &spec.spec.sentinel;
    judge("spec.sentinel", sentinel.port, sentinel.announce_port, findings);
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        judge(&format!("spec.masters[{index}].redis"), redis.port, redis.announce_port, findings);
    }
}

fn judge(at: &str, port: u32, announced: Option<u32>, findings: &mut Vec<Finding>) {
    if let Some(announced) = announced.filter(|announced| *announced != port) {
        findings.push(
            Finding::at(
                format!("{at}.announcePort"),
                format!("pods announce port {announced} and listen on {port}"),
            )
            .help(format!("remove it, or write `port: {announced}`")),
        );
    }
}
