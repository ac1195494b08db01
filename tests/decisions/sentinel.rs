//! The table for the start of a Sentinel: which node it monitors, at which epoch.

use crate::evidence::{Named, Node, PeerSays, SentinelEvidence, SentinelSays};

/// A node at an epoch, or nothing.
pub type Monitors = Option<(Node, u8)>;

pub struct Row {
    pub letter: char,
    pub finds: fn(&SentinelEvidence) -> Monitors,
}

#[rustfmt::skip]
pub const TABLE: [Row; 5] = [
    Row { letter: 'a', finds: |e| e.state },
    Row { letter: 'b', finds: |e| Some((e.named_by_majority()?, e.highest_epoch())) },
    Row { letter: 'c', finds: |e| {
        let master = e.only_master()?;
        Some((master, e.highest_epoch() + u8::from(!e.nobody_contradicts(master))))
    } },
    Row { letter: 'd', finds: |e| {
        let followed = e.followed_by_majority()?;
        (e.no_master() && e.nobody_contradicts(followed)).then(|| (followed, e.highest_epoch()))
    } },
    Row { letter: 'e', finds: |e| {
        let named = e.answers().next()?.node;
        (e.no_master() && e.nobody_contradicts(named) && e.holders_follow(named))
            .then(|| (named, e.highest_epoch()))
    } },
];

/// The first row that finds a node; row f is that none does.
pub fn decide(evidence: &SentinelEvidence) -> (char, Monitors) {
    let found = TABLE.iter().find_map(|row| Some((row.letter, (row.finds)(evidence)?)));
    found.map_or(('f', None), |(letter, monitors)| (letter, Some(monitors)))
}

/// The words of the table.
impl SentinelEvidence {
    /// The leader of a failover names the old master at the new epoch until it ends, which is no answer to take over.
    fn answers(&self) -> impl Iterator<Item = Named> {
        self.others.iter().filter_map(|says| match says {
            SentinelSays::Names(named) if !named.failing_over => Some(*named),
            _ => None,
        })
    }

    fn highest_epoch(&self) -> u8 {
        self.answers().map(|named| named.epoch).max().unwrap_or(0)
    }

    fn nobody_contradicts(&self, node: Node) -> bool {
        self.answers().all(|named| named.node == node)
    }

    /// By a majority of all Sentinels, this one included, which names nobody.
    /// Here too the epoch outvotes the count: more of five Sentinels may be stale than fresh.
    fn named_by_majority(&self) -> Option<Node> {
        let majority = self.others.len().div_ceil(2) + 1;
        let newest = self.answers().max_by_key(|named| named.epoch)?;
        let contradicted =
            self.answers().any(|named| named.epoch == newest.epoch && named.node != newest.node);
        let times = self.answers().filter(|named| named.node == newest.node).count();
        (!contradicted && times >= majority).then_some(newest.node)
    }

    fn masters(&self) -> impl Iterator<Item = Node> {
        self.nodes.iter().filter(|(_, says)| says.is_master()).map(|(node, _)| *node)
    }

    fn no_master(&self) -> bool {
        self.masters().next().is_none()
    }

    fn only_master(&self) -> Option<Node> {
        let mut masters = self.masters();
        let first = masters.next();
        first.filter(|_| masters.next().is_none())
    }

    /// Whom the replicas that hold keys follow; nobody is a node that is not in the list.
    fn followed(&self) -> impl Iterator<Item = Option<Node>> {
        self.nodes.iter().filter_map(|(_, says)| match says {
            PeerSays::Replica(replica) if replica.keys => Some(replica.of),
            _ => None,
        })
    }

    fn followed_by_majority(&self) -> Option<Node> {
        let majority = self.nodes.len() / 2 + 1;
        self.followed()
            .flatten()
            .find(|node| self.followed().filter(|of| *of == Some(*node)).count() >= majority)
    }

    fn holders_follow(&self, node: Node) -> bool {
        self.followed().all(|of| of == Some(node))
    }
}
