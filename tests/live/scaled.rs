//! The rendered rules with shorter seconds: every `for`, every window and offset, and every age in seconds, by one factor.

use regex::{Captures, Regex};

/// Half an hour is a minute.
const FACTOR: f64 = 1.0 / 30.0;
/// Sentinel looks, votes and tells in periods of its own, which do not scale: no alert is faster than they are.
const LEAST_FOR_MILLISECONDS: f64 = 10_000.0;

/// Rules as they are rendered, for faults of seconds instead of minutes.
pub fn rules(rendered: &str) -> String {
    let pause = Regex::new(r"(?m)^( +for: )(\d+)([smh])$").unwrap();
    let scaled = pause.replace_all(rendered, |found: &Captures| {
        let milliseconds = scaled(&found[2], &found[3]).max(LEAST_FOR_MILLISECONDS);
        format!("{}{milliseconds:.0}ms", &found[1])
    });
    let window = Regex::new(r"(\[|\boffset )(\d+)([smh])").unwrap();
    let scaled_windows = window.replace_all(&scaled, |found: &Captures| {
        format!("{}{:.0}ms", &found[1], scaled_window(found))
    });
    let age = Regex::new(r"((?:_uptime_in_seconds|_spike_last)\{[^}]*\} < )(\d+)\b").unwrap();
    age.replace_all(&scaled_windows, |found: &Captures| {
        format!("{}{}", &found[1], found[2].parse::<f64>().unwrap() * FACTOR)
    })
    .into_owned()
}

fn scaled_window(found: &Captures) -> f64 {
    scaled(&found[2], &found[3])
}

fn scaled(number: &str, unit: &str) -> f64 {
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        _ => 3600.0,
    };
    number.parse::<f64>().unwrap() * seconds * 1000.0 * FACTOR
}

#[test]
fn seconds_are_scaled_and_nothing_else() {
    let rendered = "
        expr: increase(x{y=\"5m\"}[5m]) / 5 > 2 and z offset 1h and redis_uptime_in_seconds{a=\"b\"} < 1800
        for: 10m
        for: 30s
        description: within 5m";
    let expected = "
        expr: increase(x{y=\"5m\"}[10000ms]) / 5 > 2 and z offset 120000ms and redis_uptime_in_seconds{a=\"b\"} < 60
        for: 20000ms
        for: 10000ms
        description: within 5m";
    assert_eq!(rules(rendered), expected);
}
