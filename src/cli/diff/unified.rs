//! Unified diffs of the files that differ in more than form, as `patch -p1` reads them.

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use similar::TextDiff;

use super::{
    report::{Compared, Report, Status, scope, word},
    text::{is_hidden, shown},
};
use crate::impact::{Effect, FileChange};

pub fn write(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    for compared in report.changed() {
        for (change, effect) in files(compared) {
            write_file(compared, change, effect, output)?;
        }
    }
    Ok(())
}

/// The files that have an effect, with the worst one. All files of a topology that comes or goes have its effect.
fn files(compared: &Compared) -> Vec<(&FileChange, Option<&Effect>)> {
    let is_whole = compared.status != Status::Changed;
    let worst = |change: &FileChange| {
        let effects = compared.effects.iter().filter(|effect| effect.file == change.path);
        effects.max_by_key(|effect| effect.impact)
    };
    let mut files: Vec<_> = compared
        .changes
        .iter()
        .map(|change| (change, worst(change)))
        .filter(|(_, effect)| is_whole || effect.is_some())
        .collect();
    files.sort_by_key(|(change, effect)| {
        (Reverse(effect.map(|effect| effect.impact)), &change.path)
    });
    files
}

fn write_file(
    compared: &Compared,
    change: &FileChange,
    effect: Option<&Effect>,
    output: &mut dyn Write,
) -> io::Result<()> {
    let name = |side: &str, content: &Option<String>| match content {
        Some(_) => shown(&format!("{side}/{}/{}", compared.name, change.path), usize::MAX),
        None => "/dev/null".into(),
    };
    if let Some(effect) = effect {
        let style = super::human::style(effect.impact);
        let (impact, scope) = (word(effect.impact), scope(effect.scope));
        let reason = shown(&effect.reason, usize::MAX);
        writeln!(output, "{style}# {impact}, {scope}: {reason}{style:#}")?;
    }
    let (before, after) = (name("a", &change.before), name("b", &change.after));
    let old = change.before.as_deref().unwrap_or_default();
    let new = change.after.as_deref().unwrap_or_default();
    let diff = TextDiff::from_lines(old, new);
    for line in diff.unified_diff().header(&before, &after).to_string().lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green.on_default(),
            Some(b'-') => AnsiColor::Red.on_default(),
            Some(b'@') => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        let mut plain = String::new();
        for character in line.chars() {
            if is_hidden(character) && character != '\t' {
                plain.extend(character.escape_default());
            } else {
                plain.push(character);
            }
        }
        writeln!(output, "{style}{plain}{style:#}")?;
    }
    Ok(())
}
