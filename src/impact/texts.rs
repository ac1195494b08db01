//! Line by line: the languages of a process's directory, each as what its lines are known by and what they say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::documents::Difference;
use crate::directives::{self, Engine, Scope, Table};

/// What stands in a text, by its name there; several times if a name has several lines.
type Lines = BTreeMap<String, Vec<String>>;

/// Where two texts differ by what `read` makes of each line.
fn differences(
    before: &str,
    after: &str,
    read: impl Fn(&str) -> Option<(String, String)>,
) -> Vec<Difference> {
    let (before, after) = (lines(before, &read), lines(after, &read));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let differing = names.filter(|name| !is_same(before.get(*name), after.get(*name)));
    let value = |lines: Option<&Vec<String>>| lines.map(|lines| Value::String(lines.join(" ")));
    differing
        .map(|name| Difference {
            place: name.clone(),
            before: value(before.get(name)),
            after: value(after.get(name)),
        })
        .collect()
}

fn lines(text: &str, read: impl Fn(&str) -> Option<(String, String)>) -> Lines {
    let mut lines = Lines::new();
    let written = text.lines().map(str::trim);
    let written = written.filter(|line| !line.is_empty() && !line.starts_with('#'));
    for (name, value) in written.filter_map(read) {
        lines.entry(name).or_default().push(value);
    }
    lines
}

/// `1gb` and `1024mb` are one size.
fn is_same(before: Option<&Vec<String>>, after: Option<&Vec<String>>) -> bool {
    let size = |lines: Option<&Vec<String>>| match lines.map(Vec::as_slice) {
        Some([only]) => directives::bytes(only),
        _ => None,
    };
    before == after || (size(before).is_some() && size(before) == size(after))
}

/// redis.conf or sentinel.conf, by directive; what belongs to a master has the master's name behind it.
pub(super) fn conf(before: &str, after: &str) -> Vec<Difference> {
    differences(before, after, |line| {
        let words = words(line);
        let first = words.first()?.to_ascii_lowercase();
        let count = if first == "sentinel" { sentinel_words(words.get(1)?) } else { 1 };
        let name = [first].into_iter().chain(words.iter().skip(1).take(count - 1).cloned());
        let value = words.iter().skip(count).map(|word| shown(word)).collect::<Vec<_>>().join(" ");
        Some((name.collect::<Vec<_>>().join(" "), value))
    })
}

/// How many words of a line after `sentinel` are its name.
fn sentinel_words(name: &str) -> usize {
    let newest = [Engine::Redis, Engine::Valkey]
        .map(|engine| Table::sentinel(engine, directives::Version::new(u16::MAX, 0)));
    let found = newest.iter().find_map(|table| table.find(name));
    if found.is_some_and(|directive| directive.scope() == Scope::Sentinel) { 2 } else { 3 }
}

/// Empty text is shown as what it is.
fn shown(word: &str) -> String {
    if word.is_empty() { "\"\"".into() } else { word.into() }
}

/// Words as the server splits them, without their quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = if matches!(first, '"' | '\'') {
            rest[1..].split_once(first).unwrap_or((&rest[1..], ""))
        } else {
            rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()))
        };
        words.push(word.into());
        rest = after.trim_start();
    }
    words
}

/// `settings`, which the scripts source.
pub(super) fn settings(before: &str, after: &str) -> Vec<Difference> {
    differences(before, after, |line| {
        let (key, value) = line.split_once('=')?;
        Some((key.into(), value.trim_matches('\'').into()))
    })
}

/// Lines that begin with a name: users, webhooks, and kernel settings.
pub(super) fn named(before: &str, after: &str) -> Vec<Difference> {
    differences(before, after, |line| {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        Some((name.into(), rest.trim_start_matches(['=', ' ']).into()))
    })
}

/// The list of members, by `data MASTER NAME` and `sentinel NAME`.
pub(super) fn members(before: &str, after: &str) -> Vec<Difference> {
    differences(before, after, |line| {
        let words: Vec<&str> = line.split(' ').collect();
        let count = if words.first() == Some(&"data") { 3 } else { 2 };
        (words.len() > count).then(|| (words[..count].join(" "), words[count..].join(" ")))
    })
}

/// A unit of systemd, by key.
pub(super) fn unit(before: &str, after: &str) -> Vec<Difference> {
    differences(before, after, |line| {
        let (key, value) = line.split_once('=')?;
        Some((key.into(), value.into()))
    })
}

/// Any other text, as a whole: the first line that differs, comments and empty lines apart.
pub(super) fn whole(before: &str, after: &str) -> Vec<Difference> {
    let code = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim_end);
        lines
            .filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'))
            .map(Into::into)
            .collect()
    };
    let (before, after) = (code(before), code(after));
    if before == after {
        return Vec::new();
    }
    let same = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
    let line = |lines: &[String]| lines.get(same).map(|line| Value::String(line.trim().into()));
    vec![Difference { place: String::new(), before: line(&before), after: line(&after) }]
}
