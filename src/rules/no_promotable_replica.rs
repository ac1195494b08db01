use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "no-promotable-replica",
    severity: Severity::Error,
    allowable: false,
    why: "A failover promotes a replica. Without one, the loss of the node is the loss of the service.",
    bad: "
metadata: { name: cache }
spec:
  redis: { replicasPerMaster: 0 }
",
    good: "
metadata: { name: cache }
spec:
  redis: { replicasPerMaster: 2 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        if spec.replicas_of(master) > 0 || spec.on_hosts() && spec.hosts_of(master).next().is_none()
        {
            continue;
        }
        let message = "Sentinel has no replica to promote";
        findings.push(if spec.on_hosts() {
            Finding::at(format!("spec.masters[{index}].hosts"), message).help(
                "give two more hosts the role `Redis`, and list them here if `hosts` is written",
            )
        } else {
            Finding::at(format!("spec.masters[{index}].redis.replicasPerMaster"), message)
                .help("write `replicasPerMaster: 2`")
        });
    }
}
