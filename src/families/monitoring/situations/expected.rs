//! Which alerts fire when.

use std::{collections::BTreeMap, fmt::Write};

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

/// How an alert begins in the template's list.
const SAMPLE: &str = "\n          - {labels: '{alertname=\"";

/// What fires at some second.
pub struct Look {
    seconds: u32,
    /// As the template lists it: there are too many for its loop.
    alerts: String,
}

impl Look {
    pub fn at(seconds: u32, expected: &[Expected]) -> Self {
        let firing = |other: &&Expected| other.since <= seconds;
        // More of an alert may fire later.
        let is_latest = |one: &&Expected| {
            let same = expected.iter().filter(firing).filter(|other| other.is(one));
            same.map(|other| other.since).max() == Some(one.since)
        };
        let mut alerts = String::new();
        for Expected { alert, master, count, .. } in
            expected.iter().filter(firing).filter(is_latest)
        {
            alerts.extend([SAMPLE, alert, "\""]);
            if let Some(master) = master {
                alerts.extend([",master=\"", master, "\""]);
            }
            // Writing to a string cannot fail.
            let _ = write!(alerts, "}}', value: {count}}}");
        }
        Self { seconds, alerts }
    }

    pub fn seconds(&self) -> u32 {
        self.seconds
    }
}

impl From<&Look> for Value {
    fn from(look: &Look) -> Self {
        // Of the user's it holds names only, which rules have checked.
        let alerts = Self::safe_string(&look.alerts);
        BTreeMap::from([("seconds", Self::from(look.seconds)), ("alerts", alerts)]).into()
    }
}
