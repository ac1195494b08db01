use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "tls-undecided",
    severity: Severity::Warning,
    allowable: false,
    why: "Without TLS passwords and data travel in clear. That may be right; it should be somebody's decision.",
    bad: "
metadata: { name: cache }
spec: {}
",
    good: "
metadata: { name: cache }
spec:
  tls: { mode: Disabled }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.spec.tls.mode.is_none() {
        findings.push(
            Finding::at("spec.tls.mode", "passwords travel in clear: `tls.mode` is not written")
                .help("write `tls: {mode: Required, certificate: …}`, or `tls: {mode: Disabled}`"),
        );
    }
}
