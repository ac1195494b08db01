use super::{Engine, Scope, Table, Version, is_name};

fn redis(major: u16, minor: u16) -> Table {
    Table::server(Engine::Redis, Version::new(major, minor))
}

fn check(table: Table, name: &str, value: &str) -> Result<(), String> {
    let directive = table.find(name).expect(name);
    directive.check(&directive.words(value))
}

#[test]
fn a_directive_is_found_by_name_alias_and_in_any_case() {
    let found = |name| redis(7, 0).find(name).map(|directive| directive.name());
    assert_eq!(found("maxmemory"), Some("maxmemory"));
    assert_eq!(found("MaxMemory"), Some("maxmemory"));
    assert_eq!(found("slave-priority"), Some("replica-priority"));
    assert_eq!(found("frobnicate"), None);
}

#[test]
fn a_directive_of_another_version_is_told_from_nonsense() {
    assert!(redis(6, 2).find("shutdown-timeout").is_none());
    assert_eq!(
        redis(6, 2).elsewhere("shutdown-timeout").as_deref(),
        Some("Redis 7.0 and later, Valkey 7.2 and later")
    );
    assert_eq!(redis(7, 0).elsewhere("gopher-enabled").as_deref(), Some("Redis 6.2"));
    assert_eq!(redis(7, 0).elsewhere("frobnicate"), None);
    assert_eq!(redis(7, 0).closest("maxmemmory"), Some("maxmemory"));
}

#[test]
fn a_version_newer_than_the_table_is_judged_by_the_newest_rows() {
    assert!(redis(7, 4).is_exact());
    for table in [redis(8, 0), redis(8, 6), Table::server(Engine::Valkey, Version::new(9, 0))] {
        assert!(!table.is_exact());
        assert!(table.find("maxmemory").is_some());
    }
}

#[test]
fn defaults_and_bounds_follow_the_version() {
    let default = |table: Table, name| table.find(name).map(|directive| directive.default());
    assert_eq!(default(redis(6, 2), "acl-pubsub-default"), Some("allchannels"));
    assert_eq!(default(redis(7, 0), "acl-pubsub-default"), Some("resetchannels"));
    assert_eq!(default(redis(7, 0), "logfile"), Some(""));
    assert!(check(redis(7, 2), "maxmemory-samples", "100").is_ok());
    assert!(check(redis(7, 4), "maxmemory-samples", "100").is_err());
}

#[test]
fn a_refused_value_tells_what_is_expected() {
    let refusals = [
        ("maxclients", "abc", "`abc` is not an integer from 1 to 4294967295"),
        ("appendfsync", "sometimes", "`sometimes` is not one of everysec, always, no"),
        ("activedefrag", "true", "`true` is not yes or no"),
        ("maxmemory", "1Gi", "`1Gi` is not a size such as 64mb"),
        (
            "client-query-buffer-limit",
            "1kb",
            "`1kb` is not a size such as 64mb, of at least 1048576 bytes",
        ),
        (
            "maxmemory-clients",
            "101%",
            "`101%` is not a size such as 64mb or a percentage such as 5%",
        ),
        ("repl-backlog-ttl", "-1", "`-1` is not an integer of at least 0"),
        (
            "save",
            "900",
            "`900` is not seconds and changes such as `900 1`, repeated as needed, or empty",
        ),
        ("oom-score-adj-values", "0 200", "`0 200` is not three integers from -2000 to 2000"),
        ("shutdown-on-sigterm", "save nosave", "`save` and `nosave` exclude each other"),
    ];
    for (name, value, message) in refusals {
        assert_eq!(check(redis(7, 0), name, value), Err(message.to_owned()), "{name}");
    }
}

#[test]
fn values_of_several_words_are_split_and_others_are_not() {
    let words = |name, value| redis(7, 0).find(name).expect(name).words(value);
    assert_eq!(words("save", "900 1  300 10"), ["900", "1", "300", "10"]);
    assert_eq!(words("save", ""), [""]);
    assert_eq!(words("syslog-ident", "two words"), ["two words"]);
    assert!(check(redis(7, 0), "save", "900 1 300 10").is_ok());
    assert!(check(redis(6, 2), "save", "900 1 300 10").is_err());
    assert!(check(redis(7, 0), "client-output-buffer-limit", "replica 256mb 64mb 60").is_ok());
    assert!(check(redis(7, 0), "client-output-buffer-limit", "replicas 256mb 64mb 60").is_err());
}

#[test]
fn a_sentinel_knows_its_own_directives_and_those_of_a_server_that_it_acts_on() {
    let table = Table::sentinel(Engine::Redis, Version::new(7, 0));
    let scope = |name| table.find(name).map(|directive| directive.scope());
    assert_eq!(scope("resolve-hostnames"), Some(Scope::Sentinel));
    assert_eq!(scope("down-after-milliseconds"), Some(Scope::Master));
    assert_eq!(scope("loglevel"), Some(Scope::Server));
    assert_eq!(scope("maxmemory"), None);
    let place = table.elsewhere("maxmemory");
    assert_eq!(place.as_deref(), Some("redis.conf only; a Sentinel would ignore it"));
    assert_eq!(table.closest("sentinel parallel-syncs"), Some("parallel-syncs"));
    assert_eq!(
        Scope::Master.before_value("parallel-syncs", "shop"),
        "sentinel parallel-syncs shop"
    );
    let old = Table::sentinel(Engine::Redis, Version::new(6, 2));
    assert_eq!(
        old.elsewhere("master-reboot-down-after-period").as_deref(),
        Some("Redis 7.0 and later, Valkey 7.2 and later")
    );
}

#[test]
fn a_name_cannot_smuggle_a_line() {
    assert!(is_name("maxmemory") && is_name("bio_cpulist") && is_name("search.workers"));
    for bad in ["", "a b", "a\nport", "a\"", "ä"] {
        assert!(!is_name(bad), "{bad}");
    }
}

#[test]
fn every_default_is_a_value_that_the_check_takes() {
    for engine in [Engine::Redis, Engine::Valkey] {
        for (major, minor) in [(6, 2), (7, 0), (7, 2), (7, 4), (8, 0)] {
            let table = Table::server(engine, Version::new(major, minor));
            for name in table.names() {
                let directive = table.find(name).expect(name);
                // 6.2 has these defaults as several lines.
                let lines =
                    major < 7 && matches!(directive.name(), "save" | "client-output-buffer-limit");
                if lines || directive.default().is_empty() {
                    continue;
                }
                let words = directive.words(directive.default());
                assert_eq!(directive.check(&words), Ok(()), "{name} in {engine} {major}.{minor}");
            }
        }
    }
}
