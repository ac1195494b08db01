use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "invalid-duration",
    severity: Severity::Error,
    allowable: false,
    why: "Redis and Sentinel do not start with a time of 0 or one that overflows, and Prometheus takes 0 for something \
          else.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { downAfterMilliseconds: 0 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { downAfterMilliseconds: 10000 }
",
    check: Check::Spec(check),
};

/// What Redis, Sentinel and systemd hold in an `int`.
const MAXIMUM: u32 = i32::MAX as u32;
/// Two scrapes fit into the 5 minutes that Prometheus looks back.
const MAXIMUM_INTERVAL: u32 = 120;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let at = format!("spec.masters[{index}]");
        let sentinel = &master.sentinel;
        let redis = &master.redis;
        positive(
            &format!("{at}.sentinel.downAfterMilliseconds"),
            sentinel.down_after_milliseconds,
            10_000,
            findings,
        );
        positive(
            &format!("{at}.sentinel.failoverTimeoutMilliseconds"),
            sentinel.failover_timeout_milliseconds,
            60_000,
            findings,
        );
        positive(
            &format!("{at}.redis.minReplicas.maxLagSeconds"),
            redis.min_replicas.max_lag_seconds,
            10,
            findings,
        );
        positive(
            &format!("{at}.redis.terminationGracePeriodSeconds"),
            redis.termination_grace_period_seconds,
            90,
            findings,
        );
    }
    let interval = spec.spec.monitoring.scrape.interval_seconds;
    let at = "spec.monitoring.scrape.intervalSeconds";
    positive(at, interval, 15, findings);
    if (MAXIMUM_INTERVAL + 1..=MAXIMUM).contains(&interval) {
        findings.push(
            Finding::at(
                at,
                format!("Prometheus forgets a value after 300 s, and one comes every {interval} s"),
            )
            .help("write `intervalSeconds: 15`")
            .warning(),
        );
    }
}

fn positive(path: &str, value: u32, usual: u32, findings: &mut Vec<Finding>) {
    if (1..=MAXIMUM).contains(&value) {
        return;
    }
    let field = path.rsplit('.').next().unwrap_or_default();
    let finding = Finding::at(path, format!("{value} is not a duration from 1 to {MAXIMUM}"))
        .help(format!("write `{field}: {usual}`"));
    findings.push(finding);
}
