//! Which alerts fire when.

use std::collections::BTreeMap;

use tera::Value;

/// Alerts that fire from some second on.
pub struct Expected {
    pub alert: &'static str,
    pub master: Option<String>,
    pub count: usize,
    pub since: u32,
}

impl Expected {
    fn is(&self, other: &Self) -> bool {
        self.alert == other.alert && self.master == other.master
    }
}

/// What fires at some second.
pub struct Look {
    seconds: u32,
    alerts: Vec<Firing>,
}

struct Firing {
    labels: String,
    count: usize,
}

impl Look {
    pub fn at(seconds: u32, expected: &[Expected]) -> Self {
        let firing = |other: &&Expected| other.since <= seconds;
        // More of an alert may fire later.
        let is_latest = |one: &&Expected| {
            let same = expected.iter().filter(firing).filter(|other| other.is(one));
            same.map(|other| other.since).max() == Some(one.since)
        };
        let latest = expected.iter().filter(firing).filter(is_latest);
        Self { seconds, alerts: latest.map(Firing::new).collect() }
    }

    pub fn seconds(&self) -> u32 {
        self.seconds
    }
}

impl Firing {
    fn new(expected: &Expected) -> Self {
        let labels = match &expected.master {
            Some(master) => {
                [r#"{alertname=""#, expected.alert, r#"",master=""#, master, r#""}"#].concat()
            }
            None => [r#"{alertname=""#, expected.alert, r#""}"#].concat(),
        };
        Self { labels, count: expected.count }
    }
}

impl From<&Look> for Value {
    fn from(look: &Look) -> Self {
        let alerts: Vec<Self> = look.alerts.iter().map(Self::from).collect();
        BTreeMap::from([("seconds", Self::from(look.seconds)), ("alerts", alerts.into())]).into()
    }
}

impl From<&Firing> for Value {
    fn from(firing: &Firing) -> Self {
        // They hold names only, which a rule has checked.
        let labels = Self::safe_string(&firing.labels);
        BTreeMap::from([("labels", labels), ("count", firing.count.into())]).into()
    }
}
