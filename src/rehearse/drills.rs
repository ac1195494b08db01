//! The drills, in the order of the contract: the only table of them.

mod address_changed;
mod all_killed;
mod dns_silent;
mod first_start;
mod first_sync_cut;
mod hundred_restarts;
mod killed_between_steps;
mod last_master_gone;
mod master_cut_off;
mod master_frozen;
mod master_killed;
mod one_of_two_masters;
mod planned_stop;
mod rolling_restart;
mod scaled;
mod secrets_rotated;
mod seed_stale;
mod sentinel_volumes_lost;
mod sentinels_lost;
mod stale_sentinel;
mod volume_lost;

use anyhow::Result;

use super::{ground::Ground, stage::Stage};
use crate::topology::Topology;

/// One drill. Its file has the same name and is what it does.
pub struct Drill {
    /// Its number in the contract.
    pub number: u8,
    pub name: &'static str,
    pub does: &'static str,
    /// What must hold, beside a good end and one master at a time.
    pub holds: &'static str,
    pub needs: &'static [Need],
    pub(super) run: fn(&mut Stage) -> Result<()>,
    /// Whether the set is as before when it passed, so that the next drill can begin.
    pub leaves_set_as_it_was: bool,
}

/// What a drill cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Network namespaces: a right of this machine.
    Namespaces,
    /// Nodes that are known by name.
    Names,
    MinReplicas,
    TwoReplicas,
    TwoMasters,
    Persistence,
    Passwords,
}

pub const DRILLS: &[Drill] = &[
    master_killed::DRILL,
    all_killed::DRILL,
    seed_stale::DRILL,
    volume_lost::DRILL,
    planned_stop::DRILL,
    rolling_restart::DRILL,
    sentinels_lost::DRILL,
    master_cut_off::DRILL,
    master_frozen::DRILL,
    address_changed::DRILL,
    first_start::DRILL,
    last_master_gone::DRILL,
    sentinel_volumes_lost::DRILL,
    first_sync_cut::DRILL,
    stale_sentinel::DRILL,
    secrets_rotated::DRILL,
    scaled::DRILL,
    one_of_two_masters::DRILL,
    killed_between_steps::DRILL,
    hundred_restarts::DRILL,
    dns_silent::DRILL,
];

impl Drill {
    /// Why a spec has nothing for this drill.
    #[must_use]
    pub fn unfit(&self, topology: &Topology) -> Option<&'static str> {
        let master = &topology.masters[0];
        self.needs.iter().find_map(|need| match need {
            Need::Names if !topology.network.announce_hostnames => {
                Some("nodes announce addresses, which stay")
            }
            Need::MinReplicas if master.min_replicas_to_write == 0 => {
                Some("`minReplicas.toWrite` is 0: a master that is cut off goes on acknowledging")
            }
            Need::TwoReplicas if master.replicas < 2 => Some("there is one replica only"),
            Need::TwoMasters if topology.masters.len() < 2 => Some("there is one master only"),
            Need::Persistence if master.persistence.name == "None" => {
                Some("nothing is kept on disk")
            }
            Need::Passwords if topology.auth.is_none() => Some("there are no passwords"),
            _ => None,
        })
    }

    /// What a ground lacks for this drill.
    #[must_use]
    pub fn unable(&self, ground: Ground) -> Option<&'static str> {
        (ground == Ground::Loopback && self.needs.contains(&Need::Namespaces))
            .then_some("this machine lets the program make no network namespaces")
    }
}
