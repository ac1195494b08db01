//! What running Sentinels do: they tell each other the newest configuration, fail over, and turn nodes to the master.

use crate::{
    evidence::Node,
    world::{Link, NODES, Priority, Role, Sentinel, Server, World},
};

impl World {
    /// Sentinels on one side that run and monitor something.
    pub fn voters(&self, cut: bool) -> impl Iterator<Item = (usize, &Sentinel)> {
        self.sentinels
            .iter()
            .enumerate()
            .filter(move |(_, sentinel)| sentinel.runs && sentinel.cut == cut)
    }

    /// Sentinels take over the newest configuration that one on their side tells; the leader of a failover tells the new master.
    pub fn learn(&mut self) {
        for cut in [false, true] {
            let told = |sentinel: &Sentinel| {
                let (node, epoch) = sentinel.names?;
                Some((epoch, sentinel.promotes.unwrap_or(node)))
            };
            let newest = self.voters(cut).filter_map(|(_, sentinel)| told(sentinel)).max();
            let current = self.voters(cut).map(|(_, sentinel)| sentinel.current_epoch).max();
            let (Some((epoch, node)), Some(current)) = (newest, current) else { continue };
            for sentinel in self.sentinels.iter_mut().filter(|one| one.runs && one.cut == cut) {
                sentinel.current_epoch = current;
                if sentinel.names.is_some_and(|(_, known)| known < epoch) {
                    (sentinel.names, sentinel.promotes) = (Some((node, epoch)), None);
                }
            }
        }
    }

    /// Replicas that this leader could promote now, if a majority finds its master gone.
    pub fn candidates(&self, leader: usize) -> Vec<Node> {
        self.gone_master(leader)
            .map_or(Vec::new(), |master| self.promotable(master, self.sentinels[leader].cut))
    }

    /// A master that was left over, by a failover that ended badly, is one that Sentinel may promote again.
    pub fn left_over(&self, leader: usize) -> Option<Node> {
        let master = self.gone_master(leader)?;
        let cut = self.sentinels[leader].cut;
        NODES
            .into_iter()
            .find(|node| *node != master && self.is_master(*node) && self.node(*node).cut == cut)
    }

    /// The master that a majority with this leader finds gone.
    fn gone_master(&self, leader: usize) -> Option<Node> {
        let Sentinel { names: Some((master, _)), cut, runs: true, promotes: None, .. } =
            self.sentinels[leader]
        else {
            return None;
        };
        let agree = self
            .voters(cut)
            .filter(|(_, other)| other.names.is_some_and(|(node, _)| node == master))
            .count();
        let serves = self.is_master(master) && self.node(master).cut == cut;
        let is_busy = self.voters(cut).any(|(_, other)| other.promotes.is_some());
        (agree >= 2 && !serves && !is_busy).then_some(master)
    }

    /// Synced replicas before orphans; of the synced the ones that no other surpasses, of the orphans the one written last.
    fn promotable(&self, master: Node, cut: bool) -> Vec<Node> {
        let rank = |node: Node| {
            let server = self.server_seen(node, cut)?;
            match server.role {
                // Sentinel turns a running master first; it promotes one only when nobody else is left.
                Role::Master { .. } | Role::Replica { priority: Priority::Never, .. } => None,
                Role::Replica { priority: Priority::Orphan, .. } => {
                    Some((Priority::Orphan, self.node(node).volume.written))
                }
                Role::Replica { priority: Priority::Synced, .. } => Some((Priority::Synced, 0)),
            }
        };
        let others = || NODES.into_iter().filter(|node| *node != master);
        let Some(best) = others().filter_map(rank).max() else { return Vec::new() };
        let memory = |node: Node| self.server(node).map_or(0, |server| server.memory);
        let best: Vec<Node> = others().filter(|node| rank(*node) == Some(best)).collect();
        let surpassed = |node: Node| {
            best.iter().any(|other| {
                memory(*other) != memory(node) && memory(*other) & memory(node) == memory(node)
            })
        };
        let is_orphan = |node: Node| matches!(self.replica(node), Some((.., Priority::Orphan)));
        best.iter().filter(|node| is_orphan(**node) || !surpassed(**node)).copied().collect()
    }

