//! What a rehearsal found, for people, for pull requests and for programs.

use std::{fmt::Write, time::Duration};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{drills::Drill, stage::Figures, timeline::Event};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table, and what happened when
    Human,
    Json,
    Markdown,
}

/// How a drill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    Passed,
    Failed,
    /// The spec has nothing to drill here.
    DoesNotApply,
    /// This machine lacks a right for it.
    NotRun,
}

impl Verdict {
    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::DoesNotApply => "does not apply",
            Self::NotRun => "not run",
        }
    }
}

/// One run of a drill.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub number: u8,
    pub drill: String,
    pub does: String,
    pub holds: String,
    pub verdict: Verdict,
    /// What did not hold, or why it was not run.
    pub reasons: Vec<String>,
    #[serde(with = "super::seconds::several", rename = "newMasterSeconds")]
    pub new_master: Vec<Duration>,
    #[serde(with = "super::seconds::single", rename = "longestGapSeconds")]
    pub longest_gap: Duration,
    pub acknowledged: usize,
    /// Nothing if they could not be counted.
    pub lost: Option<usize>,
    /// Those among them that were acknowledged in the moment of a kill.
    pub lost_at_kill: usize,
    #[serde(with = "super::seconds::single", rename = "twoMastersSeconds")]
    pub two_masters: Duration,
    /// Epoch of the master before and after.
    pub epochs: Option<(u64, u64)>,
    #[serde(with = "super::seconds::single", rename = "tookSeconds")]
    pub took: Duration,
    pub events: Vec<Event>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub topology: String,
    pub server: String,
    /// In which points the rehearsal is not production.
    pub differences: Vec<String>,
    pub runs: Vec<Run>,
}

impl Run {
    /// A drill that was not run.
    #[must_use]
    pub fn skipped(drill: &Drill, verdict: Verdict, reason: String) -> Self {
        Self::of(drill, verdict, vec![reason], &Figures::default(), Duration::ZERO, Vec::new())
    }

    #[must_use]
    pub fn of(
        drill: &Drill,
        verdict: Verdict,
        reasons: Vec<String>,
        figures: &Figures,
        took: Duration,
        events: Vec<Event>,
    ) -> Self {
        Self {
            number: drill.number,
            drill: drill.name.into(),
            does: drill.does.into(),
            holds: drill.holds.into(),
            verdict,
            reasons,
            new_master: figures.new_master.clone(),
            longest_gap: figures.longest_gap,
            acknowledged: figures.acknowledged,
            lost: (!figures.is_uncounted).then_some(figures.lost),
            lost_at_kill: figures.lost_at_kill,
            two_masters: figures.two_masters,
            epochs: figures.epochs,
            took,
            events,
        }
    }

    fn was_run(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::Failed)
    }

    /// The figures as words: new master, gap, acknowledged, lost, two masters, epochs.
    fn cells(&self) -> [String; 6] {
        if !self.was_run() {
            return [const { String::new() }; 6];
        }
        let worst = self.new_master.iter().max().map_or("-".into(), short);
        let gap = if self.acknowledged > 0 { short(&self.longest_gap) } else { "-".into() };
        let epochs =
            self.epochs.map_or("-".into(), |(before, after)| format!("{before} → {after}"));
        [
            worst,
            gap,
            self.acknowledged.to_string(),
            self.lost.map_or("?".into(), |lost| match self.lost_at_kill {
                0 => lost.to_string(),
                at_kill => format!("{lost} ({at_kill} at a kill)"),
            }),
            short(&self.two_masters),
            epochs,
        ]
    }
}

fn short(duration: &Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

const COLUMNS: [&str; 9] = [
    "#",
    "drill",
    "verdict",
    "new master",
    "longest gap",
    "acknowledged",
    "lost",
    "two masters",
    "epochs",
];

impl Report {
    /// Reports about the same rehearsal as one.
    #[must_use]
    pub fn merged(reports: Vec<Self>) -> Option<Self> {
        reports.into_iter().reduce(|mut all, one| {
            all.runs.extend(one.runs);
            all
        })
    }

    /// The whole report as text.
    #[must_use]
    pub fn text(&self, format: Format) -> String {
        match format {
            Format::Human => self.human(),
            Format::Markdown => self.markdown(),
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default() + "\n",
        }
    }

    fn rows(&self) -> Vec<[String; 9]> {
        self.runs
            .iter()
            .map(|run| {
                let [master, gap, acknowledged, lost, two, epochs] = run.cells();
                [
                    run.number.to_string(),
                    run.drill.clone(),
                    run.verdict.words().into(),
                    master,
                    gap,
                    acknowledged,
                    lost,
                    two,
                    epochs,
                ]
            })
            .collect()
    }

    fn human(&self) -> String {
        let rows = self.rows();
        let mut widths = COLUMNS.map(|column| column.chars().count());
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |cells: &[String; 9]| {
            let padded = cells.iter().zip(widths).enumerate().map(|(index, (cell, width))| {
                let room = " ".repeat(width - cell.chars().count());
                // Numbers to the right.
                if index == 0 || index > 2 {
                    format!("{room}{cell}")
                } else {
                    format!("{cell}{room}")
                }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
        };
        let mut text = String::new();
        for run in self.runs.iter().filter(|run| run.was_run()) {
            let _ = writeln!(
                text,
                "{} {}: {} ({:.0} s)",
                run.number,
                run.drill,
                run.verdict.words(),
                run.took.as_secs_f64()
            );
            let _ = writeln!(text, "   does   {}", run.does);
            let _ = writeln!(text, "   holds  {}", run.holds);
            for event in &run.events {
                let _ = writeln!(text, "   {:7.2} s  {}", event.at.as_secs_f64(), event.what);
            }
            text.push('\n');
        }
        text += &line(&COLUMNS.map(String::from));
        for row in &rows {
            text += &line(row);
        }
        for run in self.runs.iter().filter(|run| !run.reasons.is_empty()) {
            let _ = writeln!(
                text,
                "\n{} {}: {}",
                run.drill,
                run.verdict.words(),
                run.reasons.join("; ")
            );
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("# Rehearsal of {}\n\nOn {}.", self.topology, self.server);
        if !self.differences.is_empty() {
            let _ = write!(text, " Not as in production: {}.", self.differences.join("; "));
        }
        let _ =
            write!(text, "\n\n| {} |\n|{}\n", COLUMNS.join(" | "), "---|".repeat(COLUMNS.len()));
        for row in self.rows() {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        for run in &self.runs {
            let _ = write!(
                text,
                "\n## {} {}: {}\n\nDoes: {}. Must hold: {}.\n",
                run.number,
                run.drill,
                run.verdict.words(),
                run.does,
                run.holds
            );
            for reason in &run.reasons {
                let _ = write!(text, "\n**{reason}**\n");
            }
            if !run.events.is_empty() {
                text += "\n```text\n";
                for event in &run.events {
                    let _ = writeln!(text, "{:7.2} s  {}", event.at.as_secs_f64(), event.what);
                }
                text += "```\n";
            }
        }
        text
    }
}

#[cfg(test)]
mod tests;
