//! What is left of a deployment when everything that fails together is lost.

/// The processes of a deployment, and what a failover needs.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Number of Sentinels.
    pub sentinels: u32,
    /// Sentinels that must agree before a failover starts.
    pub quorum: u32,
    /// Data nodes of each master, the master itself included.
    pub nodes: Vec<u32>,
}

/// What one loss takes away: a zone or a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Number of Sentinels.
    pub sentinels: u32,
    /// Data nodes of each master, in the order of [`Deployment::nodes`].
    pub nodes: Vec<u32>,
}

/// Why no failover follows a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Fewer Sentinels are left than are needed to elect a leader.
    Sentinels { left: u32, needed: u32 },
    /// The loss can take the master with this index, and no other node has its data.
    NoReplica { master: usize },
}

impl Deployment {
    /// Sentinels that must vote for a leader: the quorum, and never fewer than a majority.
    #[must_use]
    pub fn needed(&self) -> u32 {
        self.quorum.max(self.sentinels / 2 + 1)
    }

    /// What one of `zones` takes at worst when every kind of node is spread as evenly as it can be; without any zone,
    /// everything.
    #[must_use]
    pub fn worst_zone(&self, zones: u32) -> Loss {
        let share = |count: u32| count.div_ceil(zones.max(1));
        Loss {
            sentinels: share(self.sentinels),
            nodes: self.nodes.iter().copied().map(share).collect(),
        }
    }

    /// What stops a failover after this loss, whichever of the lost nodes was master.
    #[must_use]
    pub fn obstacles(&self, loss: &Loss) -> Vec<Obstacle> {
        let left = self.sentinels.saturating_sub(loss.sentinels);
        let needed = self.needed();
        let sentinels =
            (loss.sentinels > 0 && left < needed).then_some(Obstacle::Sentinels { left, needed });
        let nodes = self.nodes.iter().zip(&loss.nodes).enumerate();
        let replicas = nodes
            .filter(|(_, (all, lost))| **lost > 0 && *lost >= *all)
            .map(|(master, _)| Obstacle::NoReplica { master });
        sentinels.into_iter().chain(replicas).collect()
    }
}
