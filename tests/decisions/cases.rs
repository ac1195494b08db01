//! The combinations of evidence: every one of those that a part of the table could tell apart, and dice for the whole.

use std::iter::once;

use crate::evidence::{
    Copy, Evidence, G, Link, Named, Node, PeerSays, Replica, SentinelEvidence, SentinelSays, W,
};

pub const ME: Node = Node(0);
pub const PEERS: [Node; 2] = [Node(1), Node(2)];
const NODES: [Node; 3] = [Node(0), Node(1), Node(2)];
const COPIES: [Copy; 3] = [Copy::Current, Copy::Old, Copy::None];
const BOTH: [bool; 2] = [false, true];
/// The age of the own copy: a link that broke up to two seconds before missed nothing.
const AGE: u32 = 5;
const LINKS: [Link; 5] =
    [Link::Up, Link::Syncing, Link::Never, Link::Down(AGE + 2), Link::Down(AGE + 3)];

const UP: Replica = Replica { of: Some(ME), keys: true, synced: true, link: Link::Up, offset: 7 };

pub fn quiet() -> Evidence {
    Evidence {
        me: ME,
        seed: ME,
        state: None,
        copy: Copy::Current,
        age: AGE,
        elapsed: G,
        force: false,
        cache_only: false,
        sentinels: vec![SentinelSays::Silent; 3],
        peers: PEERS.map(|node| (node, PeerSays::Silent)).to_vec(),
    }
}

pub fn plain(node: Node, epoch: u8) -> SentinelSays {
    SentinelSays::Names(Named {
        node,
        epoch,
        failing_over: false,
        tilt: false,
        quorum: true,
        late: false,
    })
}

/// Every answer at these epochs, with these flags.
fn names(epochs: &[u8], flags: &[[bool; 4]]) -> Vec<SentinelSays> {
    let mut answers = vec![SentinelSays::Silent];
    for node in NODES {
        for &epoch in epochs {
            answers.extend(flags.iter().map(|&[failing_over, tilt, quorum, late]| {
                SentinelSays::Names(Named { node, epoch, failing_over, tilt, quorum, late })
            }));
        }
    }
    answers
}

/// Whether a Sentinel leads a failover or not, and whether it could start one: in TILT it cannot, whatever CKQUORUM says, and
/// soon it will by itself.
const FLAGS: [[bool; 4]; 7] = [
    [false, false, true, false],
    [false, true, true, false],
    [false, false, false, false],
    [true, false, true, false],
    [true, true, true, false],
    [true, false, false, false],
    [false, false, true, true],
];
const LEADS_OR_NOT: [[bool; 4]; 2] = [FLAGS[0], FLAGS[3]];

pub fn replicas(
    of: &[Option<Node>],
    synced: &[bool],
    links: &[Link],
    offsets: &[u32],
) -> Vec<PeerSays> {
    let mut answers = Vec::new();
    for &of in of {
        for &synced in synced {
            for &link in links {
                for &offset in offsets {
                    answers.extend(
                        BOTH.map(|keys| {
                            PeerSays::Replica(Replica { of, keys, synced, link, offset })
                        }),
                    );
                }
            }
        }
    }
    answers
}

fn masters(offsets: &[u32]) -> Vec<PeerSays> {
    let with = |keys| offsets.iter().map(move |&offset| PeerSays::Master { keys, offset });
    once(PeerSays::Silent).chain(with(true)).chain(with(false)).collect()
}

/// Every three answers, in every order of those that differ in node, epoch or leadership, and in one order of the others.
pub fn sentinels(cases: &mut Vec<Evidence>) {
    let level = [UP, UP].map(PeerSays::Replica);
    let lonely = [PeerSays::Replica(Replica { synced: false, ..UP }), PeerSays::Silent];
    let mut add = |sentinels: [SentinelSays; 3], peers: [PeerSays; 2]| {
        cases.push(Evidence {
            state: Some(ME),
            sentinels: sentinels.to_vec(),
            peers: PEERS.into_iter().zip(peers).collect(),
            ..quiet()
        });
    };
    let ordered = names(&[3, 4, 5], &LEADS_OR_NOT);
    for &first in &ordered {
        for &second in &ordered {
            for &third in &ordered {
                add([first, second, third], level);
            }
        }
    }
    let flagged = names(&[4, 5], &FLAGS);
    let mut turn = 0;
    for (place, &first) in flagged.iter().enumerate() {
        for (next, &second) in flagged.iter().enumerate().skip(place) {
            for &third in &flagged[next..] {
                let mut answers = [first, second, third];
                answers.rotate_left(turn % 3);
                add(answers, if turn % 4 == 0 { lonely } else { level });
                turn += 1;
            }
        }
    }
}

/// The Sentinels name this node: every two answers of peers as far as rows 2 to 7 look.
pub fn named(cases: &mut Vec<Evidence>) {
    let mut peers = masters(&[7, 8]);
    peers.extend(replicas(&[Some(ME)], &BOTH, &LINKS, &[7, 8]));
    let unable = SentinelSays::Names(Named {
        node: ME,
        epoch: 4,
        failing_over: false,
        tilt: false,
        quorum: false,
        late: false,
    });
    for (place, &first) in peers.iter().enumerate() {
        for &second in &peers[place..] {
            for copy in COPIES {
                for elapsed in [W - 1, W] {
                    for cache_only in BOTH {
                        for able in [plain(ME, 4), unable] {
                            cases.push(Evidence {
                                copy,
                                elapsed,
                                cache_only,
                                sentinels: vec![unable, able, SentinelSays::Silent],
                                peers: PEERS.into_iter().zip([first, second]).collect(),
                                ..quiet()
                            });
                        }
                    }
                }
            }
        }
    }
}

