use std::iter;

use crate::{
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
    check: Check::Fleet(check),
};

fn check(specs: &[&Spec], own: usize, findings: &mut Vec<Finding>) {
    let Some(spec) = specs.get(own).filter(|spec| spec.on_kubernetes()) else {
        return;
    };
    let place = |spec: &Spec| {
        (spec.spec.platform.kubernetes.cluster.clone(), spec.metadata.namespace.clone())
    };
    let neighbours = specs.iter().enumerate().filter(|(at, other)| {
        *at != own
            && other.on_kubernetes()
            && place(other) == place(spec)
            && other.metadata.name != spec.metadata.name
    });
    let is_certain =
        spec.spec.platform.kubernetes.cluster.is_some() && spec.metadata.namespace.is_some();
    for (_, other) in neighbours {
        let taken: Vec<String> = objects(other).into_iter().map(|(_, object)| object).collect();
        for (path, object) in objects(spec).into_iter().filter(|(_, object)| taken.contains(object))
        {
            let message =
                format!("the topology `{}` has objects named `{object}` too", other.metadata.name);
            let finding = Finding::at(path, message)
                .help("rename a topology or a master, or use another namespace");
            findings.push(if is_certain { finding } else { finding.warning() });
        }
    }
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
