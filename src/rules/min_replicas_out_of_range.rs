use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "min-replicas-out-of-range",
    severity: Severity::Error,
    allowable: false,
    why: "The master refuses writes while fewer replicas are connected. More than there are can never be; all of them \
          means that one restart stops writes.",
    bad: "
metadata: { name: cache }
spec:
  redis: { replicasPerMaster: 2, minReplicas: { toWrite: 3 } }
",
    good: "
metadata: { name: cache }
spec:
  redis: { replicasPerMaster: 2, minReplicas: { toWrite: 1 } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let replicas = spec.replicas_of(master);
        let Some(to_write @ 1..) = master.redis.min_replicas.to_write else {
            continue;
        };
        let path = format!("spec.masters[{index}].redis.minReplicas.toWrite");
        let help = format!("write `toWrite: {}`", u32::from(replicas >= 2));
        if to_write > replicas {
            let message = format!(
                "the master never takes a write: it waits for {to_write} of {replicas} replicas"
            );
            findings.push(Finding::at(path, message).help(help));
        } else if to_write == replicas {
            let message = format!(
                "the restart of one replica stops all writes: {to_write} of {replicas} must be there"
            );
            findings.push(Finding::at(path, message).help(help).warning());
        }
    }
}
