//! What is said beside an impact holds.

use redisforge::impact::{Effect, Impact};

use crate::{effects_of, example};

fn find<'a>(effects: &'a [Effect], place: &str) -> &'a Effect {
    let found = effects.iter().find(|effect| effect.place.ends_with(place));
    found.unwrap_or_else(|| panic!("no {place} in {effects:#?}"))
}

fn production(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<Effect> {
    effects_of(&example("production-kubernetes"), before, after).unwrap()
}

const OPTIONAL: &str = "clientCertificates: Optional";

#[test]
fn who_is_refused_without_a_certificate_is_told_as_it_is() {
    let (none, required) = ("clientCertificates: Disabled", "clientCertificates: Required");
    for (before, after, expected) in [
        (OPTIONAL, required, Some("Clients without a certificate are refused.")),
        (none, required, Some("Clients without a certificate are refused.")),
        (none, OPTIONAL, Some("Clients that show a certificate of another authority are refused.")),
        (OPTIONAL, none, None),
        (required, OPTIONAL, None),
    ] {
        let effects = production(&[(OPTIONAL, before)], &[(OPTIONAL, after)]);
        let told = find(&effects, "redis.conf: tls-auth-clients").reason.as_str();
        match expected {
            Some(expected) => assert_eq!(told, expected, "{before} → {after}"),
            None => assert!(!told.contains("refused"), "{before} → {after}: {told}"),
        }
    }
    // Without TLS nobody shows one.
    let tls = "  tls:\n    mode: Required\n    certificate: {type: CertManager, issuerRef: {kind: ClusterIssuer, name: internal-ca}}\n    clientCertificates: Optional\n";
    let effects = production(&[], &[(tls, "  tls: {mode: Disabled}\n")]);
    let told = &find(&effects, "redis.conf: tls-auth-clients").reason;
    assert!(!told.contains("refused"), "{told}");
    // Nobody needs a Certificate then, and cert-manager leaves its Secret.
    let gone = effects.iter().filter(|effect| effect.file.ends_with("/certificate.yaml"));
    let gone: Vec<_> = gone.map(|effect| (effect.impact, effect.reason.as_str())).collect();
    let told = (Impact::Live, "Its Secret stays, and nobody renews it any more.");
    assert_eq!(gone, [told; 3]);
}

#[test]
fn a_note_advises_nothing_that_does_nothing_or_harm() {
    let effects = effects_of(
        &example("minimal"),
        &[],
        &[("spec: {}", "spec: {redis: {persistence: {type: RDB}}}")],
    );
    let effects = effects.unwrap();
    let note = find(&effects, "redis.conf: appendfsync").note.as_deref();
    assert_eq!(note, Some("its value stays everysec, which is the default"));
    let note = find(&effects, "redis.conf: appendonly").note.as_deref();
    assert_eq!(note, Some("could also be set live, on every data node: CONFIG SET appendonly no"));
    let effects = production(&[], &[("memory: 4Gi", "memory: 6Gi")]);
    let note = find(&effects, "redis.conf: maxmemory").note.clone().unwrap();
    assert!(
        note.ends_with("maxmemory 4300mb; only where that much memory is there already"),
        "{note}"
    );
}

#[test]
fn an_image_from_another_registry_may_be_the_same() {
    let image = "image: redis:7.2.5-alpine";
    for (after, is_copy) in [
        ("image: mirror.example.com/redis:7.2.5-alpine", true),
        ("image: mirror.example.com/redis:7.2.6-alpine", false),
        ("image: example/server:7.2.5-alpine", false),
    ] {
        let effects = production(&[], &[(image, after)]);
        let effect = find(&effects, "containers[redis].image");
        assert!(effect.reason.contains("Another image"), "{after}");
        let says_so = effect.note.as_deref().is_some_and(|note| note.contains("a copy"));
        assert_eq!(says_so, is_copy, "{after}: {effect:?}");
    }
}
