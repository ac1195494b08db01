use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Redis, Spec},
};

pub const RULE: Rule = Rule {
    id: "grace-below-stop-budget",
    severity: Severity::Error,
    allowable: false,
    why: "A stopping master first hands over, and the server then waits for its replicas. When the time is up the \
          kernel kills it, in the middle of a hand-over if the time is too short.",
    bad: "
metadata: { name: cache }
spec:
  redis: { terminationGracePeriodSeconds: 30 }
",
    good: "
metadata: { name: cache }
spec:
  redis: { terminationGracePeriodSeconds: 90 }
",
    check: Check::Spec(check),
};

/// The steps of the stop script, each at its own limit.
const HAND_OVER_SECONDS: u64 = 32;
/// What Redis waits for its replicas on SIGTERM when `shutdown-timeout` is not written.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 10;
/// The last fsync or save, and what the platform needs to notice.
const MARGIN_SECONDS: u64 = 18;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() {
        return;
    }
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        let budget = HAND_OVER_SECONDS
            .saturating_add(shutdown_timeout(redis))
            .saturating_add(MARGIN_SECONDS);
        let grace = redis.termination_grace_period_seconds;
        if grace > 0 && u64::from(grace) < budget {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].redis.terminationGracePeriodSeconds"),
                    format!(
                        "a node is killed after {grace} s, and an orderly stop may take {budget} s"
                    ),
                )
                .help(format!("write `terminationGracePeriodSeconds: {}`", budget.max(90))),
            );
        }
    }
}

fn shutdown_timeout(redis: &Redis) -> u64 {
    let written =
        redis.config.iter().find(|(name, _)| name.eq_ignore_ascii_case("shutdown-timeout"));
    written
        .and_then(|(_, value)| value.texts().last().and_then(|text| text.parse().ok()))
        .unwrap_or(SHUTDOWN_TIMEOUT_SECONDS)
}
