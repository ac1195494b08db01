use crate::{
    diagnostic::{Finding, Severity},
    image::Image,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "unpinned-image",
    severity: Severity::Warning,
    allowable: false,
    why: "Nodes that restart on different days would run different versions, and a failover may lead to an older one \
          that cannot read the data.",
    bad: "
metadata: { name: cache }
spec:
  engine: { image: 'redis:latest' }
",
    good: "
metadata: { name: cache }
spec:
  engine: { image: 'redis:7.4.2-alpine' }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() {
        return;
    }
    let engine = spec.spec.engine.image.as_deref();
    let exporter = spec.spec.monitoring.exporter.image.as_str();
    for (path, image) in
        [("spec.engine.image", engine), ("spec.monitoring.exporter.image", Some(exporter))]
    {
        let Some((text, image)) = image.and_then(|text| Some((text, Image::parse(text)?))) else {
            continue;
        };
        if image.digest.is_none() && matches!(image.tag, None | Some("latest")) {
            findings.push(
                Finding::at(path, format!("`{text}` is another version tomorrow"))
                    .help("write a tag with a version, such as `redis:7.4.2-alpine`, or a digest"),
            );
        }
    }
}
