//! What a comparison found, before it is written in one of the formats.

use std::collections::{BTreeMap, BTreeSet};

use crate::impact::{Effect, FileChange, Impact, Scope};

/// Everything that was compared, worst first.
pub struct Report {
    /// What the specs were compared with.
    pub against: String,
    pub topologies: Vec<Compared>,
}

/// One topology on both sides.
pub struct Compared {
    pub name: String,
    pub namespace: Option<String>,
    pub status: Status,
    /// The files that differ.
    pub changes: Vec<FileChange>,
    pub unchanged_files: usize,
    pub effects: Vec<Effect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Unchanged,
    Changed,
    New,
    Gone,
}

/// The same change to one or many places.
pub struct Group<'a> {
    pub effect: &'a Effect,
    /// Paths of values or names of directives, each once; several if all else is the same.
    pub places: Vec<&'a str>,
    /// Objects, or files where there is none, each once.
    pub subjects: Vec<&'a str>,
    /// Topologies, each once.
    pub topologies: Vec<&'a str>,
}

impl Report {
    pub fn highest_impact(&self) -> Option<Impact> {
        self.topologies.iter().filter_map(Compared::highest_impact).max()
    }

    pub fn changed(&self) -> impl Iterator<Item = &Compared> {
        self.topologies.iter().filter(|compared| compared.status != Status::Unchanged)
    }

    pub fn is_changed(&self) -> bool {
        self.changed().next().is_some()
    }

    /// `3 topologies: 1 recreate, 2 unchanged`
    pub fn summary(&self) -> String {
        let mut counts: BTreeMap<Option<Impact>, usize> = BTreeMap::new();
        for compared in &self.topologies {
            *counts.entry(compared.highest_impact()).or_default() += 1;
        }
        let counts: Vec<String> = counts
            .iter()
            .rev()
            .map(|(impact, count)| format!("{count} {}", impact.map_or("unchanged", word)))
            .collect();
        format!("{}: {}", counted(self.topologies.len(), "topology"), counts.join(", "))
    }
}

impl Compared {
    pub fn highest_impact(&self) -> Option<Impact> {
        self.effects.iter().map(|effect| effect.impact).max()
    }

    pub fn groups(&self) -> Vec<Group<'_>> {
        groups([self])
    }

    /// `shop (namespace prod), new`
    pub fn title(&self) -> String {
        let namespace = self.namespace.as_ref();
        let namespace = namespace.map(|name| format!(" (namespace {name})")).unwrap_or_default();
        let status = match self.status {
            Status::New => ", new",
            Status::Gone => ", gone",
            Status::Changed | Status::Unchanged => "",
        };
        format!("{}{namespace}{status}", self.name)
    }
}

impl Group<'_> {
    /// How many places there are behind the first.
    pub fn other_places(&self) -> Option<String> {
        let others = self.places.len() - 1;
        (others > 0).then(|| format!(" and {}", counted(others, "more place")))
    }
}

/// Puts the same changes of all topologies together, worst first and else in the order in which they were met.
pub fn groups<'a>(topologies: impl IntoIterator<Item = &'a Compared>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    for compared in topologies {
        for effect in &compared.effects {
            let values = (&effect.place, &effect.before, &effect.after);
            let words = (&effect.reason, &effect.note, &effect.runbook);
            let key = (effect.impact, effect.scope, values, words);
            let index = *known.entry(key).or_insert_with(|| {
                let places = vec![effect.place.as_str()];
                groups.push(Group { effect, places, subjects: Vec::new(), topologies: Vec::new() });
                groups.len() - 1
            });
            let subject = effect.object.as_deref().unwrap_or(&effect.file);
            let group = &mut groups[index];
            // Equal ones follow one another, so a look at the last is enough.
            if group.subjects.last() != Some(&subject) {
                group.subjects.push(subject);
            }
            if group.topologies.last() != Some(&compared.name.as_str()) {
                group.topologies.push(&compared.name);
            }
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.effect.impact));
    groups
}

/// Groups that are told one by one, and those that are counted: several of which nobody can notice anything. Everything is told apart.
pub fn split(mut groups: Vec<Group<'_>>, everything: bool) -> (Vec<Group<'_>>, Vec<Group<'_>>) {
    if everything {
        return (groups, Vec::new());
    }
    let first = groups.partition_point(|group| group.effect.impact > Impact::None);
    let is_many = groups.len() - first > 1;
    let counted = if is_many { groups.split_off(first) } else { Vec::new() };
    (merged(groups), counted)
}

/// Puts those together that differ in the place only: six limits of memory that change alike are one change.
fn merged(groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    let mut merged: Vec<Group<'_>> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for group in groups {
        let effect = group.effect;
        let values = (effect.impact, effect.scope, &effect.before, &effect.after);
        let words = (&effect.reason, &effect.note, &effect.runbook);
        let key = (values, words, group.subjects.clone(), group.topologies.clone());
        let index = *known.entry(key).or_insert(merged.len());
        match merged.get_mut(index) {
            Some(other) => other.places.extend(group.places),
            None => merged.push(group),
        }
    }
    merged
}

/// What several groups are about, each once.
pub fn subjects<'a>(groups: &[Group<'a>]) -> Vec<&'a str> {
    let mut known = BTreeSet::new();
    let all = groups.iter().flat_map(|group| group.subjects.iter().copied());
    all.filter(|subject| known.insert(*subject)).collect()
}

/// `3 topologies`
pub fn counted(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {noun}s"),
    }
}

pub fn word(impact: Impact) -> &'static str {
    match impact {
        Impact::None => "none",
        Impact::Live => "live",
        Impact::Rolling => "rolling",
        Impact::Failover => "failover",
        Impact::Recreate => "recreate",
        Impact::Outage => "outage",
        Impact::DataLoss => "data-loss",
    }
}

pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Data => "data",
        Scope::Sentinels => "sentinels",
        Scope::Monitoring => "monitoring",
        Scope::Clients => "clients",
        Scope::Storage => "storage",
    }
}
