use crate::{
    diagnostic::{Finding, Severity},
    directive_fields, directives,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "unknown-directive",
    severity: Severity::Error,
    allowable: false,
    why: "The server does not start with a directive that it does not know.",
    bad: "
metadata: { name: cache }
spec:
  redis: { config: { maxclient: 20000 } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { config: { maxclients: 20000 } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for written in directive_fields::written(spec) {
        let name = written.name;
        if written.owner().is_some()
            || written.directive().is_some()
            || written.table.elsewhere(name).is_some()
        {
            continue;
        }
        let message = format!("{} does not know `{}`", written.version(), name.escape_debug());
        let finding = Finding::at(written.path.as_str(), message);
        let finding = match written.table.closest(name) {
            Some(close) => finding.help(format!("did you mean `{close}`?")),
            None => finding.help("remove it"),
        };
        // A newer version than those that were read may have new names, but none with odd characters.
        findings.push(if written.table.is_exact() || !directives::is_name(name) {
            finding
        } else {
            finding.warning()
        });
    }
}
