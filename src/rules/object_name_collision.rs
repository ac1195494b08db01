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

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() {
        return;
    }
    let sentinel = object_names::sentinel(spec);
    let mut seen: Vec<(String, String)> = vec![
        (format!("{}-members", spec.metadata.name), "the list of nodes".into()),
        (format!("{}-redis", spec.metadata.name), "the data nodes together".into()),
        (format!("{sentinel}-client"), "the Sentinels".into()),
        (sentinel, "the Sentinels".into()),
    ];
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let object = object_names::data(spec, master);
        let own = format!("the master `{}`", master.name);
        let names = [object.clone(), format!("{object}-read")];
        if let Some((name, owner)) =
            seen.iter().find(|(name, owner)| names.contains(name) && *owner != own)
        {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].name"),
                    format!(
                        "an object of master `{}` is named `{name}`, as one of {owner}",
                        master.name
                    ),
                )
                .help("name the master after what it holds"),
            );
        }
        seen.extend(names.map(|name| (name, own.clone())));
    }
}
