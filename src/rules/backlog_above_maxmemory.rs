use crate::{
    diagnostic::{Finding, Severity},
    directives, maxmemory,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "backlog-above-maxmemory",
    severity: Severity::Error,
    allowable: false,
    why: "The replication backlog counts as data. Where it fills `maxmemory`, writes are refused or keys evicted \
          although hardly any data is there.",
    bad: "
metadata: { name: cache }
spec:
  redis: { memory: 64Mi, config: { repl-backlog-size: 64mb } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { memory: 1Gi, config: { repl-backlog-size: 64mb } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        let written =
            redis.config.iter().find(|(name, _)| name.eq_ignore_ascii_case("repl-backlog-size"));
        let Some((name, value)) = written else {
            continue;
        };
        let backlog = value.texts().last().and_then(|text| directives::bytes(text));
        let (Some(backlog), Some(limit @ 1..)) = (backlog, maxmemory::bytes(redis)) else {
            continue;
        };
        if backlog <= limit / 2 {
            continue;
        }
        let finding = Finding::at(
            format!("spec.masters[{index}].redis.config.{name}"),
            format!(
                "a backlog of {} MiB is more than half of the {} MiB for data",
                backlog >> 20,
                limit >> 20
            ),
        )
        .help("remove it to use a sixteenth of `maxmemory`, or write more `memory`");
        findings.push(if backlog < limit { finding.warning() } else { finding });
    }
}
