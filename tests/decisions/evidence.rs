//! What a starting process learned: the words of the contract as types, and the lines that the scripts read.

use std::fmt::{Display, Formatter, Result};

/// Seconds after which a start may act on its own state.
pub const G: u32 = 5;
/// Seconds after which a start may do without who is silent.
pub const W: u32 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(pub u8);

impl Display for Node {
    fn fmt(&self, formatter: &mut Formatter) -> Result {
        write!(formatter, "{}", char::from(b'a' + self.0))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Named {
    pub node: Node,
    pub epoch: u8,
    pub failing_over: bool,
    pub tilt: bool,
    pub quorum: bool,
    /// It heard no ping reply for half of down-after.
    pub late: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SentinelSays {
    Silent,
    Names(Named),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Link {
    Up,
    Syncing,
    Never,
    /// For so many seconds.
    Down(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Replica {
    /// Nobody: a node that is not in the list.
    pub of: Option<Node>,
    pub keys: bool,
    pub synced: bool,
    pub link: Link,
    pub offset: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeerSays {
    Silent,
    Master { keys: bool, offset: u32 },
    Replica(Replica),
}

impl PeerSays {
    pub fn holds_keys(&self) -> bool {
        match self {
            PeerSays::Silent => false,
            PeerSays::Master { keys, .. } => *keys,
            PeerSays::Replica(replica) => replica.keys,
        }
    }

    pub fn replicates(&self, node: Node) -> bool {
        matches!(self, PeerSays::Replica(replica) if replica.of == Some(node))
    }

    pub fn is_master(&self) -> bool {
        matches!(self, PeerSays::Master { .. })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Copy {
    Current,
    Old,
    None,
}

/// What a starting data node knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Evidence {
    pub me: Node,
    pub seed: Node,
    /// The master that it knew last.
    pub state: Option<Node>,
    pub copy: Copy,
    pub age: u32,
    pub elapsed: u32,
    pub force: bool,
    pub cache_only: bool,
    pub sentinels: Vec<SentinelSays>,
    pub peers: Vec<(Node, PeerSays)>,
}

/// What a starting Sentinel knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SentinelEvidence {
    /// What it monitored last, at which epoch.
    pub state: Option<(Node, u8)>,
    pub others: Vec<SentinelSays>,
    pub nodes: Vec<(Node, PeerSays)>,
}

impl Display for Evidence {
    fn fmt(&self, lines: &mut Formatter) -> Result {
        writeln!(lines, "node {}\nseed {}", self.me, self.seed)?;
        match self.state {
            Some(node) => writeln!(lines, "state {node}")?,
            None => writeln!(lines, "state none")?,
        }
        writeln!(lines, "copy {}", format!("{:?}", self.copy).to_lowercase())?;
        writeln!(lines, "age {}\nelapsed {} {G} {W}", self.age, self.elapsed)?;
        if self.cache_only {
            writeln!(lines, "cache-only")?;
        }
        if self.force {
            writeln!(lines, "force")?;
        }
        write_answers(lines, &self.sentinels, &self.peers)
    }
}

impl Display for SentinelEvidence {
    fn fmt(&self, lines: &mut Formatter) -> Result {
        if let Some((node, epoch)) = self.state {
            writeln!(lines, "state {node} {epoch}")?;
        }
        write_answers(lines, &self.others, &self.nodes)
    }
}

fn write_answers(
    lines: &mut Formatter,
    sentinels: &[SentinelSays],
    nodes: &[(Node, PeerSays)],
) -> Result {
    for (number, says) in sentinels.iter().enumerate() {
        match says {
            SentinelSays::Silent => writeln!(lines, "sentinel s{number} silent")?,
            SentinelSays::Names(named) => {
                write!(lines, "sentinel s{number} names {} {} master", named.node, named.epoch)?;
                for (on, flag) in [
                    (named.failing_over, "failover_in_progress"),
                    (named.quorum, "ckquorum"),
                    (named.tilt, "tilt"),
                    (named.late, "late"),
                ] {
                    if on {
                        write!(lines, ",{flag}")?;
                    }
                }
                writeln!(lines)?;
            }
        }
    }
    for (node, says) in nodes {
        match says {
            PeerSays::Silent => writeln!(lines, "data {node} silent")?,
            PeerSays::Master { keys, offset } => {
                writeln!(lines, "data {node} master - {} synced up {offset}", holds(*keys))?;
            }
            PeerSays::Replica(Replica { of, keys, synced, link, offset }) => {
                let of = of.map_or_else(|| "unlisted".into(), |of| of.to_string());
                let synced = if *synced { "synced" } else { "unsynced" };
                let link = match link {
                    Link::Down(seconds) => seconds.to_string(),
                    other => format!("{other:?}").to_lowercase(),
                };
                writeln!(
                    lines,
                    "data {node} replica {of} {} {synced} {link} {offset}",
                    holds(*keys)
                )?;
            }
        }
    }
    Ok(())
}

fn holds(keys: bool) -> &'static str {
    if keys { "keys" } else { "empty" }
}
