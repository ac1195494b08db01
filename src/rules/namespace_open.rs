use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Announce, Spec},
};

pub const RULE: Rule = Rule {
    id: "namespace-open",
    severity: Severity::Note,
    allowable: false,
    why: "Nodes announce names that must say their namespace to be understood in another one. Where the deployer \
          chooses it, redisforge cannot know it.",
    bad: "
metadata: { name: cache }
spec: {}
",
    good: "
metadata: { name: cache, namespace: redis-prod }
spec: {}
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_kubernetes()
        && spec.metadata.namespace.is_none()
        && spec.announce() == Announce::Hostname
    {
        findings.push(
            Finding::at(
                "metadata.namespace",
                "only clients of the same namespace can use the announced names",
            )
            .help("write `namespace: NAMESPACE`"),
        );
    }
}