    /// First half of a failover: the new master is one, and only its leader knows.
    pub fn promote(&mut self, leader: usize, node: Node) {
        let Sentinel { names, cut, .. } = self.sentinels[leader];
        let epoch = self.sentinels[leader].current_epoch + 1;
        for sentinel in &mut self.sentinels {
            if sentinel.runs && sentinel.cut == cut {
                sentinel.current_epoch = sentinel.current_epoch.max(epoch);
            }
        }
        let own = &mut self.sentinels[leader];
        own.names = names.map(|(master, _)| (master, epoch));
        own.promotes = Some(node);
        let promoted = self.node_mut(node);
        promoted.volume.state = Some(node);
        if let Some(server) = &mut promoted.server {
            server.role = Role::Master { paused: false };
            // The watcher looks each second, and sooner than anything else happens.
            if !server.rewriting {
                (promoted.volume.member, promoted.volume.behind) = (true, false);
            }
        }
    }

    /// Second half: the leader names the new master.
    pub fn complete(&mut self, leader: usize) -> bool {
        let sentinel = &mut self.sentinels[leader];
        let (Some(node), Some((_, epoch)), true) =
            (sentinel.promotes, sentinel.names, sentinel.runs)
        else {
            return false;
        };
        (sentinel.names, sentinel.promotes) = (Some((node, epoch)), None);
        true
    }

    /// `SENTINEL FAILOVER`, which asks nobody for votes; says whether a Sentinel accepted.
    pub fn fail_over_by_order(&mut self, of: Node) -> bool {
        let cut = self.node(of).cut;
        let usable = (0..3).find(|place| {
            let sentinel = &self.sentinels[*place];
            sentinel.runs
                && sentinel.cut == cut
                && sentinel.promotes.is_none()
                && sentinel.names.is_some_and(|(node, _)| node == of)
        });
        let (Some(leader), true) = (usable, self.voters(cut).count() >= 2) else { return false };
        match self.promotable(of, cut).first() {
            Some(node) => {
                self.promote(leader, *node);
                true
            }
            None => false,
        }
    }

    /// A Sentinel turns a node to the master that it names, if that one serves.
    pub fn correct(&mut self, node: Node) -> bool {
        let Some(server) = self.server(node) else { return false };
        let cut = self.node(node).cut;
        let named = self.voters(cut).find_map(|(_, sentinel)| {
            let (master, _) = sentinel.names.filter(|_| sentinel.promotes.is_none())?;
            let is_sane = self.is_master(master) && self.node(master).cut == cut;
            let follows = matches!(server.role, Role::Replica { of, .. } if of == master);
            (is_sane && master != node && !follows).then_some(master)
        });
        let Some(master) = named else { return false };
        let priority = match server.role {
            // Its priority is still 100: should everyone else die within the seconds until it is synced, no start could help.
            Role::Master { .. } => Priority::Never,
            Role::Replica { priority, .. } => priority,
        };
        self.break_links(node);
        let here = self.node_mut(node);
        here.server = Some(Server {
            role: Role::Replica { of: master, link: Link::Never, priority },
            ..server
        });
        here.volume.state = Some(master);
        true
    }

    /// Links to a node break, and its own one.
    pub fn break_links(&mut self, node: Node) {
        let now = self.acknowledged;
        for other in NODES {
            if let Some(Server { role: Role::Replica { of, link, .. }, .. }) =
                &mut self.node_mut(other).server
                && *link == Link::Up
                && (*of == node || other == node)
            {
                *link = Link::Broken(now);
            }
        }
    }
}
