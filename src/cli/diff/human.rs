//! For people at a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{
    report::{self, Compared, Group, Report, Status, counted, scope, word},
    text::{listed, shown, values},
};
use crate::impact::Impact;

/// Of more topologies than this, the same changes are told once for all.
const FEW: usize = 20;
/// A topology that is on one side only differs in everything; so much of it is told.
const OF_A_WHOLE: usize = 5;
/// So much of a value is shown.
const LONGEST: usize = 100;

/// How much is told.
pub struct Shown {
    pub runbook: bool,
    /// Also each change that nobody can notice.
    pub everything: bool,
}

pub fn write(report: &Report, shown: &Shown, output: &mut dyn Write) -> io::Result<()> {
    let changed: Vec<&Compared> = report.changed().collect();
    if changed.len() > FEW {
        let (groups, unnoticed) =
            report::split(report::groups(changed.iter().copied()), shown.everything);
        for group in groups {
            one(&group, output)?;
            writeln!(output, "{:23}in {}", "", listed(&group.topologies, FEW))?;
            runbook(&group, shown, output)?;
        }
        return count(&unnoticed, output);
    }
    for (index, compared) in changed.iter().enumerate() {
        if index > 0 {
            writeln!(output)?;
        }
        topology(compared, shown, output)?;
    }
    Ok(())
}

fn topology(compared: &Compared, told: &Shown, output: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    write!(output, "{bold}{}{bold:#}", shown(&compared.title(), LONGEST * 2))?;
    if let Some(impact) = compared.highest_impact() {
        let style = style(impact);
        write!(output, ": {style}{}{style:#}", word(impact))?;
    }
    writeln!(output)?;
    let (groups, unnoticed) = report::split(compared.groups(), told.everything);
    let is_whole = matches!(compared.status, Status::New | Status::Gone);
    let most = if is_whole { OF_A_WHOLE } else { groups.len() };
    for group in groups.iter().take(most) {
        one(group, output)?;
        runbook(group, told, output)?;
    }
    if groups.len() > most {
        let rest = groups.len() - most;
        writeln!(output, "  and {} of the same or less impact", counted(rest, "change"))?;
    }
    count(&unnoticed, output)
}

/// One line for many changes, of which none is worth one.
fn count(unnoticed: &[Group<'_>], output: &mut dyn Write) -> io::Result<()> {
    if unnoticed.is_empty() {
        return Ok(());
    }
    let style = style(Impact::None);
    let (word, changes) = (word(Impact::None), counted(unnoticed.len(), "change"));
    let where_ = listed(&report::subjects(unnoticed), 3);
    writeln!(
        output,
        "  {style}{word:<9}{style:#} {changes} that Redis, Sentinel and clients cannot notice: {where_} (--verbose tells each)"
    )
}

/// Two lines or three: what differs, what that does, and what else helps.
fn one(group: &Group<'_>, output: &mut dyn Write) -> io::Result<()> {
    let effect = group.effect;
    let style = style(effect.impact);
    let (impact, scope) = (word(effect.impact), scope(effect.scope));
    write!(output, "  {style}{impact:<9}{style:#} {scope:<10} {}", listed(&group.subjects, 3))?;
    if !effect.place.is_empty() {
        write!(output, ": {}", shown(&effect.place, LONGEST))?;
        write!(output, "{}", group.other_places().unwrap_or_default())?;
    }
    if let Some(values) = values(effect.before.as_deref(), effect.after.as_deref(), LONGEST) {
        write!(output, ": {values}")?;
    }
    writeln!(output)?;
    writeln!(output, "{:23}{}", "", shown(&effect.reason, usize::MAX))?;
    if let Some(note) = &effect.note {
        writeln!(output, "{:23}{}", "", shown(note, usize::MAX))?;
    }
    Ok(())
}

fn runbook(group: &Group<'_>, told: &Shown, output: &mut dyn Write) -> io::Result<()> {
    if told.runbook {
        for line in group.effect.runbook.iter().flat_map(|line| line.lines()) {
            writeln!(output, "{:>23}{}", "| ", shown(line, usize::MAX))?;
        }
    }
    Ok(())
}

pub fn style(impact: Impact) -> Style {
    let colour = match impact {
        Impact::None => return Style::new().dimmed(),
        Impact::Live => AnsiColor::Green,
        Impact::Rolling => AnsiColor::Cyan,
        Impact::Failover => AnsiColor::Yellow,
        Impact::Recreate => AnsiColor::Magenta,
        Impact::Outage | Impact::DataLoss => AnsiColor::Red,
    };
    let style = Style::new().fg_color(Some(colour.into()));
    if impact >= Impact::Recreate { style.bold() } else { style }
}
