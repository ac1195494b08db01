//! What a rule says beyond its example: the second way to break it, and what is near it and right.

mod support;

use redisforge::diagnostic::Severity;
use support::load_text;

const HOSTS: &str = "platform: {type: Hosts, hosts: [{name: a, address: 10.0.0.1, zone: x}, {name: b, address: 10.0.0.2, zone: x}, {name: c, address: 10.0.0.3, zone: y}]}";

/// Severity and path of what a rule finds in a spec of these lines.
fn found(rule: &str, lines: &[&str]) -> Vec<(Severity, String)> {
    let text = format!(
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: cache}}\nspec:\n  {}\n",
        lines.join("\n  ")
    );
    load_text(&text)
        .diagnostics
        .into_iter()
        .filter(|found| found.id == rule)
        .map(|found| (found.severity, found.path))
        .collect()
}

fn paths(rule: &str, lines: &[&str]) -> Vec<String> {
    found(rule, lines).into_iter().map(|(_, path)| path).collect()
}

#[test]
fn snapshots_without_a_save_point_are_no_persistence() {
    let judge = |kind: &str, config: &str| {
        let redis = format!("redis: {{persistence: {{type: {kind}}}, config: {{{config}}}}}");
        paths("persistence-off", &[&redis])
    };
    for empty in [r#"save: """#, r#"SAVE: """#, r#"save: [""]"#, r#"save: ["3600 1", ""]"#] {
        let name = &empty[..4];
        assert_eq!(judge("RDB", empty), [format!("spec.redis.config.{name}")], "{empty}");
        assert_eq!(judge("AOFAndRDB", empty), Vec::<String>::new(), "{empty}");
    }
    for kept in ["", "save: 3600 1", r#"save: ["", "3600 1"]"#] {
        assert_eq!(judge("RDB", kept), Vec::<String>::new(), "{kept}");
    }
}

#[test]
fn pods_announce_the_port_that_they_listen_on() {
    let rule = "announce-port-on-pods";
    let other = ["redis: {announcePort: 30379}", "sentinel: {announcePort: 30380}"];
    assert_eq!(paths(rule, &other), ["spec.redis.announcePort", "spec.sentinel.announcePort"]);
    let same = ["redis: {port: 7000, announcePort: 7000}"];
    assert_eq!(paths(rule, &same), Vec::<String>::new());
    assert_eq!(paths(rule, &[HOSTS, other[0], other[1]]), Vec::<String>::new());
}

#[test]
fn only_a_required_spread_keeps_nodes_on_machines_of_their_own() {
    let judge = |spread: &str| {
        found("nodes-may-share-machine", &[&format!("placement: {{nodes: {spread}}}")])
    };
    let warned = [(Severity::Warning, "spec.placement.nodes".to_string())];
    assert_eq!(judge("Disabled"), warned);
    assert_eq!(judge("Preferred"), warned);
    assert_eq!(judge("Required"), []);
}

#[test]
fn a_required_spread_makes_the_loss_of_a_zone_of_hosts_an_error() {
    let rule = "zone-loss-stops-failover";
    let at = |severity| vec![(severity, "spec.platform.hosts".to_string())];
    assert_eq!(found(rule, &[HOSTS]), at(Severity::Warning));
    let required = "placement: {zones: {spread: Required}}";
    assert_eq!(found(rule, &[HOSTS, required]), at(Severity::Error));
    let allow = "allow: [{rule: zone-loss-stops-failover, reason: one building}]";
    assert_eq!(found(rule, &[HOSTS, required, allow]), at(Severity::Note));
    assert_eq!(paths("ignored-field", &[HOSTS, required]), Vec::<String>::new());
    let disabled = "placement: {zones: {spread: Disabled}}";
    assert_eq!(paths("ignored-field", &[HOSTS, disabled]), ["spec.placement.zones.spread"]);
}

#[test]
fn an_image_of_the_other_engine_is_named() {
    let judge = |engine: &str| paths("image-not-version", &[&format!("engine: {{{engine}}}")]);
    for image in ["redis:8.1", "docker.io/library/redis:8.1", "bitnami/redis:8.1", "library/redis"]
    {
        let engine = format!("type: Valkey, version: '8.1', image: '{image}'");
        assert_eq!(judge(&engine), ["spec.engine.image"], "{image}");
    }
    for image in ["valkey/valkey:7.2", "docker.io/valkey/valkey:7.2", "bitnamilegacy/valkey:7.2"] {
        let engine = |kind| format!("type: {kind}, version: '7.2', image: '{image}'");
        assert_eq!(judge(&engine("Redis")), ["spec.engine.image"], "{image}");
        assert_eq!(judge(&engine("Valkey")), Vec::<String>::new(), "{image}");
    }
    let own = "type: Valkey, version: '8.1', image: 'registry.example/redis:8.1'";
    assert_eq!(judge(own), Vec::<String>::new());
}

