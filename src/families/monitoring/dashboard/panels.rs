//! What a panel shows, but for what depends on the topology.

use super::Numbers;
use crate::topology::Topology;

/// A panel, but for what depends on the topology.
pub struct Panel {
    pub title: &'static str,
    pub description: &'static str,
    pub kind: Kind,
    pub width: u32,
    pub height: u32,
    pub unit: &'static str,
    pub steps: Steps,
    /// Texts of the values 0, 1, …, with a colour.
    pub words: Texts,
    /// Expression and legend. `<data>`, `<sentinel>`, `<watched>`, `<recorded>` and `<topology>` stand for label matchers. One
    /// with `<one>` is written once for each master, joined by `or`; there `<min_replicas>` is the master's own.
    pub queries: Texts,
    /// Where it can ever show anything.
    pub when: fn(&Topology) -> bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stat,
    TimeSeries,
    StateTimeline,
    /// With the labels that are its columns.
    Table(&'static [&'static str]),
}

/// Colours: the first below all values, the others from a value on.
pub type Steps = fn(&Numbers) -> Vec<(Option<f64>, &'static str)>;
type Texts = &'static [(&'static str, &'static str)];

const FULL_WIDTH: u32 = 24;

impl Panel {
    /// A figure.
    pub const fn stat(
        title: &'static str,
        description: &'static str,
        steps: Steps,
        queries: Texts,
    ) -> Self {
        Self {
            kind: Kind::Stat,
            width: 4,
            height: 4,
            steps,
            ..Self::graph(title, description, "short", queries)
        }
    }

    pub const fn graph(
        title: &'static str,
        description: &'static str,
        unit: &'static str,
        queries: Texts,
    ) -> Self {
        let (kind, steps): (Kind, Steps) = (Kind::TimeSeries, |_| vec![(None, "green")]);
        let (words, when): (Texts, fn(&Topology) -> bool) = (&[], |_| true);
        Self { title, description, kind, width: 8, height: 8, unit, steps, words, queries, when }
    }

    pub const fn table(
        title: &'static str,
        description: &'static str,
        columns: &'static [&'static str],
        queries: Texts,
    ) -> Self {
        Self {
            kind: Kind::Table(columns),
            width: 12,
            ..Self::graph(title, description, "short", queries)
        }
    }

    pub const fn timeline(
        title: &'static str,
        description: &'static str,
        words: Texts,
        queries: Texts,
    ) -> Self {
        let kind = Kind::StateTimeline;
        Self { kind, width: FULL_WIDTH, words, ..Self::graph(title, description, "short", queries) }
    }

    pub const fn steps(self, steps: Steps) -> Self {
        Self { steps, ..self }
    }

    pub const fn words(self, words: Texts) -> Self {
        Self { words, ..self }
    }

    pub const fn when(self, when: fn(&Topology) -> bool) -> Self {
        Self { when, ..self }
    }
}

pub fn red_above(value: f64) -> Vec<(Option<f64>, &'static str)> {
    vec![(None, "green"), (Some(value), "red")]
}

pub fn red_below(value: f64) -> Vec<(Option<f64>, &'static str)> {
    vec![(None, "red"), (Some(value), "green")]
}

/// Lines at what the spec says, without a judgement.
pub fn lines_at(values: &[f64]) -> Vec<(Option<f64>, &'static str)> {
    [None]
        .into_iter()
        .chain(values.iter().copied().map(Some))
        .map(|value| (value, "blue"))
        .collect()
}

pub fn has_replicas(topology: &Topology) -> bool {
    topology.masters.iter().any(|master| master.replicas > 0)
}

pub fn has_aof(topology: &Topology) -> bool {
    topology.masters.iter().any(|master| master.persistence.aof)
}
