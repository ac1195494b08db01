//! What a whole set may be: three data nodes, three Sentinels, their volumes, and the network between them.

use std::fmt::{Display, Formatter, Result};

use crate::evidence::Node;

/// Writes by number, as bits.
pub type Writes = u8;

pub const NODES: [Node; 3] = [Node(0), Node(1), Node(2)];
pub const SEED: Node = Node(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Link {
    Up,
    /// Since that many writes had been acknowledged.
    Broken(u8),
    Never,
}

/// Whether Sentinel may promote a replica: never, as one of those whose copy is complete, or as an orphan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    Never,
    Orphan,
    Synced,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Master { paused: bool },
    Replica { of: Node, link: Link, priority: Priority },
}

/// A running server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Server {
    pub role: Role,
    pub memory: Writes,
    /// The AOF is still to be written anew, so the disk holds what it held before the sync.
    pub rewriting: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Volume {
    pub writes: Writes,
    pub member: bool,
    /// The AOF misses a sync.
    pub behind: bool,
    /// The master of the last run.
    pub state: Option<Node>,
    /// When the data changed last, in writes acknowledged.
    pub written: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataNode {
    /// Nobody: it is down, or its start script waits.
    pub server: Option<Server>,
    pub volume: Volume,
    pub cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sentinel {
    pub runs: bool,
    /// What it monitors at which epoch; on its volume too.
    pub names: Option<(Node, u8)>,
    pub current_epoch: u8,
    /// The node that it promotes as leader of a failover.
    pub promotes: Option<Node>,
    pub cut: bool,
}

/// How much may still go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Budget {
    pub writes: u8,
    pub kills: u8,
    pub outages: u8,
    pub losses: u8,
    pub sentinel_kills: u8,
    pub sentinel_losses: u8,
    pub cuts: u8,
    pub stops: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct World {
    pub nodes: [DataNode; 3],
    pub sentinels: [Sentinel; 3],
    pub budget: Budget,
    pub acknowledged: u8,
    /// On the disks of a master and of all replicas that ran, one at least.
    pub settled: Writes,
    /// Every volume that held them is lost.
    pub excused: Writes,
    pub lost_a_volume: bool,
}

impl World {
    /// Nothing ever ran.
    pub fn empty(budget: Budget) -> Self {
        let node = DataNode { server: None, volume: Volume::default(), cut: false };
        let sentinel =
            Sentinel { runs: false, names: None, current_epoch: 0, promotes: None, cut: false };
        Self {
            nodes: [node; 3],
            sentinels: [sentinel; 3],
            budget,
            acknowledged: 0,
            settled: 0,
            excused: 0,
            lost_a_volume: false,
        }
    }

    /// The seed serves, everyone follows, and one write is everywhere.
    pub fn settled(budget: Budget) -> Self {
        let mut world = Self::empty(budget);
        for node in NODES {
            let role = if node == SEED {
                Role::Master { paused: false }
            } else {
                Role::Replica { of: SEED, link: Link::Up, priority: Priority::Synced }
            };
            *world.node_mut(node) = DataNode {
                server: Some(Server { role, memory: 1, rewriting: false }),
                volume: Volume {
                    writes: 1,
                    member: true,
                    behind: false,
                    state: Some(SEED),
                    written: 1,
                },
                cut: false,
            };
        }
        for sentinel in &mut world.sentinels {
            (sentinel.runs, sentinel.names, sentinel.current_epoch) = (true, Some((SEED, 1)), 1);
        }
        (world.acknowledged, world.settled) = (1, 1);
        world
    }

    pub fn node(&self, node: Node) -> &DataNode {
        &self.nodes[usize::from(node.0)]
    }

    pub fn node_mut(&mut self, node: Node) -> &mut DataNode {
        &mut self.nodes[usize::from(node.0)]
    }

    pub fn server(&self, node: Node) -> Option<Server> {
        self.node(node).server
    }

    /// The server of a node that somebody on this side of the network can reach.
    pub fn server_seen(&self, node: Node, cut: bool) -> Option<Server> {
        self.server(node).filter(|_| self.node(node).cut == cut)
    }

    pub fn is_master(&self, node: Node) -> bool {
        matches!(self.server(node), Some(Server { role: Role::Master { .. }, .. }))
    }

    pub fn replica(&self, node: Node) -> Option<(Node, Link, Priority)> {
        match self.server(node)?.role {
            Role::Replica { of, link, priority } => Some((of, link, priority)),
            Role::Master { .. } => None,
        }
    }

    pub fn linked(&self, master: Node) -> impl Iterator<Item = Node> {
        NODES.into_iter().filter(move |node| {
            self.replica(*node).is_some_and(|(of, link, _)| of == master && link == Link::Up)
        })
    }

    /// With `min-replicas-to-write 1`.
    pub fn acknowledges(&self, node: Node) -> bool {
        self.is_master(node) && self.linked(node).next().is_some()
    }

    pub fn newest_epoch(&self) -> Option<u8> {
        self.sentinels.iter().filter_map(|sentinel| sentinel.names).map(|(_, epoch)| epoch).max()
    }

    /// One of those that are alike: Sentinels have no order, and the two nodes that are not the seed no names.
    pub fn canonical(mut self) -> Self {
        self.sentinels.sort_unstable();
        let mut twin = self.clone();
        twin.nodes.swap(1, 2);
        let other = |node: &mut Node| node.0 = [0, 2, 1][usize::from(node.0)];
        for node in &mut twin.nodes {
            node.volume.state.iter_mut().for_each(other);
            if let Some(Server { role: Role::Replica { of, .. }, .. }) = &mut node.server {
                other(of);
            }
        }
        for sentinel in &mut twin.sentinels {
            sentinel.names.iter_mut().for_each(|(node, _)| other(node));
            sentinel.promotes.iter_mut().for_each(other);
        }
        twin.sentinels.sort_unstable();
        self.min(twin)
    }
}

/// One line, for the path to a counterexample.
impl Display for World {
    fn fmt(&self, formatter: &mut Formatter) -> Result {
        for node in NODES {
            let DataNode { server, volume, cut } = self.node(node);
            write!(formatter, "{node}{}", if *cut { "(cut)" } else { "" })?;
            match server {
                None => write!(formatter, " down")?,
                Some(Server { role, memory, rewriting }) => {
                    match role {
                        Role::Master { .. } => write!(formatter, " master")?,
                        Role::Replica { of, link, priority } => {
                            write!(formatter, " of {of} {link:?} {priority:?}")?;
                        }
                    }
                    write!(formatter, " {memory:b}{}", if *rewriting { " rewriting" } else { "" })?;
                }
            }
            let state = volume.state.map_or_else(|| "none".into(), |state| state.to_string());
            let member = match (volume.member, volume.behind) {
                (true, false) => " member",
                (true, true) => " behind",
                _ => "",
            };
            write!(formatter, " [{:b}@{}{member} {state}] ", volume.writes, volume.written)?;
        }
        for sentinel in &self.sentinels {
            let Sentinel { runs, names, promotes, cut, .. } = sentinel;
            write!(formatter, "{}", if *runs { " S" } else { " s" })?;
            match names {
                None => write!(formatter, "-")?,
                Some((node, epoch)) => write!(formatter, "{node}@{epoch}")?,
            }
            if let Some(node) = promotes {
                write!(formatter, "->{node}")?;
            }
            write!(formatter, "{}", if *cut { "(cut)" } else { "" })?;
        }
        write!(formatter, " settled {:b} excused {:b}", self.settled, self.excused)
    }
}
