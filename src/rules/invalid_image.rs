use crate::{
    diagnostic::{Finding, Severity},
    image::Image,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "invalid-image",
    severity: Severity::Error,
    allowable: false,
    why: "A container runtime cannot pull what it cannot read.",
    bad: "
metadata: { name: cache }
spec:
  engine: { image: 'Redis 7.4' }
",
    good: "
metadata: { name: cache }
spec:
  engine: { image: 'redis:7.4-alpine' }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let engine = spec.spec.engine.image.as_deref();
    let exporter = spec.spec.monitoring.exporter.image.as_str();
    let images =
        [("spec.engine.image", engine), ("spec.monitoring.exporter.image", Some(exporter))];
    for (path, image) in images {
        if let Some(image) = image
            && Image::parse(image).is_none()
        {
            findings.push(
                Finding::at(path, format!("`{}` is not an image", image.escape_debug()))
                    .help("write `NAME:TAG` or `NAME:TAG@sha256:…`, the name in lower case"),
            );
        }
    }
}
