use super::{check_rule, check_rules};
use crate::directives::{Engine, Version};

fn redis(version: &str, rule: &str) -> Result<(), String> {
    check_rule(Engine::Redis, version.parse().expect(version), rule)
}

fn refusal(version: &str, rule: &str) -> String {
    redis(version, rule).expect_err(rule)
}

#[test]
fn usual_rules_are_taken() {
    let rules = [
        "on",
        "OFF",
        "allkeys",
        "~shop:*",
        "%R~shop:*",
        "%RW~x",
        "&shop:*",
        "+@read",
        "-@dangerous",
        "+GET",
        "+config|get",
        "-config|set",
        "+select|0",
        "(~cache:* +get)",
        "()",
        "resetchannels",
        "+json.get",
    ];
    for rule in rules {
        assert_eq!(redis("7.0", rule), Ok(()), "{rule}");
    }
}

#[test]
fn a_command_of_another_version_is_told_from_nonsense() {
    assert_eq!(
        refusal("7.0", "+client|setinfo"),
        "`client|setinfo` is no command of Redis 7.0; it exists in Redis 7.2 and later, Valkey 7.2 and later"
    );
    assert_eq!(redis("7.2", "+client|setinfo"), Ok(()));
    assert_eq!(refusal("7.0", "+hgte"), "`hgte` is no command of Redis 7.0; did you mean `hget`?");
    assert_eq!(
        refusal("7.0", "+config|gte"),
        "`config|gte` is no command of Redis 7.0; did you mean `config|get`?"
    );
    assert_eq!(
        refusal("7.0", "+@raed"),
        "`@raed` is no ACL category of Redis 7.0; did you mean `@read`?"
    );
    assert_eq!(
        refusal("7.0", "+stralgo"),
        "`stralgo` is no command of Redis 7.0; it exists in Redis 6.2"
    );
    assert!(check_rule(Engine::Valkey, Version::new(8, 1), "+hexpire").is_err());
    assert!(check_rule(Engine::Valkey, Version::new(9, 0), "+hexpire").is_ok());
}

#[test]
fn what_came_with_7_0_is_refused_before() {
    for rule in ["%R~x", "(+get)", "-config|set", "clearselectors", "+fcall"] {
        assert!(redis("6.2", rule).is_err(), "{rule}");
        assert_eq!(redis("7.0", rule), Ok(()), "{rule}");
    }
}

#[test]
fn passwords_are_no_rules() {
    for rule in [">secret", "<secret", "nopass", "resetpass", "reset", "#abc", "!abc"] {
        let refusal = refusal("7.0", rule);
        assert!(!refusal.contains("secret"), "{refusal}");
    }
    assert_eq!(redis("7.0", &format!("#{}", "0a".repeat(32))), Ok(()));
}

#[test]
fn a_rule_cannot_smuggle_a_second_one() {
    for rule in [
        "",
        "~a b",
        "+get +set",
        "~a\nuser evil on",
        "(+get\n+set)",
        "(+get",
        "(+get) (+set)",
        "(on)",
        "((+get))",
    ] {
        assert!(redis("7.0", rule).is_err(), "{rule}");
    }
}

#[test]
fn a_pattern_after_one_for_all_is_found_at_its_place() {
    let places = |rules: &[&str]| {
        let refusals = check_rules(Engine::Redis, Version::new(7, 0), rules);
        refusals.into_iter().map(|(index, _)| index).collect::<Vec<_>>()
    };
    assert_eq!(places(&["allkeys", "~shop:*", "+@all"]), [1]);
    assert_eq!(places(&["&*", "+get", "&shop"]), [2]);
    assert!(places(&["~*", "resetkeys", "~shop:*", "allkeys", "~*"]).is_empty());
    assert_eq!(places(&["+nope", "(~* ~x)"]), [0, 1]);
}

#[test]
fn a_version_newer_than_the_table_may_know_more() {
    assert_eq!(redis("9.0", "+frobnicate"), Ok(()));
    assert!(redis("8.6", "+frobnicate").is_err());
}
