//! What Prometheus scrapes in one situation. Only metrics that the situation is about are there, of every node, and which
//! processes answer: few enough to read, and enough that nothing else can fire.

use std::collections::BTreeSet;

use super::{
    super::rules::Holds,
    expected::{Expected, Look},
    healthy::Healthy,
    series::{self, Series, Shown},
    values::{Values, flat},
};
use crate::{
    spec::Thresholds,
    topology::{DataNode, Master, Topology},
};

pub struct Scene<'a> {
    pub topology: &'a Topology,
    pub thresholds: Thresholds,
    pub step: u32,
    holds: &'a Holds,
    healthy: &'a Healthy,
    series: Vec<Shown<'a>>,
    /// Metrics whose series are all there, or were.
    shown: Vec<&'static str>,
    expected: Vec<Expected>,
    start: u32,
    build: u32,
    horizon: u32,
    beside: Option<u32>,
}

impl<'a> Scene<'a> {
    /// Nothing at all.
    pub fn empty(
        topology: &'a Topology,
        holds: &'a Holds,
        step: u32,
        healthy: &'a Healthy,
    ) -> Self {
        let thresholds = topology.monitoring.as_ref().map(|monitoring| &monitoring.thresholds);
        Self {
            topology,
            thresholds: thresholds.cloned().unwrap_or_default(),
            step,
            holds,
            healthy,
            series: Vec::new(),
            shown: Vec::new(),
            expected: Vec::new(),
            start: 0,
            build: 0,
            horizon: 0,
            beside: None,
        }
    }

    /// Which processes answer.
    pub fn new(topology: &'a Topology, holds: &'a Holds, step: u32, healthy: &'a Healthy) -> Self {
        let mut scene = Self::empty(topology, holds, step, healthy);
        scene.show(&["redis_up"]);
        // One Sentinel's word is enough that no master is missed.
        let status = || healthy.of("redis_sentinel_master_status");
        if let Some(first) = status().next() {
            let is_first = |shown: &Shown<'_>| shown.series().instance == first.series().instance;
            scene.series.extend(status().filter(is_first));
        }
        scene
    }

