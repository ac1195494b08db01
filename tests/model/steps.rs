//! Everything that may happen next: failures, clients, replication, the watcher, Sentinels and starts.

use crate::{
    evidence::Node,
    starts::Patience,
    world::{Budget, NODES, Role, Server, Volume, World},
};

use crate::Rules;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Write { at: Node, reaches_replicas: bool },
    CatchUp(Node),
    Persist(Node),
    BecomeOrphans,
    Kill(Node),
    KillEveryNode,
    LoseVolume(Node),
    KillSentinel(usize),
    LoseSentinelVolume(usize),
    Cut { node: Option<Node>, sentinel: Option<usize> },
    Heal,
    StopMaster(Node),
    Terminate(Node),
    Promote(usize, Node),
    Complete(usize),
    Correct(Node),
    Start(Node, Patience),
    StartSentinel(usize),
}

impl World {
    pub fn steps(&self, steps: &mut Vec<Step>) {
        self.failures(steps);
        self.progress(steps);
        for node in NODES {
            if self.server(node).is_none() {
                steps.push(Step::Start(node, Patience::New));
                steps.push(Step::Start(node, Patience::AfterG));
            } else {
                steps.extend(
                    [true, false]
                        .map(|reaches_replicas| Step::Write { at: node, reaches_replicas }),
                );
                steps.extend([Step::Persist(node), Step::StopMaster(node), Step::Terminate(node)]);
            }
        }
        for place in 0..3 {
            if !self.sentinels[place].runs {
                steps.push(Step::StartSentinel(place));
            }
        }
    }

    /// What takes W: Sentinels and links are through by then.
    pub fn late_steps(&self, steps: &mut Vec<Step>) {
        let down = NODES.into_iter().filter(|node| self.server(*node).is_none());
        steps.extend(down.map(|node| Step::Start(node, Patience::AfterW)));
        steps.push(Step::BecomeOrphans);
    }

    /// What Sentinels and links do within seconds.
    pub fn progress(&self, steps: &mut Vec<Step>) {
        for place in 0..3 {
            steps.push(Step::Complete(place));
            steps.extend(self.candidates(place).into_iter().map(|node| Step::Promote(place, node)));
        }
        for node in NODES {
            steps.extend([Step::CatchUp(node), Step::Correct(node)]);
        }
    }

    fn failures(&self, steps: &mut Vec<Step>) {
        for node in NODES {
            let runs = self.server(node).is_some();
            steps.push(if runs { Step::Kill(node) } else { Step::LoseVolume(node) });
        }
        steps.push(Step::KillEveryNode);
        for place in 0..3 {
            let runs = self.sentinels[place].runs;
            steps.push(if runs {
                Step::KillSentinel(place)
            } else {
                Step::LoseSentinelVolume(place)
            });
            steps.push(Step::Cut { node: None, sentinel: Some(place) });
            steps.extend(NODES.map(|node| Step::Cut { node: Some(node), sentinel: Some(place) }));
        }
        steps.extend(NODES.map(|node| Step::Cut { node: Some(node), sentinel: None }));
        steps.push(Step::Heal);
    }

    /// The world after a step; nothing if it cannot happen now.
    pub fn after(&self, rules: &Rules, step: Step) -> Option<World> {
        let mut world = self.clone();
        world.take(rules, step).then(|| {
            // One that just started is asked before it has learned.
            if !matches!(step, Step::StartSentinel(_)) {
                world.learn();
            }
            if rules.orphans_withdraw {
                world.withdraw_orphans(self);
            }
            world.settle();
            world
        })
    }

