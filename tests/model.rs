//! A model of the whole set, explored exhaustively: three data nodes, three Sentinels, their volumes, a client, and failures.
//!
//! Starts go by the table that `tests/decisions.rs` holds the scripts to. Abstracted: a start asks and acts at once; Sentinels
//! that reach each other agree at once, after the first answer of one that just started; a failover has two steps; whoever is
//! linked gets a write at once or as a later step; W passes only when neither Sentinels nor links have anything left to do,
//! and the network heals no sooner; orphans that see each other act in one second; a demoted master cannot be promoted before
//! it is synced; persistence is an AOF that loses nothing. Each budget of failures below is explored to its depth.

#[path = "decisions/data_node.rs"]
mod data_node;
#[path = "decisions/evidence.rs"]
mod evidence;
#[path = "model/recovery.rs"]
mod recovery;
#[path = "model/replication.rs"]
mod replication;
#[path = "decisions/sentinel.rs"]
mod sentinel;
#[path = "model/sentinels.rs"]
mod sentinels;
#[path = "model/starts.rs"]
mod starts;
#[path = "model/steps.rs"]
mod steps;
#[path = "model/world.rs"]
mod world;

use std::{fmt::Write as _, time::Instant};

use data_node::{CONTRACT, Contract, Does, Row, Verdict};
use evidence::{Copy, Evidence, PeerSays};
use recovery::End;
use stateright::{Checker, HasDiscoveries, Model, Path, Property};
use steps::Step;
use world::{Budget, NODES, World};

/// What is under test: the table, and what the watcher does.
#[derive(Clone, Copy)]
pub struct Rules {
    pub contract: Contract,
    /// Whether a copy counts as none from a full sync until the AOF is written anew.
    pub marks_a_copy_behind: bool,
    /// Whether a replica whose master runs as a replica without a link is an orphan.
    pub a_master_that_follows_is_gone: bool,
    /// Whether a copy is as young as the file of a sync that its AOF lacks.
    pub a_sync_counts_as_written: bool,
    /// Whether an orphan may be promoted only as long as nothing changes.
    pub orphans_withdraw: bool,
    /// Whether an empty replica, whose volume may be lost, keeps one with keys from being an orphan.
    pub empty_replicas_vouch_for_nothing: bool,
}

const RULES: Rules = Rules {
    contract: CONTRACT,
    marks_a_copy_behind: true,
    a_master_that_follows_is_gone: true,
    a_sync_counts_as_written: false,
    orphans_withdraw: true,
    empty_replicas_vouch_for_nothing: true,
};

#[derive(Clone)]
struct Set {
    rules: Rules,
    start: World,
}

const KEEPS: &str = "whoever serves has every settled write";
const ONE: &str = "no two masters acknowledge writes";
const RECOVERS: &str =
    "once failures stop somebody serves, or a copy is missing and a start says what it waits for";

impl Model for Set {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![self.start.clone().canonical()]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        world.steps(steps);
        if !world.is_busy(&self.rules) {
            world.late_steps(steps);
        }
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        world.after(&self.rules, step).map(World::canonical)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(KEEPS, |_, world: &World| {
                NODES.into_iter().all(|node| !world.leads(node) || world.keeps(node))
            }),
            Property::always(ONE, |_, world: &World| {
                NODES.into_iter().filter(|node| world.acknowledges(*node)).count() < 2
            }),
            Property::always(RECOVERS, |set: &Self, world: &World| {
                match world.recover(&set.rules).0 {
                    End::Serves => true,
                    End::Waits => {
                        world.lost_a_volume || world.nodes.iter().any(|node| !node.volume.member)
                    }
                    End::Silent => false,
                }
            }),
        ]
    }
}

impl World {
    /// The newest configuration names it, or somebody replicates it.
    fn leads(&self, node: evidence::Node) -> bool {
        let newest = self.newest_epoch();
        let is_named = self.sentinels.iter().any(|sentinel| {
            sentinel.names.is_some_and(|(named, epoch)| {
                Some(epoch) == newest && sentinel.promotes.unwrap_or(named) == node
            })
        });
        self.is_master(node) && (is_named || self.acknowledges(node))
    }

    fn keeps(&self, node: evidence::Node) -> bool {
        let memory = self.server(node).map_or(0, |server| server.memory);
        self.settled & !self.excused & !memory == 0
    }
}

fn tell(set: &Set, path: Path<World, Step>) -> String {
    let steps = path.into_vec();
    let mut told = String::new();
    for (world, step) in &steps {
        writeln!(told, "{world}").unwrap();
        if let Some(step) = step {
            writeln!(told, "{step:?}").unwrap();
        }
    }
    let (end, world) = steps.last().unwrap().0.recover(&set.rules);
    writeln!(told, "then {end:?}: {world}").unwrap();
    told
}

const FAILURES: Budget = Budget { writes: 1, ..Budget::NOTHING };

