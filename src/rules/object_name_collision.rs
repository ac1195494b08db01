use crate::{
    diagnostic::{Finding, Severity},
    object_names,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "object-name-collision",
    severity: Severity::Error,
    allowable: false,
    why: "The objects of a master are named after the topology and the master, those of the Sentinels end in \
          `-sentinel`. Of two objects with one name, the second replaces the first.",
    bad: "
metadata: { name: cache }
spec:
  masters: [{ name: sentinel }]
",
    good: "
metadata: { name: cache }
spec:
  masters: [{ name: sessions }]
",
    check: Check::Spec(check),
};

/// The `ConfigMap` of all node names.
const MEMBERS: &str = "members";

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() {
        return;
    }
    let mut seen: Vec<(String, String)> = vec![
        (object_names::sentinel(spec), "the Sentinels".into()),
        (format!("{}-{MEMBERS}", spec.metadata.name), "the list of nodes".into()),
    ];
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let object = object_names::data(spec, master);
        if let Some((_, owner)) = seen.iter().find(|(name, _)| *name == object)
            && *owner != format!("the master `{}`", master.name)
        {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].name"),
                    format!("the objects of master `{}` are named `{object}`, as those of {owner}", master.name),
                )
                .help("name the master after what it holds"),
            );
        }
        seen.push((object, format!("the master `{}`", master.name)));
    }
}
