//! Which rules a topology has. Two masters that would have the same rule share it; else each has its own.

use std::{cell::OnceCell, collections::BTreeMap};

use serde::Serialize;
use tera::Context;

use super::{
    limits::{self, Limits},
    selectors::Selectors,
};
use crate::{
    alerts::{self, About, Alert, Needs},
    families::Plan,
    topology::{Master, Monitoring, Topology},
};

/// A group of rules, which Prometheus evaluates one after the other.
#[derive(Serialize)]
pub struct Group {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    /// `alert` or `record`.
    kind: &'static str,
    name: &'static str,
    labels: BTreeMap<&'static str, String>,
    /// Everything but name and labels, annotations last.
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    runbook_url: Option<String>,
}

/// A test that lasts longer is of no use.
const LONGEST_HOLD: u32 = 30 * 86_400;

/// For how many seconds each alert of a topology must be true before it fires, and of which master: as its rule says. Alerts
/// that no test can wait for are not there.
pub struct Holds(BTreeMap<&'static str, Vec<(Option<String>, u32)>>);

/// An alert that a topology has.
#[derive(Serialize)]
pub struct Alarm {
    pub name: &'static str,
    pub severity: &'static str,
}

/// Recorded series, by the templates that say how.
const RECORDS: &[(&str, &str)] = &[
    ("redisforge:redis_is_master:bool", "redis_is_master"),
    ("redisforge:redis_good_replicas:count", "redis_good_replicas"),
    ("redisforge:redis_replication_lag:bytes", "redis_replication_lag"),
    ("redisforge:redis_memory_pressure:ratio", "redis_memory_pressure"),
    ("redisforge:sentinel_config_epoch:max", "sentinel_config_epoch"),
    ("redisforge:redis_failovers:changes1h", "redis_failovers"),
];

/// The alerts of a topology.
#[must_use]
pub fn alarms(topology: &Topology) -> Vec<Alarm> {
    let alerts = alerts::GROUPS.iter().flat_map(|group| group.alerts);
    alerts
        .filter(|alert| is_wanted(alert, topology))
        .map(|alert| Alarm { name: alert.name, severity: alert.severity.name() })
        .collect()
}

pub fn groups(plan: &Plan<'_>) -> Vec<Group> {
    let name = |group: &str| format!("redisforge-{}-{group}", plan.topology.name);
    let writer = Writer::new(plan);
    let records =
        RECORDS.iter().flat_map(|(name, template)| writer.records(name, template)).collect();
    let recorded = Group { name: name("recorded"), rules: records };
    let alerting = alerts::GROUPS.iter().map(|group| {
        let wanted = group.alerts.iter().filter(|alert| is_wanted(alert, plan.topology));
        Group {
            name: name(group.name),
            rules: wanted.flat_map(|alert| writer.alerts(alert)).collect(),
        }
    });
    [recorded].into_iter().chain(alerting).filter(|group| !group.rules.is_empty()).collect()
}

impl Group {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Holds {
    pub fn new(groups: &[Group]) -> Self {
        let rules = groups.iter().flat_map(|group| &group.rules);
        let mut holds = BTreeMap::new();
        for rule in rules.filter(|rule| rule.kind == "alert") {
            if let Some(seconds) = hold(&rule.body).filter(|seconds| *seconds <= LONGEST_HOLD) {
                let own: &mut Vec<_> = holds.entry(rule.name).or_default();
                own.push((rule.labels.get("master").cloned(), seconds));
            }
        }
        Self(holds)
    }

    pub fn has(&self, alert: &str) -> bool {
        self.0.contains_key(alert)
    }

    /// What the rule for a master says, which may be that for all of them.
    pub fn of(&self, alert: &str, master: Option<&String>) -> Option<u32> {
        let rules = self.0.get(alert)?;
        let rule = |wanted: Option<&String>| rules.iter().find(|(own, _)| own.as_ref() == wanted);
        rule(master).or_else(|| rule(None)).map(|(_, seconds)| *seconds)
    }

    pub fn longest(&self) -> u32 {
        self.0.values().flatten().map(|(_, seconds)| *seconds).max().unwrap_or(0)
    }
}

/// Seconds of a rule's `for`, in one of the units that rules use; nothing for a time that cannot be counted.
fn hold(body: &str) -> Option<u32> {
    let Some(text) = body.lines().find_map(|line| line.strip_prefix("for: ")) else {
        return Some(0);
    };
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let (number, seconds) =
        units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))?;
    number.parse::<u32>().ok()?.checked_mul(seconds)
}

