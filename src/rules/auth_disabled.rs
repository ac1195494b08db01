use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "auth-disabled",
    severity: Severity::Error,
    allowable: true,
    why: "Whoever reaches the port reads and deletes everything, and can load code into the server.",
    bad: "
metadata: { name: cache }
spec:
  auth: { enabled: false }
",
    good: "
metadata: { name: cache }
spec:
  auth: { enabled: true }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if !spec.spec.auth.enabled {
        findings.push(
            Finding::at("spec.auth.enabled", "nodes and Sentinels ask for no password")
                .help("write `enabled: true`, or say in `allow` why nobody else reaches the ports"),
        );
    }
}
