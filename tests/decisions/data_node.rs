//! The table for the start of a data node, as a person reads it: the first row that fits is what the node does.

use crate::evidence::{Copy, Evidence, G, Link, Named, Node, PeerSays, SentinelSays, W};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Nobody,
    Me(u8),
    Another(Node, u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Does {
    Master,
    ReplicaOf(Node),
    /// A failover by any Sentinel that can.
    HandOver,
    Wait,
}

/// Of whom a row speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    Anyone,
    Nobody,
    Me,
    Another,
}

#[derive(Clone, Copy)]
pub struct Row {
    pub number: u8,
    pub verdict: Names,
    pub when: fn(&Evidence) -> bool,
    pub does: fn(&Evidence, Verdict) -> Does,
}

/// How a start decides: whom the Sentinels name, and the rows.
#[derive(Clone, Copy)]
pub struct Contract {
    pub verdict: fn(&Evidence) -> Verdict,
    pub rows: [Row; 15],
}

pub const CONTRACT: Contract = Contract { verdict: Evidence::verdict, rows: TABLE };

#[rustfmt::skip]
const TABLE: [Row; 15] = [
    Row { number: 0, verdict: Names::Anyone, when: |e| e.force, does: |_, _| Does::Master },
    Row { number: 1, verdict: Names::Another, when: |_| true, does: |_, verdict| Does::ReplicaOf(verdict.another()) },

    Row { number: 2, verdict: Names::Me, when: |e| e.is_being_replaced(), does: |_, _| Does::Wait },
    Row { number: 3, verdict: Names::Me, when: |e| e.has_fresh_peer() && e.elapsed < W,
          does: |e, _| if e.may_hand_over() { Does::HandOver } else { Does::Wait } },
    Row { number: 4, verdict: Names::Me, when: |e| e.copy == Copy::Current, does: |_, _| Does::Master },
    Row { number: 5, verdict: Names::Me,
          when: |e| e.copy == Copy::Old && !e.has_fresh_peer() && (e.every_peer_answers() || e.elapsed >= W),
          does: |_, _| Does::Master },
    Row { number: 6, verdict: Names::Me,
          when: |e| e.copy == Copy::None && e.no_peer(PeerSays::holds_keys)
              && (e.every_peer_answers() || e.cache_only && e.elapsed >= W),
          does: |_, _| Does::Master },
    Row { number: 7, verdict: Names::Me, when: |_| true, does: |_, _| Does::Wait },

    Row { number: 8, verdict: Names::Nobody,
          when: |e| e.only_master().is_some_and(|master| e.no_peer(|peer| peer.holds_keys() && !peer.is_master() && !peer.replicates(master))),
          does: |e, _| Does::ReplicaOf(e.only_master().unwrap()) },
    Row { number: 9, verdict: Names::Nobody, when: |e| !e.no_peer(PeerSays::is_master), does: |_, _| Does::Wait },
    Row { number: 10, verdict: Names::Nobody,
          when: |e| e.state == Some(e.me)
              && (e.copy == Copy::Current || e.copy == Copy::Old && !e.has_fresh_peer())
              && e.every_peer_answers() && e.no_peer(|peer| peer.holds_keys() && !peer.replicates(e.me))
              && e.no_sentinel_names_another(),
          does: |_, _| Does::Master },
    Row { number: 11, verdict: Names::Nobody, when: |e| e.last_followed().is_some() && e.elapsed >= G,
          does: |e, _| Does::ReplicaOf(e.last_followed().unwrap()) },
    Row { number: 12, verdict: Names::Nobody,
          when: |e| e.copy == Copy::None && (e.state.is_none() && e.seed == e.me || e.state == Some(e.me))
              && e.every_peer_answers() && e.no_peer(PeerSays::holds_keys) && e.no_sentinel_names_another(),
          does: |_, _| Does::Master },
    Row { number: 13, verdict: Names::Nobody,
          when: |e| e.copy == Copy::None && e.state.is_none() && e.seed != e.me && e.elapsed >= G,
          does: |e, _| Does::ReplicaOf(e.seed) },
    Row { number: 14, verdict: Names::Nobody, when: |_| true, does: |_, _| Does::Wait },
];