/// What the templates of rules print: for all masters together as if all were like the first, and for each by itself.
struct Writer<'a> {
    plan: &'a Plan<'a>,
    together: Vec<(&'a Master, Context)>,
    apart: OnceCell<Vec<(&'a Master, Context)>>,
}

impl<'a> Writer<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        Self { plan, together: contexts(plan, false), apart: OnceCell::new() }
    }

    fn apart(&self) -> impl Iterator<Item = &(&'a Master, Context)> {
        self.apart.get_or_init(|| contexts(self.plan, true)).iter()
    }

    fn records(&self, name: &'static str, template: &str) -> Vec<Rule> {
        let rule = |labels, body| Rule { kind: "record", name, labels, body, runbook_url: None };
        match self.shared(template, |_| true) {
            Some(body) => vec![rule(BTreeMap::new(), body)],
            None => self
                .apart()
                .map(|(master, context)| {
                    rule(
                        BTreeMap::from([("master", master.name.clone())]),
                        self.body(template, context),
                    )
                })
                .collect(),
        }
    }

    fn alerts(&self, alert: &Alert) -> Vec<Rule> {
        let labels = || {
            let topology = self.plan.topology.name.clone();
            BTreeMap::from([("severity", alert.severity.name().into()), ("topology", topology)])
        };
        let rule = |labels, body| {
            let runbook_url = Some(runbook_url(self.plan.topology, alert.name));
            Rule { kind: "alert", name: alert.name, labels, body, runbook_url }
        };
        let fits = |master: &Master| fits(alert.needs, self.plan.topology, master);
        let shared = match alert.about {
            About::Topology => {
                self.together.first().map(|(_, context)| self.body(alert.name, context))
            }
            About::Master => self.shared(alert.name, fits),
            About::NamedMaster => None,
        };
        if let Some(body) = shared {
            return vec![rule(labels(), body)];
        }
        let fitting = self.apart().filter(|(master, _)| fits(master));
        fitting
            .map(|(master, context)| {
                let mut labels = labels();
                labels.insert("master", master.name.clone());
                rule(labels, self.body(alert.name, context))
            })
            .collect()
    }

    /// The rule for all masters, if it is the same whichever of them it is made from.
    fn shared(&self, template: &str, fits: impl Fn(&Master) -> bool) -> Option<String> {
        let mut bodies = self
            .together
            .iter()
            .map(|(master, context)| fits(master).then(|| self.body(template, context)));
        let first = bodies.next()??;
        bodies.all(|body| body.as_ref() == Some(&first)).then_some(first)
    }

    fn body(&self, template: &str, context: &Context) -> String {
        self.plan.partial(&format!("monitoring/{template}.yaml"), context)
    }
}

/// What a rule shows of each master, and selects by: of that one where it is named.
fn contexts<'a>(plan: &Plan<'a>, is_named: bool) -> Vec<(&'a Master, Context)> {
    let topology = plan.topology;
    let thresholds = topology.monitoring.as_ref().map(|monitoring| &monitoring.thresholds);
    let mut shared = plan.context();
    shared.insert("thresholds", &thresholds);
    shared.insert_value("certificates", limits::certificates(topology).into());
    let of_master = |master: &'a Master| {
        let mut context = shared.clone();
        Selectors::new(topology, is_named.then_some(master)).insert(&mut context);
        context.insert_value("master", plan.master(master));
        context.insert("limit", &Limits::new(topology, master));
        (master, context)
    };
    topology.masters.iter().map(of_master).collect()
}

fn runbook_url(topology: &Topology, alert: &str) -> String {
    let prefix = topology
        .monitoring
        .as_ref()
        .map_or("", |monitoring| monitoring.runbook_url_prefix.as_str());
    format!("{prefix}operations/runbook.md#{}", alert.to_ascii_lowercase())
}

fn is_wanted(alert: &Alert, topology: &Topology) -> bool {
    let is_disabled =
        |monitoring: &Monitoring| monitoring.disabled_alerts.iter().any(|name| name == alert.name);
    let is_enabled =
        topology.monitoring.as_ref().is_some_and(|monitoring| !is_disabled(monitoring));
    is_enabled && topology.masters.iter().any(|master| fits(alert.needs, topology, master))
}

/// Whether an alert can mean anything for a master.
fn fits(needs: Needs, topology: &Topology, master: &Master) -> bool {
    let has_limit = master.maxmemory_bytes > 0;
    let evicts = master.maxmemory_policy != "noeviction";
    match needs {
        Needs::Nothing => true,
        Needs::Replicas => master.replicas > 0,
        Needs::SeveralReplicas => master.replicas > 1,
        Needs::VisibleLag => master.replicas > 0 && limits::sees_lag(topology, master),
        Needs::VisibleRestarts => limits::sees_restarts(topology),
        Needs::MinReplicas => master.min_replicas_to_write > 0,
        Needs::Backlog => master.replicas > 0 && master.backlog_bytes > 0,
        Needs::NoEviction => has_limit && !evicts,
        Needs::Eviction => has_limit && evicts,
        Needs::MemoryLimit => topology.on_kubernetes(),
        Needs::Aof => master.persistence.aof,
        Needs::Rdb => master.persistence.rdb,
        Needs::SavePoints => limits::save_seconds(master).is_some(),
        Needs::Persistence => master.persistence.aof || master.persistence.rdb,
        Needs::Passwords => topology.auth.is_some(),
        Needs::LatencyMonitor => watches_latency(master),
        Needs::NotificationScripts => {
            !topology.notifications.alertmanagers.is_empty()
                || !topology.notifications.webhooks.is_empty()
        }
        Needs::CertManager => topology.tls.as_ref().is_some_and(|tls| tls.issuer.is_some()),
    }
}

fn watches_latency(master: &Master) -> bool {
    let is_on = |words: &[String]| words.iter().any(|word| word != "0");
    master
        .directives
        .iter()
        .any(|directive| directive.name == "latency-monitor-threshold" && is_on(&directive.words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_counted_in_the_units_of_rules_or_not_at_all() {
        assert_eq!(hold("expr: up == 0\nannotations: {}\n"), Some(0));
        let counted = [("30s", 30), ("5m", 300), ("1h", 3600), ("0m", 0)];
        for (text, seconds) in counted {
            assert_eq!(hold(&format!("expr: up == 0\nfor: {text}\n")), Some(seconds), "{text}");
        }
        for text in ["", "5", "s", "5ms", "1d", "1h30m", "71582789m", "4294967296s"] {
            assert_eq!(hold(&format!("for: {text}\n")), None, "{text}");
        }
    }
}