fn explore(rules: &Rules, start: World, depth: usize) -> Result<usize, String> {
    let set = Set { rules: *rules, start: start.canonical() };
    // In one thread, because several may reach a state first by a longer way and then stop short of the depth.
    let checker = set
        .clone()
        .checker()
        .target_max_depth(depth)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let mut found = checker.discoveries().into_iter();
    match found.next() {
        Some((name, path)) => Err(format!("not so: {name}\n{}", tell(&set, path))),
        None => Ok(checker.unique_state_count()),
    }
}

#[test]
fn whatever_fails_no_settled_write_is_lost_and_somebody_serves_again() {
    let settled = World::settled;
    let scenarios = [
        ("outage", settled(Budget { kills: 2, outages: 1, ..FAILURES }), 16),
        ("lost volume", settled(Budget { kills: 3, outages: 1, losses: 1, ..FAILURES }), 13),
        ("partition", settled(Budget { kills: 2, outages: 1, cuts: 1, ..FAILURES }), 11),
        (
            "lost Sentinels",
            settled(Budget { outages: 1, sentinel_kills: 3, sentinel_losses: 3, ..FAILURES }),
            14,
        ),
        (
            "everything a little",
            settled(Budget {
                kills: 1,
                outages: 1,
                sentinel_kills: 1,
                sentinel_losses: 1,
                cuts: 1,
                ..FAILURES
            }),
            10,
        ),
        (
            "planned stop",
            settled(Budget { writes: 2, kills: 1, outages: 1, stops: 1, ..FAILURES }),
            13,
        ),
        ("first start", World::empty(Budget { kills: 2, losses: 1, ..FAILURES }), 14),
    ];
    for (name, start, depth) in scenarios {
        let began = Instant::now();
        let states =
            explore(&RULES, start, depth).unwrap_or_else(|found| panic!("{name}: {found}"));
        println!("{name}: {states} states to depth {depth} in {:?}", began.elapsed());
        assert!(states > 3_000, "{name}: {states}");
    }
}

/// The contract with one row in another's place.
fn with_row(row: Row) -> Rules {
    let mut rules = RULES;
    rules.contract.rows[usize::from(row.number)] = row;
    rules
}

fn row(number: usize) -> Row {
    CONTRACT.rows[number]
}

/// The node that most answers name; of equals the first.
fn most_named(evidence: &Evidence) -> Verdict {
    let answers: Vec<_> = evidence.answers().collect();
    let count = |node| answers.iter().filter(|named| named.node == node).count();
    match NODES.into_iter().rev().max_by_key(|node| count(*node)) {
        Some(node) if answers.len() >= 2 && node == evidence.me => Verdict::Me(1),
        Some(node) if answers.len() >= 2 => Verdict::Another(node, 1),
        _ => Verdict::Nobody,
    }
}

#[test]
fn every_weaker_contract_has_a_counterexample() {
    let kills = Budget { kills: 2, outages: 1, ..FAILURES };
    let losses = Budget { kills: 3, losses: 1, ..FAILURES };
    let sentinels = Budget { kills: 1, outages: 1, sentinel_kills: 2, ..FAILURES };
    let weaker = [
        (
            "the seed starts as master when all are silent",
            sentinels,
            with_row(Row {
                when: |e| e.seed == e.me && e.no_peer(|peer| *peer != PeerSays::Silent),
                ..row(12)
            }),
        ),
        (
            "the count of Sentinels outvotes the epoch",
            sentinels,
            Rules { contract: Contract { verdict: most_named, ..CONTRACT }, ..RULES },
        ),
        (
            "an empty master starts though a peer is silent",
            losses,
            with_row(Row {
                when: |e| e.copy == Copy::None && e.no_peer(PeerSays::holds_keys),
                ..row(6)
            }),
        ),
        (
            "the last master starts though a peer is silent",
            sentinels,
            with_row(Row { when: |e| e.state == Some(e.me), ..row(10) }),
        ),
        (
            "a replica waits for a master that is down",
            kills,
            with_row(Row { does: |_, _| Does::Wait, ..row(1) }),
        ),
        (
            "a copy behind its sync counts as current",
            kills,
            Rules { marks_a_copy_behind: false, ..RULES },
        ),
        (
            "a copy is as young as the file of its last sync",
            kills,
            Rules { a_sync_counts_as_written: true, ..RULES },
        ),
        (
            "a master that follows somebody is no reason to look for another",
            Budget { kills: 1, outages: 1, sentinel_kills: 1, cuts: 1, ..Budget::NOTHING },
            Rules { a_master_that_follows_is_gone: false, ..RULES },
        ),
        ("an orphan stays promotable", kills, Rules { orphans_withdraw: false, ..RULES }),
        (
            "an empty replica vouches for an old copy",
            losses,
            Rules { empty_replicas_vouch_for_nothing: false, ..RULES },
        ),
    ];
    for (name, budget, rules) in weaker {
        let found = explore(&rules, World::settled(budget), 16);
        println!("{name}: {found:?}");
        assert!(found.is_err(), "{name} has no counterexample among {found:?} states");
    }
}