#[test]
fn redis_is_given_an_address_to_listen_on_once() {
    let judge = |bind: &str| {
        let host = |name: &str, last: u8| format!("{{name: {name}, address: 10.0.0.{last}}}");
        let first = format!("{{name: a, address: 10.0.0.1, bind: [{bind}]}}");
        let platform = format!(
            "platform: {{type: Hosts, hosts: [{first}, {}, {}]}}",
            host("b", 2),
            host("c", 3)
        );
        paths("invalid-address", &[&platform])
    };
    for twice in ["10.0.0.1, 10.0.0.1", "10.0.0.1, -10.0.0.1", "'::1', '0:0::1'", "'*', 0.0.0.0"] {
        assert_eq!(judge(twice), ["spec.platform.hosts[0].bind[1]"], "{twice}");
    }
    assert_eq!(judge("'::ffff:10.0.0.1'"), ["spec.platform.hosts[0].bind[0]"]);
    assert_eq!(judge("10.0.0.1, 127.0.0.1, '::1'"), Vec::<String>::new());
    assert_eq!(judge("'*', '::*'"), Vec::<String>::new());
}

#[test]
fn a_threshold_may_be_the_least_and_the_most_and_nothing_beyond() {
    let bounds = [
        ("backlogSeconds", 1, 86_400),
        ("fullSyncMinutes", 0, 10_080),
        ("loadingMinutes", 0, 10_080),
        ("versionSkewMinutes", 0, 10_080),
        ("restartsPerHalfHour", 0, 100),
        ("failoversPerHour", 1, 100),
        ("queuedScripts", 0, 255),
        ("memoryUsedPercent", 1, 99),
    ];
    for (field, least, most) in bounds {
        let judge = |value: i64| {
            let line = format!("monitoring: {{alerts: {{thresholds: {{{field}: {value}}}}}}}");
            let text = format!(
                "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: cache}}\nspec: {{{line}}}\n"
            );
            load_text(&text).diagnostics.into_iter().any(|found| found.severity == Severity::Error)
        };
        assert!(!judge(least), "{field}: {least}");
        assert!(!judge(most), "{field}: {most}");
        assert!(judge(least - 1), "{field}: {}", least - 1);
        assert!(judge(most + 1), "{field}: {}", most + 1);
    }
}

#[test]
fn the_namespace_of_hosts_is_read_while_there_is_a_dashboard() {
    let judge = |monitoring: &str| {
        let text = format!(
            "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: cache, namespace: web}}\nspec:\n  {HOSTS}\n  {monitoring}\n"
        );
        let found = load_text(&text).diagnostics.into_iter();
        found.filter(|found| found.id == "ignored-field").map(|found| found.path).collect()
    };
    let none: Vec<String> = judge("redis: {}");
    assert_eq!(none, Vec::<String>::new());
    assert_eq!(judge("monitoring: {dashboard: {delivery: Disabled}}"), ["metadata.namespace"]);
}

#[test]
fn a_threshold_of_an_alert_that_cannot_be_is_told_about() {
    let thresholds = "monitoring: {alerts: {thresholds: {certificateDays: 7, queuedScripts: 5, containerMemoryPercent: 80}}}";
    let at = |field: &str| format!("spec.monitoring.alerts.thresholds.{field}");
    let (days, scripts) = (at("certificateDays"), at("queuedScripts"));
    assert_eq!(paths("ignored-field", &[thresholds]), [days.clone(), scripts.clone()]);
    let hosts = paths("ignored-field", &[HOSTS, thresholds]);
    assert_eq!(hosts, [days, scripts, at("containerMemoryPercent")]);
    let read = [
        "tls: {mode: Required, certificate: {type: CertManager, issuerRef: {kind: Issuer, name: ca}}}",
        "notifications: {alertmanagers: ['http://alertmanager.example:9093']}",
        thresholds,
    ];
    assert_eq!(paths("ignored-field", &read), Vec::<String>::new());
}

#[test]
fn what_only_a_prometheus_reads_is_told_about_without_one() {
    let fields = "exporter: {memory: 96Mi}, alerts: {thresholds: {memoryUsedPercent: 70}}, dashboard: {folder: Redis}";
    let found = |scrape: &str| {
        let monitoring = format!(
            "monitoring: {{scrape: {{type: {scrape}, intervalSeconds: 30, labels: {{a: b}}}}, {fields}}}"
        );
        paths("ignored-field", &[&monitoring])
    };
    let at = |field: &str| format!("spec.monitoring.{field}");
    assert_eq!(found("PodMonitor"), Vec::<String>::new());
    assert_eq!(found("Static"), [at("scrape.labels")]);
    let all = [
        "scrape.intervalSeconds",
        "scrape.labels",
        "exporter.memory",
        "alerts.thresholds.memoryUsedPercent",
        "dashboard.folder",
    ];
    assert_eq!(found("Disabled"), all.map(at));
}
