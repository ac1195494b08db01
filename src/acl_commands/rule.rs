//! One rule of a user, as `ACL SETUSER` reads it.

use super::table::Commands;
use crate::directives::{Engine, Version};

/// Rules of one word; from 6.2 on.
const WORDS: &str = "on off allkeys resetkeys allchannels resetchannels allcommands nocommands sanitize-payload \
     skip-sanitize-payload";
/// Those of them that a selector takes too.
const SELECTOR_WORDS: &str = "allkeys resetkeys allchannels resetchannels allcommands nocommands";
/// Selectors, key permissions and taking a subcommand away came together.
const ACL_V2: Version = Version::new(7, 0);

/// Whether a version takes one rule of a user. Rules that would undo what redisforge writes for every user (the password) are refused too.
///
/// # Errors
///
/// What is wrong, with the versions that know the command or the name that was probably meant.
pub fn check_rule(engine: Engine, version: Version, rule: &str) -> Result<(), String> {
    let commands = Commands { engine, version };
    if rule.starts_with('(') {
        return selector(commands, rule);
    }
    if rule.is_empty() || rule.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "`{}` is not one rule: it is empty or has a blank",
            rule.escape_debug()
        ));
    }
    match rule.to_ascii_lowercase().as_str() {
        "nopass" => return Err("`nopass` lets anybody in as this user".to_owned()),
        "reset" | "resetpass" => return Err(format!("`{rule}` takes away the user's password")),
        "clearselectors" if version >= ACL_V2 => return Ok(()),
        _ => {}
    }
    match rule.as_bytes()[0] {
        b'>' | b'<' => Err("passwords belong in Secrets: name one in `password`".to_owned()),
        b'!' => {
            Err("there is no password to remove: the user has the one that `password` names"
                .to_owned())
        }
        b'#' => hash(rule),
        _ if is_word(rule, WORDS) => Ok(()),
        _ => permission(commands, rule),
    }
}

/// What is wrong with the rules of a user, each with the index of its rule: every rule by itself, then patterns after one that matches all, which
/// are fatal too. They are taken to stand behind `resetchannels`: without it 6.2 gives a new user all channels.
#[must_use]
pub fn check_rules<S: AsRef<str>>(
    engine: Engine,
    version: Version,
    rules: &[S],
) -> Vec<(usize, String)> {
    let alone = |(index, rule): (usize, &S)| {
        let refusal = check_rule(engine, version, rule.as_ref()).err()?;
        Some((index, refusal))
    };
    let mut refusals: Vec<_> = rules.iter().enumerate().filter_map(alone).collect();
    refusals.extend(pattern_after_all(rules.iter().map(AsRef::as_ref)));
    refusals
}

/// The rules that only say what is allowed: those of a user and of a selector.
fn permission(commands: Commands, rule: &str) -> Result<(), String> {
    match rule.as_bytes()[0] {
        b'~' | b'&' => Ok(()),
        b'%' => key_permission(commands, rule),
        b'+' | b'-' => command(commands, rule),
        _ => Err(format!("`{rule}` is not an ACL rule")),
    }
}

fn is_word(rule: &str, words: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(rule))
}

fn hash(rule: &str) -> Result<(), String> {
    let digits = &rule[1..];
    if digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(());
    }
    Err("`#` needs a SHA-256 hash: 64 characters of 0-9 and a-f".to_owned())
}

fn key_permission(commands: Commands, rule: &str) -> Result<(), String> {
    if commands.version < ACL_V2 {
        return Err(format!("`{rule}`: key permissions exist from 7.0"));
    }
    let permissions = rule[1..].split_once('~').map(|(letters, _)| letters.to_ascii_uppercase());
    match permissions.as_deref() {
        Some("R" | "W" | "RW" | "WR") => Ok(()),
        _ => Err(format!("`{rule}` is not `%R~PATTERN`, `%W~PATTERN` or `%RW~PATTERN`")),
    }
}

fn command(commands: Commands, rule: &str) -> Result<(), String> {
    let (sign, name) = rule.split_at(1);
    if let Some(category) = name.strip_prefix('@') {
        return if commands.has_category(category) {
            Ok(())
        } else {
            Err(commands.unknown_category(category))
        };
    }
    let Some((container, argument)) = name.split_once('|') else {
        return if commands.has(name) { Ok(()) } else { Err(commands.unknown(name)) };
    };
    if !commands.has(container) {
        return Err(commands.unknown(container));
    }
    if argument.is_empty() {
        return Err(format!("`{rule}` names no subcommand"));
    }
    if sign == "-" && commands.version < ACL_V2 {
        return Err(format!(
            "`{rule}`: a subcommand can be taken away from 7.0 on; give the wanted ones instead"
        ));
    }
    if commands.has_subcommands(container) {
        return if commands.has(name) { Ok(()) } else { Err(commands.unknown(name)) };
    }
    // `+select|0`: a command without subcommands, allowed with one first argument.
    if sign == "-" || argument.contains('|') {
        return Err(commands.unknown(name));
    }
    Ok(())
}

fn selector(commands: Commands, rule: &str) -> Result<(), String> {
    if commands.version < ACL_V2 {
        return Err(format!("`{rule}`: selectors exist from 7.0"));
    }
    let inside = rule.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let Some(inside) = inside.filter(|inside| !inside.contains(|c: char| c.is_control())) else {
        return Err(format!(
            "`{}` is not a selector such as `(~cache:* +get)`",
            rule.escape_debug()
        ));
    };
    for rule in inside.split(' ').filter(|rule| !rule.is_empty()) {
        if !is_word(rule, SELECTOR_WORDS) {
            permission(commands, rule)?;
        }
    }
    match pattern_after_all(inside.split(' ')) {
        Some((_, refusal)) => Err(refusal),
        None => Ok(()),
    }
}

/// Servers take a further pattern after the one for all keys or channels as a mistake.
fn pattern_after_all<'a>(rules: impl Iterator<Item = &'a str>) -> Option<(usize, String)> {
    let (mut keys, mut channels) = (false, false);
    for (index, rule) in rules.enumerate() {
        let is_key = rule.starts_with(['~', '%']);
        let is_channel = rule.starts_with('&');
        match rule.to_ascii_lowercase().as_str() {
            "allkeys" | "~*" => keys = true,
            "resetkeys" => keys = false,
            "allchannels" | "&*" => channels = true,
            "resetchannels" => channels = false,
            _ if is_key && keys => {
                return Some((index, too_late(rule, "all keys are allowed", "resetkeys")));
            }
            _ if is_channel && channels => {
                return Some((index, too_late(rule, "all channels are allowed", "resetchannels")));
            }
            _ => {}
        }
    }
    None
}

fn too_late(rule: &str, fact: &str, reset: &str) -> String {
    format!("`{rule}` comes when {fact} already; drop it or put `{reset}` before it")
}

#[cfg(test)]
mod tests;