impl Contract {
    /// The first row that fits, and what the node does.
    pub fn decide(&self, evidence: &Evidence) -> (u8, Does) {
        let verdict = (self.verdict)(evidence);
        let names = match verdict {
            Verdict::Nobody => Names::Nobody,
            Verdict::Me(_) => Names::Me,
            Verdict::Another(..) => Names::Another,
        };
        let fits =
            |row: &&Row| [Names::Anyone, names].contains(&row.verdict) && (row.when)(evidence);
        let row = self.rows.iter().find(fits).expect("the last row of each verdict fits always");
        (row.number, (row.does)(evidence, verdict))
    }
}

impl Verdict {
    fn another(self) -> Node {
        match self {
            Verdict::Another(node, _) => node,
            other => unreachable!("{other:?} names no other node"),
        }
    }
}

/// The words of the table.
impl Evidence {
    /// A majority answers, and the highest epoch among the answers names one node.
    pub fn verdict(&self) -> Verdict {
        let answers: Vec<Named> = self.answers().collect();
        let Some(epoch) = answers.iter().map(|named| named.epoch).max() else {
            return Verdict::Nobody;
        };
        let newest: Vec<&Named> = answers.iter().filter(|named| named.epoch == epoch).collect();
        // The leader of a failover names the old master at the new epoch until it ends, so whoever does not lead knows better.
        let settled = newest.iter().any(|named| !named.failing_over);
        let mut nodes: Vec<Node> = newest
            .iter()
            .filter(|named| !(settled && named.failing_over))
            .map(|named| named.node)
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        match nodes[..] {
            _ if answers.len() < self.sentinels.len() / 2 + 1 => Verdict::Nobody,
            [node] if node == self.me => Verdict::Me(epoch),
            [node] => Verdict::Another(node, epoch),
            _ => Verdict::Nobody,
        }
    }

    pub fn answers(&self) -> impl Iterator<Item = Named> {
        self.sentinels.iter().filter_map(|says| match says {
            SentinelSays::Silent => None,
            SentinelSays::Names(named) => Some(*named),
        })
    }

    fn is_being_replaced(&self) -> bool {
        self.answers().any(|named| named.failing_over)
    }

    fn no_sentinel_names_another(&self) -> bool {
        self.answers().all(|named| named.node == self.me)
    }

    /// Whether this Sentinel could carry out a failover of the node.
    pub fn is_usable(&self, says: SentinelSays) -> bool {
        matches!(says, SentinelSays::Names(named) if named.node == self.me && named.quorum && !named.tilt && !named.late)
    }

    pub fn every_peer_answers(&self) -> bool {
        self.no_peer(|peer| *peer == PeerSays::Silent)
    }

    pub fn no_peer(&self, what: impl Fn(&PeerSays) -> bool) -> bool {
        !self.peers.iter().any(|(_, says)| what(says))
    }

    pub fn only_master(&self) -> Option<Node> {
        let mut masters = self.peers.iter().filter(|(_, says)| says.is_master());
        let first = masters.next();
        first.filter(|_| masters.next().is_none()).map(|(node, _)| *node)
    }

    pub fn last_followed(&self) -> Option<Node> {
        self.state.filter(|node| *node != self.me)
    }

    /// A fresh peer is synced and missed no write of this node's copy. A master follows nobody, so it missed nothing.
    pub fn has_fresh_peer(&self) -> bool {
        self.peers.iter().any(|(_, says)| match says {
            PeerSays::Silent => false,
            PeerSays::Master { .. } => true,
            PeerSays::Replica(replica) => {
                replica.synced
                    && match replica.link {
                        Link::Up => true,
                        Link::Down(seconds) => self.copy == Copy::None || seconds <= self.age + 2,
                        Link::Never | Link::Syncing => self.copy == Copy::None,
                    }
            }
        })
    }

    /// Level replicas lose nothing, whichever of them Sentinel takes; a peer that is master already is none. Beside a failover
    /// that the Sentinels are about to begin by themselves an ordered one would make a second master.
    fn may_hand_over(&self) -> bool {
        let mut offsets: Vec<u32> = Vec::new();
        for (_, says) in &self.peers {
            match says {
                PeerSays::Replica(replica) if replica.synced => offsets.push(replica.offset),
                _ => {}
            }
        }
        offsets.sort_unstable();
        offsets.dedup();
        offsets.len() == 1
            && self.no_peer(PeerSays::is_master)
            && !self.answers().any(|named| named.node == self.me && named.late)
            && self.sentinels.iter().any(|says| self.is_usable(*says))
    }
}
