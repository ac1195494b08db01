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

pub fn write(report: &Report, with_runbook: bool, output: &mut dyn Write) -> io::Result<()> {
    let changed: Vec<&Compared> = report.changed().collect();
    if changed.len() > FEW {
        for group in report::groups(changed.iter().copied()) {
            one(&group, output)?;
            writeln!(output, "{:23}in {}", "", listed(&group.topologies, FEW))?;
            runbook(&group, with_runbook, output)?;
        }
        return Ok(());
    }
    for (index, compared) in changed.iter().enumerate() {
        if index > 0 {
            writeln!(output)?;
        }
        topology(compared, with_runbook, output)?;
    }
    Ok(())
}

fn topology(compared: &Compared, with_runbook: bool, output: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    write!(output, "{bold}{}{bold:#}", shown(&compared.title(), LONGEST * 2))?;
    if let Some(impact) = compared.highest_impact() {
        let style = style(impact);
        write!(output, ": {style}{}{style:#}", word(impact))?;
    }
    writeln!(output)?;
    let groups = compared.groups();
    let is_whole = matches!(compared.status, Status::New | Status::Gone);
    let most = if is_whole { OF_A_WHOLE } else { groups.len() };
    for group in groups.iter().take(most) {
        one(group, output)?;
        runbook(group, with_runbook, output)?;
    }
    if groups.len() > most {
        let rest = groups.len() - most;
        writeln!(output, "  and {} of the same or less impact", counted(rest, "change"))?;
    }
    Ok(())
}

/// Two lines or three: what differs, what that does, and what else helps.
fn one(group: &Group<'_>, output: &mut dyn Write) -> io::Result<()> {
    let effect = group.effect;
    let style = style(effect.impact);
    let (impact, scope) = (word(effect.impact), scope(effect.scope));
    write!(output, "  {style}{impact:<9}{style:#} {scope:<10} {}", listed(&group.subjects, 3))?;
    if !effect.place.is_empty() {
        write!(output, ": {}", shown(&effect.place, LONGEST))?;
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

fn runbook(group: &Group<'_>, is_wanted: bool, output: &mut dyn Write) -> io::Result<()> {
    if is_wanted {
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