    fn take(&mut self, rules: &Rules, step: Step) -> bool {
        match step {
            Step::Write { at, reaches_replicas } => self.write(at, reaches_replicas),
            Step::CatchUp(node) => self.catch_up(rules, node),
            Step::Persist(node) => self.persist(node),
            Step::BecomeOrphans => self.become_orphans(rules),
            Step::Kill(node) => spend(&mut self.budget.kills) && self.kill(node),
            Step::KillEveryNode => {
                spend(&mut self.budget.outages)
                    && NODES.into_iter().filter(|node| self.kill(*node)).count() > 0
            }
            Step::LoseVolume(node) => spend(&mut self.budget.losses) && self.lose_volume(node),
            Step::KillSentinel(place) => {
                // The configuration on its disk names whom it promotes.
                self.complete(place);
                self.sentinels[place].runs = false;
                spend(&mut self.budget.sentinel_kills)
            }
            Step::LoseSentinelVolume(place) => {
                let sentinel = &mut self.sentinels[place];
                let knew = sentinel.names.take().is_some();
                sentinel.current_epoch = 0;
                self.lost_a_volume = true;
                knew && spend(&mut self.budget.sentinel_losses)
            }
            Step::Cut { node, sentinel } => {
                spend(&mut self.budget.cuts) && self.cut(node, sentinel)
            }
            // Sentinels on the larger side are through before the network heals; within seconds Sentinel itself may lose writes.
            Step::Heal => !self.is_busy(rules) && self.heal(),
            Step::StopMaster(node) => spend(&mut self.budget.stops) && self.stop_master(node),
            Step::Terminate(node) => self.is_paused(node) && self.kill(node),
            Step::Promote(place, node) => {
                self.promote(place, node);
                true
            }
            Step::Complete(place) => self.complete(place),
            Step::Correct(node) => self.correct(node),
            Step::Start(node, patience) => self.start(&rules.contract, node, patience),
            Step::StartSentinel(place) => self.start_sentinel(place),
        }
    }

    pub fn kill(&mut self, node: Node) -> bool {
        self.break_links(node);
        self.node_mut(node).server.take().is_some()
    }

    fn lose_volume(&mut self, node: Node) -> bool {
        let lost = std::mem::take(&mut self.node_mut(node).volume);
        let kept = self.nodes.iter().fold(0, |kept, other| {
            kept | other.volume.writes | other.server.map_or(0, |server| server.memory)
        });
        self.excused |= lost.writes & !kept;
        self.lost_a_volume = true;
        lost != Volume::default()
    }

    fn cut(&mut self, node: Option<Node>, sentinel: Option<usize>) -> bool {
        if self.is_cut() {
            return false;
        }
        if let Some(node) = node {
            self.node_mut(node).cut = true;
            self.break_links(node);
        }
        if let Some(place) = sentinel {
            self.sentinels[place].cut = true;
        }
        true
    }

    fn is_cut(&self) -> bool {
        self.nodes.iter().any(|node| node.cut) || self.sentinels.iter().any(|one| one.cut)
    }

    pub fn heal(&mut self) -> bool {
        let was_cut = self.is_cut();
        self.nodes.iter_mut().for_each(|node| node.cut = false);
        self.sentinels.iter_mut().for_each(|sentinel| sentinel.cut = false);
        was_cut
    }

    pub fn is_paused(&self, node: Node) -> bool {
        matches!(self.server(node), Some(Server { role: Role::Master { paused: true }, .. }))
    }

    /// Pauses the writers, and hands over if every connected replica is level.
    fn stop_master(&mut self, node: Node) -> bool {
        let Some(own) = self.server(node) else { return false };
        let level = self
            .linked(node)
            .all(|replica| self.server(replica).is_some_and(|server| server.memory == own.memory));
        if !self.acknowledges(node) || !level || !self.fail_over_by_order(node) {
            return false;
        }
        let server = self.node_mut(node).server.as_mut().expect("it serves");
        server.role = Role::Master { paused: true };
        true
    }

    /// Writes that are now on the disks of a master and of every running replica, one at least, must not be lost any more.
    fn settle(&mut self) {
        let replicas = || NODES.into_iter().filter(|node| self.replica(*node).is_some());
        let holds = |node: Node| {
            self.server(node).map_or(0, |server| server.memory) & self.node(node).volume.writes
        };
        let on_replicas = replicas().fold(u8::MAX, |all, node| all & holds(node));
        let masters = NODES.into_iter().filter(|node| self.acknowledges(*node));
        let on_masters = masters.fold(0, |any, node| any | holds(node));
        self.settled |= on_replicas & on_masters;
    }

    /// Whether seconds will change something without anybody's doing.
    pub fn is_busy(&self, rules: &Rules) -> bool {
        let mut steps = Vec::new();
        self.progress(&mut steps);
        steps.into_iter().any(|step| self.clone().take(rules, step))
    }
}

pub fn spend(budget: &mut u8) -> bool {
    let had = *budget > 0;
    *budget = budget.saturating_sub(1);
    had
}

impl Budget {
    pub const NOTHING: Budget = Budget {
        writes: 0,
        kills: 0,
        outages: 0,
        losses: 0,
        sentinel_kills: 0,
        sentinel_losses: 0,
        cuts: 0,
        stops: 0,
    };
}
