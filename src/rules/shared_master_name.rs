use crate::{
    claim::Claim,
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Master, Spec},
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
    check: Check::Fleet { claims, taken },
};

fn claims(spec: &Spec) -> Vec<Claim> {
    let Some(cluster) = cluster(spec) else {
        return Vec::new();
    };
    let masters = spec.spec.masters.iter().enumerate();
    let claim = |(index, master): (usize, &Master)| {
        Claim::of(spec, &format!("spec.masters[{index}].name"), [cluster, &master.name])
    };
    masters.map(claim).collect()
}

fn taken(own: &Claim, other: &Claim) -> Option<Finding> {
    let [cluster, master] = own.parts().collect::<Vec<_>>()[..] else {
        return None;
    };
    let message = format!(
        "the topology `{}` has a master `{master}` in the cluster `{cluster}` too",
        other.topology()
    );
    let finding = Finding::at(own.path(), message);
    Some(finding.help(format!("write `name: {}-{master}`", own.topology())))
}

fn cluster(spec: &Spec) -> Option<&str> {
    spec.spec.platform.kubernetes.cluster.as_deref().filter(|_| spec.on_kubernetes())
}
