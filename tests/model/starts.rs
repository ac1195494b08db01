//! A start: what the set answers, and what the tables make of it.

use crate::{
    data_node::{Contract, Does},
    evidence::{self, Copy, Evidence, G, Named, Node, PeerSays, SentinelEvidence, SentinelSays, W},
    sentinel,
    world::{Link, NODES, Priority, Role, SEED, Sentinel, Server, Volume, World},
};

/// Long ago, in seconds; only before and after matter.
const AGE: u32 = 1000;

/// How long a start has waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Patience {
    New,
    AfterG,
    AfterW,
}

impl World {
    pub fn decide(&self, contract: &Contract, node: Node, patience: Patience) -> (u8, Does) {
        contract.decide(&self.evidence(node, patience))
    }

    fn evidence(&self, me: Node, patience: Patience) -> Evidence {
        let node = self.node(me);
        let peers = NODES.into_iter().filter(|peer| *peer != me);
        let copy =
            if node.volume.member && !node.volume.behind { Copy::Current } else { Copy::None };
        Evidence {
            me,
            seed: SEED,
            state: node.volume.state,
            copy,
            age: AGE,
            elapsed: match patience {
                Patience::New => 0,
                Patience::AfterG => G,
                Patience::AfterW => W,
            },
            force: false,
            cache_only: false,
            sentinels: self
                .sentinels
                .iter()
                .map(|sentinel| self.hear(*sentinel, node.cut))
                .collect(),
            peers: peers
                .map(|peer| (peer, self.see(peer, node.cut, node.volume.written)))
                .collect(),
        }
    }

    fn hear(&self, sentinel: Sentinel, cut: bool) -> SentinelSays {
        match sentinel.names {
            Some((node, epoch)) if sentinel.runs && sentinel.cut == cut => {
                SentinelSays::Names(Named {
                    node,
                    epoch,
                    failing_over: sentinel.promotes.is_some(),
                    tilt: false,
                    late: false,
                    quorum: self.voters(cut).count() >= 2,
                })
            }
            _ => SentinelSays::Silent,
        }
    }

    /// What a node answers to one that was written last at that time.
    fn see(&self, peer: Node, cut: bool, written: u8) -> PeerSays {
        let Some(Server { role, memory, .. }) = self.server_seen(peer, cut) else {
            return PeerSays::Silent;
        };
        let (keys, offset) = (memory != 0, u32::from(memory));
        match role {
            Role::Master { .. } => PeerSays::Master { keys, offset },
            Role::Replica { of, link, priority } => PeerSays::Replica(evidence::Replica {
                of: Some(of),
                keys,
                synced: priority == Priority::Synced,
                link: match link {
                    Link::Up => evidence::Link::Up,
                    Link::Never => evidence::Link::Never,
                    Link::Broken(since) if since >= written => evidence::Link::Down(AGE),
                    Link::Broken(_) => evidence::Link::Down(AGE + 3),
                },
                offset,
            }),
        }
    }

    /// Starts what the table lets start; says whether it did.
    pub fn start(&mut self, contract: &Contract, node: Node, patience: Patience) -> bool {
        let (_, does) = self.decide(contract, node, patience);
        let written = self.node(node).volume.writes;
        let role = match does {
            Does::Master => Role::Master { paused: false },
            Does::ReplicaOf(of) => {
                Role::Replica { of, link: Link::Never, priority: Priority::Never }
            }
            Does::HandOver => return self.fail_over_by_order(node),
            Does::Wait => return false,
        };
        let here = self.node_mut(node);
        here.server = Some(Server { role, memory: written, rewriting: false });
        if let Does::ReplicaOf(of) = does {
            here.volume.state = Some(of);
        } else {
            here.volume = Volume { state: Some(node), member: true, behind: false, ..here.volume };
        }
        true
    }

    /// A Sentinel starts with what it knows or learns; says whether it did.
    pub fn start_sentinel(&mut self, place: usize) -> bool {
        let sentinel = self.sentinels[place];
        let others = (0..3).filter(|other| *other != place);
        let evidence = SentinelEvidence {
            state: sentinel.names,
            others: others.map(|other| self.hear(self.sentinels[other], sentinel.cut)).collect(),
            nodes: NODES.map(|node| (node, self.see(node, sentinel.cut, 0))).to_vec(),
        };
        let (_, Some((node, epoch))) = sentinel::decide(&evidence) else { return false };
        let started = &mut self.sentinels[place];
        (started.runs, started.names) = (true, Some((node, epoch)));
        started.current_epoch = started.current_epoch.max(epoch);
        true
    }
}
