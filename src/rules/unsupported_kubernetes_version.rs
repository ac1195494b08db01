use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "unsupported-kubernetes-version",
    severity: Severity::Error,
    allowable: false,
    why: "The objects use what Kubernetes has since 1.28, and what later versions have is left out by this number.",
    bad: "
metadata: { name: cache }
spec:
  platform: { kubernetes: { version: '1.21' } }
",
    good: "
metadata: { name: cache }
spec:
  platform: { kubernetes: { version: '1.33' } }
",
    check: Check::Spec(check),
};

const OLDEST: u32 = 28;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let version = &spec.spec.platform.kubernetes.version;
    let minor =
        version.strip_prefix("1.").filter(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()));
    let message = match minor.and_then(|minor| minor.parse::<u32>().ok()) {
        Some(OLDEST..) => return,
        Some(_) => format!("Kubernetes {version} is older than 1.{OLDEST}"),
        None => format!("`{}` is not a version of Kubernetes", version.escape_debug()),
    };
    findings.push(
        Finding::at("spec.platform.kubernetes.version", message)
            .help(format!("write `version: \"1.{OLDEST}\"` or later, without a patch level")),
    );
}
