//! Text from files that anybody may have written, made fit to be shown.

use std::collections::HashSet;

use crate::impact::excerpt;

/// A line: control characters are spelled out, so that none moves a cursor or ends the line, and long texts are cut.
pub fn shown(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for (count, character) in text.trim_end().chars().enumerate() {
        if count == longest {
            shown.push('…');
            break;
        }
        if is_hidden(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control characters, and those that turn the direction of a text or have no width.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `before → after`, or nothing if neither is known.
pub fn values(before: Option<&str>, after: Option<&str>, longest: usize) -> Option<String> {
    if let (Some(before), Some(after)) = (before, after) {
        let [before, after] = excerpt(before, after, longest);
        return Some(arrow(Some(&before), Some(&after), longest));
    }
    (before.is_some() || after.is_some()).then(|| arrow(before, after, longest))
}

fn arrow(before: Option<&str>, after: Option<&str>, longest: usize) -> String {
    let side = |value: Option<&str>| match value {
        None => "absent".to_string(),
        Some("") => "empty".to_string(),
        Some(value) => shown(value, longest),
    };
    format!("{} → {}", side(before), side(after))
}

/// The first of many names, and how many more there are.
pub fn listed(names: &[&str], most: usize) -> String {
    let first: Vec<String> = names.iter().take(most).map(|name| shown(name, 120)).collect();
    match names.len().saturating_sub(most) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// What stands for a secret.
const HIDDEN: &str = "(hidden)";

/// A file on the disk as it may be shown. Nothing that redisforge writes holds a secret, but a file that somebody edited may.
/// A line that is rendered too is shown as it is.
pub fn without_secrets(text: &str, rendered: &str) -> String {
    let rendered: HashSet<&str> = rendered.split_inclusive('\n').collect();
    let mut is_secret_object = false;
    text.split_inclusive('\n')
        .map(|line| {
            if line.starts_with("---") {
                is_secret_object = false;
            }
            is_secret_object |= line.trim_end() == "kind: Secret";
            if rendered.contains(line) {
                line.into()
            } else {
                without_secret(line, is_secret_object)
            }
        })
        .collect()
}

fn without_secret(line: &str, is_secret_object: bool) -> String {
    let content = line.trim_start();
    let indent = &line[..line.len() - content.len()];
    let end = if line.ends_with('\n') { "\n" } else { "" };
    let mut words = content.split_whitespace();
    let first = words.next().unwrap_or_default().trim_start_matches("- ").to_lowercase();
    let directive = match first.as_str() {
        "sentinel" => words.next().unwrap_or_default().to_lowercase(),
        _ => first.trim_end_matches(':').trim_matches('"').to_string(),
    };
    if first == "user" && content.contains(['>', '<', '#', '!']) {
        let words = content.split_whitespace().map(|word| match word.chars().next() {
            Some(mark @ ('>' | '<' | '#' | '!')) => format!("{mark}{HIDDEN}"),
            _ => word.into(),
        });
        return format!("{indent}{}{end}", words.collect::<Vec<_>>().join(" "));
    }
    if let Some(line) = without_credentials(line) {
        return line;
    }
    let is_secret = SECRET.contains(&directive.as_str())
        || is_secret_object && content.contains(':') && !indent.is_empty();
    let has_value = content.split_once([' ', ':']).is_some_and(|(_, value)| {
        let value = value.trim().trim_end_matches('{');
        !value.is_empty() && !value.starts_with('$')
    });
    if is_secret && has_value {
        let key = content.split([' ', ':']).next().unwrap_or_default();
        return format!("{indent}{key} {HIDDEN}{end}");
    }
    line.into()
}

/// `scheme://user:password@host`
fn without_credentials(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("://")?;
    let end = rest.find([' ', '/', '"', '\'', '\n']).unwrap_or(rest.len());
    let (credentials, _) = rest[..end].rsplit_once('@')?;
    let is_literal = credentials.contains(':') && !credentials.contains('$');
    is_literal.then(|| format!("{before}://{HIDDEN}{}", &rest[credentials.len()..]))
}

/// Directives and keys whose value is a secret. What redisforge writes there is a reference, or nothing.
const SECRET: [&str; 14] = [
    "requirepass",
    "masterauth",
    "primaryauth",
    "auth-pass",
    "sentinel-pass",
    "tls-key-file-pass",
    "tls-client-key-file-pass",
    "password",
    "passwd",
    "redis_password",
    "redis_exporter_password",
    "rediscli_auth",
    "token",
    "apikey",
];
