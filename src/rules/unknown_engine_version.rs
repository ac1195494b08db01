use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{EngineType, Spec},
};

pub const RULE: Rule = Rule {
    id: "unknown-engine-version",
    severity: Severity::Error,
    allowable: false,
    why: "The version decides which directives and ACL commands exist; for an unknown one redisforge would have to \
          guess.",
    bad: "
metadata: { name: cache }
spec:
  engine: { version: '5.0' }
",
    good: "
metadata: { name: cache }
spec:
  engine: { version: '7.2' }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let engine = &spec.spec.engine;
    let version = engine.version();
    let (name, known): (_, &[&str]) = match engine.r#type {
        EngineType::Redis => ("Redis", &["6.2", "7.0", "7.2", "7.4", "8.0"]),
        EngineType::Valkey => ("Valkey", &["7.2", "8.0", "8.1", "9.0"]),
    };
    let is_later_eight = engine.r#type == EngineType::Redis
        && version.strip_prefix("8.").is_some_and(|minor| is_plain(minor) && minor.len() <= 3);
    if known.contains(&version) || is_later_eight {
        return;
    }
    let more = if engine.r#type == EngineType::Redis { " and later 8.x" } else { "" };
    let help = match known
        .iter()
        .find(|known| version.strip_prefix(**known).is_some_and(|rest| rest.starts_with('.')))
    {
        Some(known) => {
            format!("write `version: \"{known}\"`; the patch level belongs into `image`")
        }
        None => format!("choose from {}{more}", known.join(", ")),
    };
    findings.push(
        Finding::at(
            "spec.engine.version",
            format!("redisforge does not know {name} `{}`", version.escape_debug()),
        )
        .help(help),
    );
}

fn is_plain(number: &str) -> bool {
    number == "0"
        || !number.is_empty()
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit())
}
