//! What running data nodes and their watchers do: writes, replication, what reaches the disk, and orphans.

use crate::{
    Rules,
    evidence::Node,
    steps::spend,
    world::{Link, NODES, Priority, Role, Server, World},
};

impl World {
    pub fn write(&mut self, at: Node, reaches_replicas: bool) -> bool {
        if !self.acknowledges(at) || self.is_paused(at) || !spend(&mut self.budget.writes) {
            return false;
        }
        let write = 1 << self.acknowledged;
        self.acknowledged += 1;
        let memory = write | self.server(at).map_or(0, |server| server.memory);
        let linked: Vec<Node> = self.linked(at).filter(|_| reaches_replicas).collect();
        for node in linked.into_iter().chain([at]) {
            self.hold(node, memory);
        }
        true
    }

    /// The data changes, on the disk too unless the AOF is behind.
    fn hold(&mut self, node: Node, writes: u8) {
        let now = self.acknowledged;
        let here = self.node_mut(node);
        let Some(server) = &mut here.server else { return };
        server.memory = writes;
        if !server.rewriting && here.volume.writes != writes {
            (here.volume.writes, here.volume.written) = (writes, now);
        }
    }

    /// A replica gets what its master has: the rest, or everything.
    pub fn catch_up(&mut self, rules: &Rules, node: Node) -> bool {
        let Some((of, link, priority)) = self.replica(node).filter(|(of, ..)| *of != node) else {
            return false;
        };
        let Some(source) = self.server_seen(of, self.node(node).cut) else { return false };
        if matches!(source.role, Role::Replica { link, .. } if link != Link::Up) {
            return false;
        }
        let own = self.server(node).expect("it is a replica");
        if link == Link::Up {
            self.hold(node, source.memory);
            return own.memory != source.memory;
        }
        let now = self.acknowledged;
        let is_part = own.memory & source.memory == own.memory;
        let here = self.node_mut(node);
        let server = here.server.as_mut().expect("it is a replica");
        server.role = Role::Replica { of, link: Link::Up, priority: Priority::Synced };
        if priority != Priority::Synced || !is_part {
            server.rewriting = true;
            here.volume.behind = rules.marks_a_copy_behind;
            if rules.a_sync_counts_as_written {
                here.volume.written = now;
            }
        }
        self.hold(node, source.memory);
        true
    }

    pub fn persist(&mut self, node: Node) -> bool {
        // A rewrite takes longer than a link lags.
        let is_behind = self.replica(node).is_some_and(|(of, link, _)| {
            let memory = |node| self.server(node).map(|server| server.memory);
            link == Link::Up && memory(of) != memory(node)
        });
        let Some(server) = self.node_mut(node).server.as_mut().filter(|_| !is_behind) else {
            return false;
        };
        let was_rewriting = std::mem::replace(&mut server.rewriting, false);
        let Server { memory, role, .. } = *server;
        if was_rewriting {
            let before = self.node(node).volume.written;
            self.hold(node, memory);
            let is_complete = !matches!(role, Role::Replica { link, .. } if link != Link::Up);
            let volume = &mut self.node_mut(node).volume;
            if is_complete {
                (volume.member, volume.behind) = (true, false);
            } else {
                // What is written after the link broke is no younger than the sync.
                volume.written = before;
            }
        }
        was_rewriting
    }

    /// All that fit within one second, because they wait for one another.
    pub fn become_orphans(&mut self, rules: &Rules) -> bool {
        let orphans: Vec<Node> =
            NODES.into_iter().filter(|node| self.is_orphaned(rules, *node)).collect();
        for node in &orphans {
            let server = self.node_mut(*node).server.as_mut();
            if let Some(Server { role: Role::Replica { priority, .. }, .. }) = server {
                *priority = Priority::Orphan;
            }
        }
        !orphans.is_empty()
    }

    /// The master is silent or follows somebody, and every other replica answers and has as little of it.
    fn is_orphaned(&self, rules: &Rules, node: Node) -> bool {
        let here = self.node(node);
        let Some((of, link, Priority::Never)) = self.replica(node) else { return false };
        let has_little = |peer: Node| {
            matches!(self.replica(peer), Some((_, link, priority))
                if link != Link::Up && priority != Priority::Synced)
        };
        let memory = |node: Node| self.server(node).map_or(0, |server| server.memory);
        let can_vouch = |peer: Node| {
            !rules.empty_replicas_vouch_for_nothing || memory(peer) != 0 || memory(node) == 0
        };
        here.volume.member
            && link != Link::Up
            && NODES.into_iter().filter(|peer| *peer != node).all(|peer| {
                let answers = self.server_seen(peer, here.cut).is_some();
                match (peer == of, answers) {
                    (true, true) => rules.a_master_that_follows_is_gone && has_little(peer),
                    (true, false) => true,
                    (false, _) => answers && has_little(peer) && can_vouch(peer),
                }
            })
    }

    /// An orphan may be promoted as long as everything that it saw stays as it was; then it waits anew.
    pub fn withdraw_orphans(&mut self, before: &World) {
        let picture = |world: &World, node: Node| {
            let seen = |peer: Node| {
                let server = world.server_seen(peer, world.node(node).cut)?;
                Some(match server.role {
                    Role::Master { .. } => None,
                    Role::Replica { of, link, priority } => {
                        Some((of, link == Link::Up, priority == Priority::Synced))
                    }
                })
            };
            (
                world.replica(node).map(|(of, ..)| of),
                NODES.map(|peer| (peer != node).then(|| seen(peer))),
            )
        };
        for node in NODES {
            if picture(self, node) != picture(before, node) {
                let server = self.node_mut(node).server.as_mut();
                if let Some(Server { role: Role::Replica { priority, .. }, .. }) = server
                    && *priority == Priority::Orphan
                {
                    *priority = Priority::Never;
                }
            }
        }
    }
}