    /// Shows metrics as they are where all is well.
    pub fn show(&mut self, metrics: &[&'static str]) {
        let healthy = self.healthy;
        for metric in metrics {
            if self.shown.contains(metric) {
                continue;
            }
            self.shown.push(metric);
            let is_partly_there = self.series.iter().any(|shown| shown.series().metric == *metric);
            for new in healthy.of(metric) {
                let is_another = |shown: &Shown<'_>| !shown.series().is(new.series());
                if !is_partly_there || self.series.iter().all(is_another) {
                    self.series.push(new);
                }
            }
        }
    }

    /// Shows every metric.
    pub fn show_all(&mut self) {
        self.show(&self.healthy.metrics().collect::<Vec<_>>());
    }

    /// Shows who is master, and that writes are taken.
    pub fn show_roles(&mut self) {
        self.show(&["redis_instance_info", "redis_connected_slave_lag_seconds"]);
    }

    /// Gives series of a metric other values: those of a master and of an instance, or of any where the name is empty.
    pub fn set(&mut self, metric: &'static str, master: &str, instance: &str, values: &Values) {
        self.show(&[metric]);
        self.change(
            |series| series.metric == metric && series.matches(master, instance),
            |series| series.values = values.clone(),
        );
    }

    /// The same for what a master says of its last replica.
    pub fn set_link(&mut self, metric: &'static str, master: &Master, values: &Values) {
        self.show(&[metric]);
        let link = replicas(master)
            .pop()
            .map(|node| format!(r#"slave_ip="{}",slave_port="{}""#, node.host, node.port));
        let is_link =
            |series: &Series| link.as_ref().is_some_and(|link| series.labels.contains(link));
        self.change(
            |series| series.metric == metric && series.matches(&master.name, "") && is_link(series),
            |series| series.values = values.clone(),
        );
    }

    /// The same for errors of one kind.
    pub fn set_error(&mut self, kind: &str, master: &Master, values: &Values) {
        let label = format!(r#"err="{kind}""#);
        self.change(
            |series| series.matches(&master.name, "") && series.labels.contains(&label),
            |series| series.values = values.clone(),
        );
    }

    /// The same with another label.
    pub fn relabel(
        &mut self,
        metric: &'static str,
        master: &str,
        instance: &str,
        old: &str,
        new: &str,
    ) {
        self.show(&[metric]);
        self.change(
            |series| series.metric == metric && series.matches(master, instance),
            |series| series.labels = series.labels.replace(old, new),
        );
    }

    fn change(&mut self, is_meant: impl Fn(&Series) -> bool, how: impl Fn(&mut Series)) {
        self.series
            .iter_mut()
            .filter(|shown| is_meant(shown.series()))
            .for_each(|shown| shown.change(&how));
    }

    pub fn put(&mut self, series: Series) {
        self.series.push(Shown::Changed(Box::new(series)));
    }

    /// Takes series away, of every metric where none is named.
    pub fn lose(&mut self, metric: &str, master: &str, instance: &str) {
        self.series.retain(|shown| {
            let series = shown.series();
            !(metric.is_empty() || series.metric == metric) || !series.matches(master, instance)
        });
    }

    /// A process that is down: its exporter answers, and knows nothing else.
    pub fn kill(&mut self, instance: &str) {
        self.series.retain(|shown| {
            let series = shown.series();
            series.instance != instance || series.metric.ends_with("up")
        });
        self.set("redis_up", "", instance, &flat(0.0));
    }

    /// From which sample on it happens.
    pub fn starts(&mut self, sample: u32) {
        self.start = sample;
    }

    /// How many seconds pass until a number of events is above its limit.
    pub fn builds_up(&mut self, seconds: u32) {
        self.build = seconds;
    }

    /// Alerts of a master that fire; nothing if the topology does not have the alert for it.
    pub fn fires(&mut self, alert: &'static str, master: &Master, count: usize) {
        self.expect(alert, Some(&master.name), count);
    }

    /// Alerts of the topology that fire.
    pub fn topology_fires(&mut self, alert: &'static str, count: usize) {
        self.expect(alert, None, count);
    }

    fn expect(&mut self, alert: &'static str, master: Option<&String>, count: usize) {
        if let Some(hold) = self.holds.of(alert, master).filter(|_| count > 0) {
            let since = self.start * self.step + self.build + hold.next_multiple_of(self.tick());
            self.expected.push(Expected { alert, master: master.cloned(), count, since });
        }
    }

    /// Looks for so long, at least.
    pub fn lasts(&mut self, seconds: u32) {
        self.horizon = self.whole_steps(seconds);
    }

    /// Looks just before some sample too.
    pub fn looks_before(&mut self, sample: u32) {
        self.beside = Some(sample * self.step - self.tick());
    }

    /// How many scrapes an alert of a master waits; none if there is no such alert.
    pub fn scrapes(&self, alert: &str, master: &Master) -> u32 {
        self.holds.of(alert, Some(&master.name)).unwrap_or(0).div_ceil(self.step)
    }

    /// Longer than any alert waits.
    pub fn lasts_until_all_would_fire(&mut self) {
        self.lasts(self.holds.longest() + 600);
    }

    pub fn tick(&self) -> u32 {
        super::tick(self.topology, self.step)
    }

    /// The longest that an alert of any master waits.
    pub fn waits_for(&mut self, alert: &str) {
        let waits = self.topology.masters.iter();
        let longest = waits.filter_map(|master| self.holds.of(alert, Some(&master.name))).max();
        self.lasts(longest.unwrap_or(0) + self.step);
    }

    fn whole_steps(&self, seconds: u32) -> u32 {
        seconds.div_ceil(self.step) * self.step
    }

    /// Just before the alert fires, when it does, and when everything does.
    pub fn looks(&self, alert: Option<&'static str>) -> Vec<Look> {
        let own = self.expected.iter().filter(|expected| Some(expected.alert) == alert);
        let first = own.map(|expected| expected.since).min();
        let last = self.expected.iter().map(|expected| expected.since).max().unwrap_or(0);
        let before = first.and_then(|first| first.checked_sub(self.tick()));
        let end = self.whole_steps(last.max(self.horizon));
        let times: BTreeSet<u32> =
            before.into_iter().chain(first).chain(self.beside).chain([end]).collect();
        times.into_iter().map(|at| Look::at(at, &self.expected)).collect()
    }

    /// The series for so long, written out with their names or only named where all is well.
    pub fn lines(&self, seconds: u32, gives_names: bool) -> String {
        series::lines(&self.series, seconds / self.step + 1, gives_names)
    }

    /// Masters that have an alert.
    pub fn masters(&self, alert: &str) -> Vec<&'a Master> {
        let has = |master: &&Master| self.holds.of(alert, Some(&master.name)).is_some();
        self.topology.masters.iter().filter(has).collect()
    }

    /// Addresses of the Sentinels.
    pub fn sentinels(&self) -> &'a [String] {
        &self.healthy.sentinels
    }

    pub fn last_sentinel(&self) -> String {
        self.sentinels().last().cloned().unwrap_or_default()
    }
}

pub fn address(node: &DataNode) -> String {
    [&node.host, ":", itoa::Buffer::new().format(node.port)].concat()
}

/// The node that is master where all is well.
pub fn seed(master: &Master) -> &DataNode {
    master.nodes.iter().find(|node| node.seed).unwrap_or(&master.nodes[0])
}

/// The other nodes.
pub fn replicas(master: &Master) -> Vec<&DataNode> {
    let seed = seed(master);
    master.nodes.iter().filter(|node| node.name != seed.name).collect()
}

/// A replica, or the master itself where there is none.
pub fn last(master: &Master) -> String {
    address(replicas(master).last().copied().unwrap_or_else(|| seed(master)))
}
