use crate::{
    diagnostic::{Finding, Severity},
    object_names,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "name-too-long",
    severity: Severity::Error,
    allowable: false,
    why: "Kubernetes adds a hash to a StatefulSet's name and puts it into a label of at most 63 characters; Redis \
          announces a host name of at most 255.",
    bad: "
metadata: { name: the-cache-of-the-order-service-in-the-european-shop }
spec: {}
",
    good: "
metadata: { name: orders-eu-cache }
spec: {}
",
    check: Check::Spec(check),
};

/// 63 less a dash and a hash of ten characters.
const STATEFUL_SET: usize = 52;
const ANNOUNCED: usize = 255;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() {
        return;
    }
    judge(spec, "metadata.name", &object_names::sentinel(spec), findings);
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let path = if master.name == spec.metadata.name {
            "metadata.name".into()
        } else {
            format!("spec.masters[{index}].name")
        };
        judge(spec, &path, &object_names::data(spec, master), findings);
    }
}

fn judge(spec: &Spec, path: &str, object: &str, findings: &mut Vec<Finding>) {
    let length = object.chars().count();
    if length > STATEFUL_SET {
        findings.push(
            Finding::at(
                path,
                format!("the StatefulSet `{object}` has a name of {length} characters"),
            )
            .help(format!("shorten it by {} characters", length - STATEFUL_SET)),
        );
        return;
    }
    let Some(namespace) = &spec.metadata.namespace else {
        return;
    };
    let host = format!(
        "{object}-99.{object}.{namespace}.svc.{}",
        spec.spec.platform.kubernetes.cluster_domain
    );
    if host.len() > ANNOUNCED {
        findings.push(
            Finding::at(
                path,
                format!("nodes of `{object}` announce a name of {} characters", host.len()),
            )
            .help(format!(
                "shorten it, or `clusterDomain`, by {} characters",
                host.len() - ANNOUNCED
            )),
        );
    }
}
