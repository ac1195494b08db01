//! Which alerts fire when.

use serde::Serialize;

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
#[derive(Serialize)]
pub struct Look {
    seconds: u32,
    alerts: Vec<Firing>,
}

#[derive(Serialize)]
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
        let master = expected.master.as_ref().map(|master| format!(r#",master="{master}""#));
        let labels = format!(r#"{{alertname="{}"{}}}"#, expected.alert, master.unwrap_or_default());
        Self { labels, count: expected.count }
    }
}