/// No verdict: every two answers of peers as far as rows 8 to 14 look.
pub fn unnamed(cases: &mut Vec<Evidence>) {
    for seed in [ME, PEERS[1]] {
        for elapsed in [G - 1, G] {
            for heard in [SentinelSays::Silent, plain(ME, 4), plain(PEERS[0], 4)] {
                let sentinels = vec![SentinelSays::Silent, heard, SentinelSays::Silent];
                let all = Evidence { seed, elapsed, sentinels, ..quiet() };
                with_peers(&all, &[None, Some(ME), Some(PEERS[0])], cases);
            }
        }
    }
}

/// A verdict for another node, or a person's: nothing else matters.
pub fn settled(cases: &mut Vec<Evidence>) {
    let another = vec![plain(PEERS[1], 4), plain(PEERS[1], 4), plain(ME, 3)];
    with_peers(&Evidence { sentinels: another, ..quiet() }, &[None, Some(ME)], cases);
    with_peers(&Evidence { force: true, ..quiet() }, &[None], cases);
}

fn with_peers(all: &Evidence, states: &[Option<Node>], cases: &mut Vec<Evidence>) {
    let answers = |other: Node| {
        let mut answers = masters(&[7]);
        let of = [Some(ME), Some(other), None];
        answers.extend(replicas(&of, &[false], &[Link::Up], &[7]));
        answers.extend(replicas(&of, &[true], &[Link::Up, Link::Down(AGE + 3)], &[7]));
        // An empty replica says nothing, whomever it follows.
        answers.retain(|says| says.holds_keys() || !says.replicates(other));
        answers
    };
    for &first in &answers(PEERS[1]) {
        for &second in &answers(PEERS[0]) {
            for copy in COPIES {
                cases.extend(states.iter().map(|&state| Evidence {
                    copy,
                    state,
                    peers: PEERS.into_iter().zip([first, second]).collect(),
                    ..all.clone()
                }));
            }
        }
    }
}

/// Always the same throws.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// All at once: one to five Sentinels, three or four nodes, every field free.
pub fn thrown(count: usize, dice: &mut Dice) -> Vec<Evidence> {
    let answers = names(&[2, 3, 4, 5], &FLAGS);
    let ages = [0, AGE, 90];
    (0..count)
        .map(|_| {
            let peers = [&PEERS[..1], &PEERS, &PEERS, &[Node(1), Node(2), Node(3)]];
            let peers = dice.pick(&peers);
            let favourite = dice.pick(&NODES);
            Evidence {
                seed: dice.pick(&NODES),
                state: dice.pick(&[None, Some(NODES[0]), Some(NODES[1]), Some(NODES[2])]),
                copy: dice.pick(&COPIES),
                age: dice.pick(&ages),
                elapsed: dice.pick(&[0, G - 1, G, G + 1, W - 1, W, 10 * W]),
                force: dice.below(50) == 0,
                cache_only: dice.pick(&BOTH),
                sentinels: (0..dice.pick(&[1, 3, 3, 3, 5]))
                    .map(|_| {
                        // Agreement is rare among dice, and common among Sentinels.
                        if dice.pick(&BOTH) { plain(favourite, 4) } else { dice.pick(&answers) }
                    })
                    .collect(),
                peers: peers.iter().map(|&node| (node, any_answer(node, dice))).collect(),
                ..quiet()
            }
        })
        .collect()
}

fn any_answer(node: Node, dice: &mut Dice) -> PeerSays {
    let of: Vec<Option<Node>> =
        NODES.into_iter().filter(|of| *of != node).map(Some).chain(once(None)).collect();
    let links = [&LINKS[..], &[Link::Down(0), Link::Down(92), Link::Down(93)]].concat();
    match dice.below(8) {
        0 => PeerSays::Silent,
        1 => dice.pick(&masters(&[7, 8])),
        _ => dice.pick(&replicas(&of, &BOTH, &links, &[7, 8])),
    }
}

/// What a Sentinel may find: every two other Sentinels and three data nodes, as far as the table looks.
pub fn monitored(dice: &mut Dice) -> Vec<SentinelEvidence> {
    let heard = [names(&[3, 4], &FLAGS[..1]), names(&[4], &FLAGS[3..4])].concat();
    let mut cases = Vec::new();
    let answers = |node: Node| {
        let of: Vec<Option<Node>> =
            NODES.into_iter().filter(|of| *of != node).map(Some).chain(once(None)).collect();
        let mut answers = replicas(&of, &[true], &[Link::Up], &[7]);
        // An empty replica says nothing, whomever it follows.
        answers.retain(|says| says.holds_keys() || says.replicates(of[0].unwrap()));
        answers.extend([PeerSays::Silent, PeerSays::Master { keys: true, offset: 7 }]);
        answers
    };
    for first in answers(NODES[0]) {
        for second in answers(NODES[1]) {
            for third in answers(NODES[2]) {
                for (place, &one) in heard.iter().enumerate() {
                    for &other in &heard[place..] {
                        let mut others = vec![one, other];
                        others.rotate_left(dice.below(2));
                        let nodes = NODES.into_iter().zip([first, second, third]).collect();
                        let state = (dice.below(40) == 0).then(|| (dice.pick(&NODES), 2));
                        cases.push(SentinelEvidence { state, others, nodes });
                    }
                }
            }
        }
    }
    for _ in 0..cases.len() / 10 {
        let others = (0..dice.pick(&[0, 2, 4, 4])).map(|_| dice.pick(&heard)).collect();
        let nodes = NODES.map(|node| (node, any_answer(node, dice))).to_vec();
        cases.push(SentinelEvidence { state: None, others, nodes });
    }
    cases
}
