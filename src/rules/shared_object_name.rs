use std::iter;

use crate::{
    claim::Claim,
    diagnostic::{Finding, Severity},
    object_names,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "shared-object-name",
    severity: Severity::Error,
    allowable: false,
    why: "Of two objects with one name in a namespace the second replaces the first: two deployments end up in one \
          StatefulSet.",
    bad: "
metadata: { name: shop, namespace: redis }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
  masters: [{ name: cart }]
---
metadata: { name: shop-cart, namespace: redis }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
",
    good: "
metadata: { name: shop, namespace: redis }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
  masters: [{ name: cart }]
---
metadata: { name: shop-baskets, namespace: redis }
spec:
  platform: { kubernetes: { cluster: eu-1 } }
",
    check: Check::Fleet { claims, taken },
};

fn claims(spec: &Spec) -> Vec<Claim> {
    if !spec.on_kubernetes() {
        return Vec::new();
    }
    let cluster = spec.spec.platform.kubernetes.cluster.as_deref().unwrap_or_default();
    let namespace = spec.metadata.namespace.as_deref().unwrap_or_default();
    let claim = |(path, object): (String, String)| {
        Claim::of(spec, &path, [cluster, namespace, object.as_str()])
    };
    objects(spec).into_iter().map(claim).collect()
}

fn taken(own: &Claim, other: &Claim) -> Option<Finding> {
    let [cluster, namespace, object] = own.parts().collect::<Vec<_>>()[..] else {
        return None;
    };
    // Topologies of one name are another finding.
    if own.topology() == other.topology() {
        return None;
    }
    let message = format!("the topology `{}` has objects named `{object}` too", other.topology());
    let finding = Finding::at(own.path(), message)
        .help("rename a topology or a master, or use another namespace");
    let is_certain = !cluster.is_empty() && !namespace.is_empty();
    Some(if is_certain { finding } else { finding.warning() })
}

fn objects(spec: &Spec) -> Vec<(String, String)> {
    let masters = spec.spec.masters.iter().enumerate();
    masters
        .map(|(index, master)| {
            (format!("spec.masters[{index}].name"), object_names::data(spec, master))
        })
        .chain(iter::once(("metadata.name".into(), object_names::sentinel(spec))))
        .collect()
}
