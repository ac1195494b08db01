//! What drills see of a set.

use anyhow::{Result, bail};

use super::{
    machines::Kind,
    stage::Stage,
    views::{DataView, Role, SentinelView},
    watch::FRESH,
};

impl Stage {
    /// What a data node says now; nothing if it says nothing.
    #[must_use]
    pub fn data(&self, index: usize) -> Option<DataView> {
        self.watch.seen().data.get(&index).filter(|view| view.at.elapsed() < FRESH).cloned()
    }

    /// What a Sentinel says now of a master.
    #[must_use]
    pub fn sentinel(&self, index: usize, master: usize) -> Option<SentinelView> {
        let seen = self.watch.seen();
        seen.sentinels.get(&(index, master)).filter(|view| view.at.elapsed() < FRESH).cloned()
    }

    /// Whether a data node says that it is master.
    #[must_use]
    pub fn is_master(&self, node: usize) -> bool {
        self.data(node).is_some_and(|view| view.role == Role::Master)
    }

    /// How many Sentinels name a data node as this master.
    #[must_use]
    pub fn named_by(&self, node: usize, master: usize) -> usize {
        let place = &self.lab.processes[node].place;
        let names = |sentinel: &usize| {
            self.sentinel(*sentinel, master)
                .is_some_and(|view| view.names == (place.host.clone(), place.port))
        };
        self.sentinels().iter().filter(|sentinel| names(sentinel)).count()
    }

    /// The data node that a majority of the Sentinels names and that says it is master.
    #[must_use]
    pub fn serving(&self, master: usize) -> Option<usize> {
        let all = self.sentinels().len();
        let serves = |node: &usize| self.is_master(*node) && self.named_by(*node, master) * 2 > all;
        self.all(Kind::Data(master)).into_iter().find(serves)
    }

    /// The master that is drilled; an error if there is none.
    pub fn master(&self) -> Result<usize> {
        match self.serving(0) {
            Some(master) => Ok(master),
            None => bail!(
                "no data node is master in its own eyes and in those of a majority of the Sentinels"
            ),
        }
    }

    /// The other data nodes.
    pub fn replicas(&self) -> Result<Vec<usize>> {
        let master = self.master()?;
        Ok(self.nodes().into_iter().filter(|node| *node != master).collect())
    }

    /// The highest epoch that a Sentinel knows for the master that is drilled.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        let seen = self.watch.seen();
        seen.sentinels
            .iter()
            .filter(|((_, master), _)| *master == 0)
            .map(|(_, view)| view.epoch)
            .max()
            .unwrap_or(0)
    }
}
