//! The load of a drill, and what became of it.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{stage::Stage, writer::Writer, written::Written};

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

    /// A load on the set, and one that stays with its present master, which is excused whatever becomes of it.
    pub fn write_also_to_master(&mut self) -> Result<(usize, Writer)> {
        self.settle()?;
        let master = self.master()?;
        self.excuse(&[master]);
        self.write()?;
        let pinned = self.write_to(master)?;
        self.rest(Duration::from_secs(2))?;
        self.check(pinned.count() > 0, "nobody could write to the master before");
        Ok((master, pinned))
    }

    /// Ends the load, once a write came through, and looks for every key.
    pub fn read_back(&mut self) -> Result<Written> {
        let written = self.end_load()?;
        self.count_lost(&written, 0)?;
        Ok(written)
    }

    /// Kills every process under load, starts each again within 10 s, and looks for every key.
    pub fn survive_outage(&mut self) -> Result<()> {
        let all = self.everything();
        self.kill_all(&all);
        self.start_in_random_order(&all, self.seconds(10.0))?;
        self.good_end(Duration::from_secs(30))?;
        self.read_back_after_outage().map(drop)
    }

    /// The same after an outage of every process, which only an AOF survives to the last write.
    pub fn read_back_after_outage(&mut self) -> Result<Written> {
        let written = self.end_load()?;
        self.count_lost_in_outage(&written)?;
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

    /// Looks for the keys of a load that an outage of every process ended.
    pub fn count_lost_in_outage(&mut self, written: &Written) -> Result<()> {
        let is_kept = self.lab.topology.masters[0].persistence.aof;
        self.count_lost(written, if is_kept { 0 } else { written.count() })
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
