//! What a process says of itself, read from its answers.

use std::{collections::HashMap, time::Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Master,
    Replica,
}

/// A data node, as it described itself last.
#[derive(Clone, Debug)]
pub struct DataView {
    pub at: Instant,
    pub role: Role,
    /// Host and port that a replica follows.
    pub follows: (String, u32),
    pub has_link: bool,
    pub is_syncing: bool,
    pub priority: u64,
    /// Replicas that a master has online.
    pub replicas: usize,
}

impl DataView {
    /// Reads `INFO`; nothing while the server does not know its role yet.
    #[must_use]
    pub fn read(info: &str) -> Option<Self> {
        let fields: HashMap<&str, &str> =
            info.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
        let number =
            |name: &str| fields.get(name).and_then(|value| value.parse().ok()).unwrap_or(0);
        let is = |name: &str, value: &str| fields.get(name) == Some(&value);
        let role = match *fields.get("role")? {
            "master" => Role::Master,
            _ => Role::Replica,
        };
        Some(Self {
            at: Instant::now(),
            role,
            follows: (
                (*fields.get("master_host").unwrap_or(&"")).into(),
                u32::try_from(number("master_port")).unwrap_or(0),
            ),
            has_link: is("master_link_status", "up"),
            is_syncing: is("master_sync_in_progress", "1"),
            priority: number("slave_priority"),
            replicas: fields
                .iter()
                .filter(|(name, value)| name.starts_with("slave") && value.contains("state=online"))
                .count(),
        })
    }

    /// What changed for people; the first view of a node is a change too.
    #[must_use]
    pub fn news(&self, before: Option<&Self>) -> Option<String> {
        let say = |view: &Self| match (view.role, view.has_link) {
            (Role::Master, _) => "is master".to_string(),
            (Role::Replica, true) => format!("replicates {}:{}", view.follows.0, view.follows.1),
            (Role::Replica, false) => {
                format!("is a replica of {}:{}, link down", view.follows.0, view.follows.1)
            }
        };
        let now = say(self);
        (before.map(say).as_ref() != Some(&now)).then_some(now)
    }
}

/// What a Sentinel says of one master.
#[derive(Clone, Debug)]
pub struct SentinelView {
    pub at: Instant,
    pub names: (String, u32),
    pub epoch: u64,
    pub flags: String,
    pub replicas: u64,
    pub others: u64,
    pub has_quorum: bool,
}

impl SentinelView {
    /// Reads `SENTINEL MASTER` and whether `CKQUORUM` was well.
    #[must_use]
    pub fn read(fields: &HashMap<String, String>, has_quorum: bool) -> Option<Self> {
        let number =
            |name: &str| fields.get(name).and_then(|value| value.parse().ok()).unwrap_or(0);
        Some(Self {
            at: Instant::now(),
            names: (fields.get("ip")?.clone(), u32::try_from(number("port")).unwrap_or(0)),
            epoch: number("config-epoch"),
            flags: fields.get("flags")?.clone(),
            replicas: number("num-slaves"),
            others: number("num-other-sentinels"),
            has_quorum,
        })
    }

    #[must_use]
    pub fn news(&self, before: Option<&Self>) -> Option<String> {
        let say = |view: &Self| {
            let down = ["s_down", "o_down", "failover_in_progress"]
                .iter()
                .filter(|flag| view.flags.contains(*flag));
            let down: Vec<&str> = down.copied().collect();
            let state =
                if down.is_empty() { String::new() } else { format!(" ({})", down.join(", ")) };
            format!("names {}:{} at epoch {}{state}", view.names.0, view.names.1, view.epoch)
        };
        let now = say(self);
        (before.map(say).as_ref() != Some(&now)).then_some(now)
    }
}
