use crate::{
    diagnostic::{Finding, Severity},
    image::Image,
    rules::{Check, Rule},
    spec::{EngineType, Spec},
};

pub const RULE: Rule = Rule {
    id: "image-not-version",
    severity: Severity::Warning,
    allowable: false,
    why: "Type and version decide which directives and ACL commands are written; an image of another one may refuse \
          them at its start. Before 6.2.7 a host name that DNS does not know yet is fatal.",
    bad: "
metadata: { name: cache }
spec:
  engine: { version: '7.2', image: 'redis:7.4.2-alpine' }
",
    good: "
metadata: { name: cache }
spec:
  engine: { version: '7.4', image: 'redis:7.4.2-alpine' }
",
    check: Check::Spec(check),
};

/// Tags beyond this are dates or builds.
const LAST_MAJOR: u32 = 50;

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let engine = &spec.spec.engine;
    let Some(text) = engine.image.as_deref().filter(|_| spec.on_kubernetes()) else {
        return;
    };
    let server = Image::parse(text).and_then(|image| server_of(&image));
    if let Some(server) = server.filter(|server| *server != engine.r#type) {
        findings.push(
            Finding::at(
                "spec.engine.image",
                format!("`{text}` is {server:?}, and the type of the spec is {:?}", engine.r#type),
            )
            .help(format!("write `type: {server:?}`, or another image")),
        );
        return;
    }
    let tag = Image::parse(text).map(|image| image.version()).unwrap_or_default();
    let wanted: Vec<u32> =
        engine.version().split('.').map_while(|part| part.parse().ok()).collect();
    if tag.first().is_none_or(|major| *major > LAST_MAJOR) {
        return;
    }
    if tag.iter().zip(&wanted).any(|(tag, wanted)| tag != wanted) {
        let number: Vec<String> = tag.iter().take(2).map(ToString::to_string).collect();
        findings.push(
            Finding::at(
                "spec.engine.image",
                format!("`{text}` is not {}, the version of the spec", engine.version()),
            )
            .help(format!("write `version: \"{}\"`, or another image", number.join("."))),
        );
    } else if tag.starts_with(&[6, 2]) && tag.get(2).is_some_and(|patch| *patch < 7) {
        findings.push(
            Finding::at(
                "spec.engine.image",
                format!("`{text}` does not start while a host name cannot be resolved"),
            )
            .help("write an image of 6.2.7 or later"),
        );
    }
}

/// The program in an image of one of the well-known publishers.
fn server_of(image: &Image) -> Option<EngineType> {
    match image.repository() {
        "redis" | "bitnami/redis" | "bitnamilegacy/redis" => Some(EngineType::Redis),
        "valkey/valkey" | "bitnami/valkey" | "bitnamilegacy/valkey" => Some(EngineType::Valkey),
        _ => None,
    }
}
