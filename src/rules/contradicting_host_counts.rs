use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Role, Spec},
};

pub const RULE: Rule = Rule {
    id: "contradicting-host-counts",
    severity: Severity::Error,
    allowable: false,
    why: "On hosts the numbers of Sentinels and replicas follow from the hosts and their roles.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  sentinel: { instances: 5 }
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  sentinel: { instances: 3 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_kubernetes() {
        return;
    }
    let sentinels = spec.spec.platform.hosts_with(Role::Sentinel).count();
    if let Some(instances) = spec.spec.sentinel.instances
        && usize::try_from(instances) != Ok(sentinels)
    {
        findings.push(
            Finding::at(
                "spec.sentinel.instances",
                format!("{instances} Sentinels are written, and {sentinels} hosts have the role `Sentinel`"),
            )
            .help("remove `instances`, or change the roles"),
        );
    }
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let nodes = spec.hosts_of(master).count();
        let Some(replicas) = master.redis.replicas_per_master else {
            continue;
        };
        if nodes > 0 && u64::try_from(nodes) != Ok(u64::from(replicas) + 1) {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].redis.replicasPerMaster"),
                    format!(
                        "{replicas} replicas and their master need {} hosts; there are {nodes}",
                        u64::from(replicas) + 1
                    ),
                )
                .help("remove `replicasPerMaster`, or change the hosts"),
            );
        }
    }
}
