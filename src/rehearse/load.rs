//! The load of a drill, and what became of it.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{
    stage::Stage,
    writer::{Writer, Written},
};

impl Stage {
    /// Starts the load.
    pub fn write(&mut self) -> Result<()> {
        self.loads += 1;
        let writer = Writer::to_master(&self.access, &self.master_name(), self.loads);
        let began = Instant::now();
        while writer.count() == 0 {
            if began.elapsed() > Duration::from_secs(15) {
                bail!("no write is acknowledged");
            }
            self.tick()?;
        }
        self.writer = Some(writer);
        Ok(())
    }

    /// How many writes of the present load were acknowledged so far.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.writer.as_ref().map_or(0, Writer::count)
    }

    /// A load that stays with one node.
    pub fn write_to(&mut self, node: usize) -> Result<Writer> {
        self.loads += 1;
        Ok(Writer::to_node(self.application(node)?, self.loads))
    }

    /// Ends the load, once a write came through, and looks for every key.
    pub fn read_back(&mut self) -> Result<Written> {
        let written = self.end_load()?;
        self.count_lost(&written, 0)?;
        Ok(written)
    }

    /// The same after an outage of every process, which only an AOF survives to the last write.
    pub fn read_back_after_outage(&mut self) -> Result<Written> {
        let written = self.end_load()?;
        let is_kept = self.lab.topology.masters[0].persistence.aof;
        self.count_lost(&written, if is_kept { 0 } else { written.count() })?;
        Ok(written)
    }

    /// Ends the load; the caller looks for the keys.
    pub fn end_load(&mut self) -> Result<Written> {
        let Some(writer) = self.writer.take() else { bail!("no load") };
        let before = writer.count();
        let began = Instant::now();
        while writer.count() == before && began.elapsed() < Duration::from_secs(10) {
            self.tick()?;
        }
        let written = writer.stop();
        self.figures.longest_gap = self.figures.longest_gap.max(written.longest_gap);
        self.figures.acknowledged += written.count();
        self.figures.is_uncounted = true;
        Ok(written)
    }

    /// Looks for the keys of a load; more lost than allowed is a failure.
    pub fn count_lost(&mut self, written: &Written, allowed: usize) -> Result<()> {
        let lost = written.count_lost(&self.access, &self.master_name(), &self.kills)?;
        self.figures.lost += lost.all;
        self.figures.lost_at_kill += lost.at_kill;
        self.figures.is_uncounted = false;
        if lost.at_kill > 0 {
            self.tell(format!(
                "{} acknowledged in the moment of a kill are lost: Redis answers before it replicates",
                lost.at_kill
            ));
        }
        let lost = lost.all - lost.at_kill;
        self.check(
            lost <= allowed,
            format!("{lost} of {} acknowledged writes are lost", written.count()),
        );
        Ok(())
    }
}
