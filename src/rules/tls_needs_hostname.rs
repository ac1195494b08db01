use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Announce, Spec},
};

pub const RULE: Rule = Rule {
    id: "tls-needs-hostname",
    severity: Severity::Error,
    allowable: false,
    why: "Certificates name hosts, and clients compare that name with the one they dialled. A pod's address changes \
          with every restart, so no certificate can hold it.",
    bad: "
metadata: { name: cache }
spec:
  network: { announce: Address }
  tls: { mode: Required, certificate: { type: Secret, secretName: cache-tls } }
",
    good: "
metadata: { name: cache }
spec:
  tls: { mode: Required, certificate: { type: Secret, secretName: cache-tls } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if !spec.has_tls() || spec.announce() == Announce::Hostname {
        return;
    }
    findings.push(if spec.on_hosts() {
        Finding::at(
            "spec.network.announce",
            "clients are sent to addresses, which the certificates must then name",
        )
        .help("write `announce: Hostname`, or put every host's address into its certificate")
        .warning()
    } else {
        Finding::at(
            "spec.network.announce",
            "clients are sent to pod addresses, which no certificate names",
        )
        .help("write `announce: Hostname`, or leave it out")
    });
}
