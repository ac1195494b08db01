use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Announce, Spec},
};

pub const RULE: Rule = Rule {
    id: "pod-address-announced",
    severity: Severity::Error,
    allowable: false,
    why: "Kubernetes gives the address of a deleted pod to another one. Sentinels that remember addresses then adopt \
          the nodes of another deployment, and start scripts find no address in their list of nodes.",
    bad: "
metadata: { name: cache }
spec:
  network: { announce: Address }
",
    good: "
metadata: { name: cache }
spec:
  network: { announce: Hostname }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_kubernetes() && spec.announce() == Announce::Address {
        findings.push(
            Finding::at(
                "spec.network.announce",
                "a pod's address is another pod's after a restart",
            )
            .help("write `announce: Hostname`, or leave it out"),
        );
    }
}
