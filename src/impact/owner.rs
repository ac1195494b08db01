//! The directory of one process: whose it is, and what everything of it does at the worst.

use super::{Impact, Scope, runbook::Runbook, verdict::Verdict};
use crate::topology::Topology;

/// Whose directory it is, and what reads it there.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) is_data: bool,
    pub(super) on_hosts: bool,
    pub(super) topology: Option<&'a Topology>,
    pub(super) runbook: Runbook<'a>,
}

impl Owner<'_> {
    pub(super) fn scope(&self) -> Scope {
        if self.is_data { Scope::Data } else { Scope::Sentinels }
    }

    /// What a restart of all its processes, one after the other, does.
    pub(super) fn restart(&self, what: &str) -> Verdict {
        let (impact, who) = if self.is_data {
            (Impact::Failover, "Data nodes restart one after the other, so the master moves once")
        } else {
            (Impact::Rolling, "Sentinels restart one after the other")
        };
        Verdict::new(impact, self.scope(), format!("{who}: {what}."))
    }

    /// What everybody must agree on at once.
    pub(super) fn outage(&self, scope: Scope, reason: &str) -> Verdict {
        Verdict::new(Impact::Outage, scope, reason).runbook(self.runbook.stop_and_start())
    }
}
