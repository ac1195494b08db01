use crate::{
    diagnostic::{Finding, Severity},
    image::Image,
    rules::{Check, Rule},
    spec::{ScrapeType, Spec},
};

pub const RULE: Rule = Rule {
    id: "exporter-too-old",
    severity: Severity::Warning,
    allowable: false,
    why: "Alerts and dashboard use metrics of a Sentinel's epochs that redis_exporter has from 1.80.2 on.",
    bad: "
metadata: { name: cache }
spec:
  monitoring: { exporter: { image: 'oliver006/redis_exporter:v1.62.0' } }
",
    good: "
metadata: { name: cache }
spec:
  monitoring: { exporter: { image: 'oliver006/redis_exporter:v1.80.2' } }
",
    check: Check::Spec(check),
};

const NEEDED: [u32; 3] = [1, 80, 2];

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    if spec.on_hosts() || spec.scrape_type() == ScrapeType::Disabled {
        return;
    }
    let text = &spec.spec.monitoring.exporter.image;
    let Some(mut version) =
        Image::parse(text).map(|image| image.version()).filter(|version| version.len() >= 2)
    else {
        return;
    };
    version.resize(3, u32::MAX);
    if version.as_slice() < &NEEDED[..] {
        findings.push(
            Finding::at(
                "spec.monitoring.exporter.image",
                format!("`{text}` lacks metrics that the alerts need"),
            )
            .help("write `oliver006/redis_exporter:v1.80.2` or later"),
        );
    }
}
