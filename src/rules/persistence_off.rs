use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Config, PersistenceType, Spec},
};

pub const RULE: Rule = Rule {
    id: "persistence-off",
    severity: Severity::Error,
    allowable: false,
    why: "A master that restarts empty before Sentinel notices empties all its replicas.",
    bad: "
metadata: { name: cache }
spec:
  redis: { persistence: { type: None } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { persistence: { type: None, cacheOnly: true } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        let at = format!("spec.masters[{index}].redis");
        let kind = redis.persistence.r#type;
        if kind == PersistenceType::None && !redis.persistence.cache_only {
            findings.push(
                Finding::at(
                    format!("{at}.persistence.type"),
                    "a crash of the master can lose all data on all nodes",
                )
                .help("write `type: AOF`, or `cacheOnly: true` beside it if all data may vanish"),
            );
        }
        if kind.has_aof() || !kind.has_rdb() {
            continue;
        }
        if let Some(name) = empty_save(&redis.config) {
            findings.push(
                Finding::at(
                    format!("{at}.config.{name}"),
                    "`type: RDB` without a save point keeps nothing: a crash of the master can lose all data on all \
                     nodes",
                )
                .help(
                    "remove it or write save points such as `[\"3600 1\", \"300 100\"]`; if all data may vanish, \
                     write `persistence: { type: None, cacheOnly: true }`",
                ),
            );
        }
    }
}

/// The directive that leaves no save point, as it is written: an empty text takes back those before it.
fn empty_save(config: &Config) -> Option<&str> {
    let (name, value) = config.iter().find(|(name, _)| name.eq_ignore_ascii_case("save"))?;
    value.texts().last().is_some_and(|text| text.trim().is_empty()).then_some(name)
}
