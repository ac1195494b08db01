//! Situations for `promtool test rules`: what Prometheus scrapes then, and the whole set of alerts that fire.

mod availability;
mod clients;
mod configuration;
mod expected;
mod healthy;
mod levels;
mod memory;
mod persistence;
mod quiet;
mod replication;
mod scene;
mod sentinel;
mod series;
mod values;

use std::{collections::BTreeMap, sync::LazyLock};

use tera::Value;

use self::{expected::Look, healthy::Healthy, scene::Scene};
use super::rules::Holds;
use crate::{families::Plan, templates, topology::Topology};

/// Prometheus forgets a value after five minutes, so that a test with rarer scrapes would show nothing.
const LONGEST_STEP: u32 = 120;
/// Where an alert waits for more scrapes, a test takes fewer of them.
const SCRAPES: u32 = 1000;
const LONG_STEP: u32 = 60;
/// Where scrapes are rarer, Prometheus looks twice at each, as it may.
const LONG_TICK: u32 = 30;

/// Something that happens to a deployment.
pub struct Situation {
    /// The alert that it is about; nothing where none of them must fire.
    pub alert: Option<&'static str>,
    pub name: &'static str,
    happens: fn(&mut Scene<'_>),
}

impl Situation {
    fn title(&self) -> String {
        match self.alert {
            Some(alert) => format!("{alert}: {}", self.name),
            None => self.name.into(),
        }
    }
}

/// One test of promtool.
pub struct Test {
    name: Value,
    series: String,
    looks: Vec<Look>,
}

impl From<Test> for Value {
    fn from(test: Test) -> Self {
        Self::from(BTreeMap::from([
            ("name", test.name),
            // Of the user's it holds names only, which rules have checked; it is too long to go through a filter.
            ("series", Self::safe_string(&test.series)),
            ("looks", test.looks.iter().map(Self::from).collect::<Vec<_>>().into()),
        ]))
    }
}

const fn fires(alert: &'static str, name: &'static str, happens: fn(&mut Scene<'_>)) -> Situation {
    Situation { alert: Some(alert), name, happens }
}

const fn quiet(name: &'static str, happens: fn(&mut Scene<'_>)) -> Situation {
    Situation { alert: None, name, happens }
}

const TABLES: &[&[Situation]] = &[
    quiet::SITUATIONS,
    availability::SITUATIONS,
    sentinel::SITUATIONS,
    replication::SITUATIONS,
    memory::SITUATIONS,
    clients::SITUATIONS,
    persistence::SITUATIONS,
    configuration::SITUATIONS,
];

/// Every situation that a topology may have.
pub fn all() -> impl Iterator<Item = &'static Situation> {
    TABLES.iter().copied().flatten()
}

/// How the tests of all of them are called, the same in every topology.
static TITLES: LazyLock<Vec<Value>> =
    LazyLock::new(|| all().map(|situation| templates::yaml(&situation.title())).collect());

/// Seconds between two scrapes in the tests of a topology.
pub fn step(topology: &Topology, holds: &Holds) -> u32 {
    let step = super::interval_seconds(topology).min(LONGEST_STEP);
    if holds.longest() > SCRAPES * step { step.max(LONG_STEP) } else { step }
}

/// Seconds between two evaluations.
pub fn tick(topology: &Topology, step: u32) -> u32 {
    let is_real = step == super::interval_seconds(topology);
    if is_real && step > LONG_TICK && step.is_multiple_of(2) { step / 2 } else { step }
}

/// The situations of a topology: those whose alert it has. In the first all is well, and the others refer to its series.
pub fn tests(plan: &Plan<'_>, holds: &Holds) -> Vec<Test> {
    let topology = plan.topology;
    let step = step(topology, holds);
    let nothing = Healthy::nothing(topology);
    let healthy = Healthy::new(&Scene::empty(topology, holds, step, &nothing));
    let is_there = |situation: &Situation| situation.alert.is_none_or(|alert| holds.has(alert));
    let scenes: Vec<(&Value, Scene<'_>, Vec<Look>)> = all()
        .zip(&*TITLES)
        .filter(|(situation, _)| is_there(situation))
        .map(|(situation, title)| {
            let mut scene = Scene::new(topology, holds, step, &healthy);
            (situation.happens)(&mut scene);
            let looks = scene.looks(situation.alert);
            (title, scene, looks)
        })
        .collect();
    let last = |looks: &[Look]| looks.last().map_or(0, Look::seconds);
    let longest = scenes.iter().map(|(_, _, looks)| last(looks)).max().unwrap_or(0);
    let test = |(index, (title, scene, looks)): (usize, (&Value, Scene<'_>, Vec<Look>))| {
        let is_first = index == 0;
        let seconds = if is_first { longest } else { last(&looks) };
        Test { name: title.clone(), series: scene.lines(seconds, is_first), looks }
    };
    scenes.into_iter().enumerate().map(test).collect()
}
