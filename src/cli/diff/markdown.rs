//! For the comment of a pull request, which may have only so many bytes. The dangerous part is kept: lines are taken worst first,
//! and only then their details, worst first too; what is left out is counted.

use std::collections::BTreeMap;

use super::{
    report::{self, Group, Report, counted, scope, word},
    text::{shown, values},
};
use crate::impact::Impact;

/// Room that is kept for what is said of the parts that are left out.
const FOOTER: usize = 400;
/// So many names are listed at once.
const NAMES: usize = 5;

pub fn text(report: &Report, with_runbook: bool, everything: bool, budget: usize) -> String {
    let head = head(report);
    let (groups, unnoticed) = report::split(report::groups(report.changed()), everything);
    let unnoticed = count(&unnoticed);
    let mut room = budget.saturating_sub(head.len() + unnoticed.len() + FOOTER);
    let lines: Vec<String> = groups.iter().map(line).collect();
    let mut taken = 0;
    while let Some(line) = lines.get(taken).filter(|line| line.len() <= room) {
        room -= line.len();
        taken += 1;
    }
    let mut details: Vec<Option<String>> = Vec::new();
    for group in &groups[..taken] {
        let text = detail(group, with_runbook);
        let fits = text.len() <= room;
        room -= if fits { text.len() } else { 0 };
        details.push(fits.then_some(text));
    }
    let mut text = head;
    for (line, detail) in lines.iter().zip(&details) {
        text += line;
        text += detail.as_deref().unwrap_or_default();
    }
    text + &unnoticed
        + &footer(&groups, taken, details.iter().filter(|detail| detail.is_none()).count())
}

fn head(report: &Report) -> String {
    let summary = report.summary();
    match report.highest_impact() {
        None => format!(
            "### redisforge: nothing changes\n\n{summary}, compared with {}.\n",
            code(&report.against, 100)
        ),
        Some(impact) => format!(
            "### redisforge: highest impact **{}**{}\n\n{summary}, compared with {}.\n\n",
            word(impact),
            if impact >= Impact::Recreate { " ⛔" } else { "" },
            code(&report.against, 100),
        ),
    }
}

/// What changes where, in one line.
fn line(group: &Group<'_>) -> String {
    let effect = group.effect;
    let subjects = names(&group.subjects);
    let mut line = format!("- **{}** {}: {subjects}", word(effect.impact), scope(effect.scope));
    if !effect.place.is_empty() {
        line += &format!(" {}", code(&effect.place, 100));
        line += &group.other_places().unwrap_or_default();
    }
    if let Some(values) = values(effect.before.as_deref(), effect.after.as_deref(), 60) {
        line += &format!(" {}", code(&values, 130));
    }
    line + &format!(" in {}\n", names(&group.topologies))
}

/// One line for many changes, of which none is worth one.
fn count(unnoticed: &[Group<'_>]) -> String {
    if unnoticed.is_empty() {
        return String::new();
    }
    let (word, changes) = (word(Impact::None), counted(unnoticed.len(), "change"));
    let subjects = names(&report::subjects(unnoticed));
    format!(
        "- **{word}**: {changes} that Redis, Sentinel and clients cannot notice, in {subjects}\n"
    )
}

fn detail(group: &Group<'_>, with_runbook: bool) -> String {
    let effect = group.effect;
    let mut detail = format!("  {}\n", plain(&effect.reason));
    if let Some(note) = &effect.note {
        detail += &format!("  {}\n", plain(note));
    }
    if with_runbook && !effect.runbook.is_empty() {
        let lines: Vec<String> = effect
            .runbook
            .iter()
            .flat_map(|line| line.lines())
            .map(|line| shown(line, usize::MAX))
            .collect();
        let fence = fence(&lines.join("\n"), 3);
        detail += "\n  <details><summary>Runbook</summary>\n\n";
        detail += &format!("  {fence}sh\n");
        for line in lines {
            detail += &format!("  {line}\n");
        }
        detail += &format!("  {fence}\n\n  </details>\n\n");
    }
    detail
}

/// What was left out, by impact.
fn footer(groups: &[Group<'_>], taken: usize, bare: usize) -> String {
    let mut counts: BTreeMap<Impact, usize> = BTreeMap::new();
    for group in &groups[taken..] {
        *counts.entry(group.effect.impact).or_default() += 1;
    }
    let mut parts: Vec<String> = counts
        .iter()
        .rev()
        .map(|(impact, count)| format!("{} of impact {}", counted(*count, "change"), word(*impact)))
        .collect();
    if bare > 0 {
        parts.push(format!("the details of {}", counted(bare, "change")));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("\nLeft out for length: {}. `redisforge diff` shows everything.\n", parts.join(", "))
}

fn names(names: &[&str]) -> String {
    let first: Vec<String> = names.iter().take(NAMES).map(|name| code(name, 80)).collect();
    match names.len().saturating_sub(NAMES) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// A code span, in which nothing is markdown.
fn code(text: &str, longest: usize) -> String {
    let text = shown(text, longest);
    let fence = fence(&text, 1);
    let pad =
        if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// More backticks than a text has in a row.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(least.max(longest + 1))
}

/// A sentence in which names may stand that are markdown or HTML to a reader, or would call somebody. Code in it stays code.
fn plain(text: &str) -> String {
    let text = shown(text, 600);
    let mut plain = String::new();
    for (index, part) in text.split('`').enumerate() {
        let is_code = index % 2 == 1;
        if is_code {
            plain += &code(part, 600);
            continue;
        }
        for character in part.chars() {
            if "\\*_[]<>|#~&".contains(character) {
                plain.push('\\');
            }
            plain.push(character);
            if character == '@' {
                plain.push('\u{200b}');
            }
        }
    }
    plain
}
