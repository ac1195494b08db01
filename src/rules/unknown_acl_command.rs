use crate::{
    acl_commands::check_rules,
    diagnostic::{Finding, Severity},
    directives::{Engine, Table, Version},
    rules::managed_acl_rule,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "unknown-acl-command",
    severity: Severity::Error,
    allowable: false,
    why: "The server does not start with a user whose rules name a command, a subcommand or a category that its \
          version does not know.",
    bad: "
metadata: { name: cache }
spec:
  engine: { version: '7.0' }
  auth:
    acl: LeastPrivilege
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@read, '+client|setinfo'] }]
",
    good: "
metadata: { name: cache }
spec:
  engine: { version: '7.2' }
  auth:
    acl: LeastPrivilege
    users: [{ name: app, password: { secretRef: { name: cache, key: app } }, rules: ['~*', +@read, '+client|setinfo'] }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let engine = Engine::from(spec.spec.engine.r#type);
    let Ok(version) = spec.spec.engine.version().parse::<Version>() else {
        return;
    };
    let is_exact = Table::server(engine, version).is_exact();
    for (at, user) in spec.spec.auth.users.iter().enumerate() {
        for (index, problem) in check_rules(engine, version, &user.rules) {
            if user.rules.get(index).is_some_and(|rule| managed_acl_rule::is_managed(rule)) {
                continue;
            }
            let finding = Finding::at(format!("spec.auth.users[{at}].rules[{index}]"), problem)
                .help(format!("take it out, or write a rule that {engine} {version} knows"));
            findings.push(if is_exact { finding } else { finding.warning() });
        }
    }
}
