use crate::{
    claim::Claim,
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "duplicate-topology-name",
    severity: Severity::Error,
    allowable: false,
    why: "The files of a topology lie in a directory of its name, so the second would overwrite the first.",
    bad: "
metadata: { name: cache }
spec: {}
---
metadata: { name: cache }
spec: {}
",
    good: "
metadata: { name: cache-eu }
spec: {}
---
metadata: { name: cache-us }
spec: {}
",
    check: Check::Fleet { claims, taken: |own, _| Some(taken(own)) },
};

fn claims(spec: &Spec) -> Vec<Claim> {
    vec![Claim::of(spec, "metadata.name", [&spec.metadata.name])]
}

fn taken(own: &Claim) -> Finding {
    let name = own.topology();
    let message = format!("another spec of this run is named `{name}` and has the same directory");
    let finding = Finding::at("metadata.name", message);
    finding.help("rename one, such as after its environment, or run one at a time")
}
