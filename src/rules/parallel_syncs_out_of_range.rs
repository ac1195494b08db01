use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "parallel-syncs-out-of-range",
    severity: Severity::Error,
    allowable: false,
    why: "After a switch, this many replicas are pointed at the new master at a time. With 0 none is until the \
          failover times out; more than there are replicas cannot be.",
    bad: "
metadata: { name: cache }
spec:
  sentinel: { parallelSyncs: 0 }
",
    good: "
metadata: { name: cache }
spec:
  sentinel: { parallelSyncs: 1 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let (syncs, replicas) = (master.sentinel.parallel_syncs, spec.replicas_of(master).max(1));
        if !(1..=replicas).contains(&syncs) {
            findings.push(
                Finding::at(
                    format!("spec.masters[{index}].sentinel.parallelSyncs"),
                    format!("{syncs} is not from 1 to {replicas}, the number of replicas"),
                )
                .help("write `parallelSyncs: 1`: the other replicas stay readable"),
            );
        }
    }
}
