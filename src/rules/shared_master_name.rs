use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "shared-master-name",
    severity: Severity::Error,
    allowable: false,
    why: "Sentinels find each other by the name of the master. Two deployments of one cluster with one name become one \
          as soon as an address is used again, and one of the two data sets is overwritten.",
    bad: "
metadata: { name: shop }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
  masters: [{ name: sessions }]
---
metadata: { name: blog }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
  masters: [{ name: sessions }]
",
    good: "
metadata: { name: shop }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
  masters: [{ name: shop-sessions }]
---
metadata: { name: blog }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
  masters: [{ name: blog-sessions }]
",
    check: Check::Fleet(check),
};

fn check(specs: &[&Spec], own: usize, findings: &mut Vec<Finding>) {
    let Some((spec, cluster)) = specs.get(own).and_then(|spec| Some((spec, cluster(spec)?))) else {
        return;
    };
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let other = specs.iter().enumerate().find(|(at, other)| {
            *at != own
                && self::cluster(other) == Some(cluster)
                && other.spec.masters.iter().any(|other| other.name == master.name)
        });
        if let Some((_, other)) = other {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].name"),
                    format!(
                        "the topology `{}` has a master `{}` in the cluster `{cluster}` too",
                        other.metadata.name, master.name
                    ),
                )
                .help(format!("write `name: {}-{}`", spec.metadata.name, master.name)),
            );
        }
    }
}

fn cluster(spec: &Spec) -> Option<&str> {
    spec.spec.platform.kubernetes.cluster.as_deref().filter(|_| spec.on_kubernetes())
}
