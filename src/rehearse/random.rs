//! Random delays, which make random orders.

use std::time::Duration;

use anyhow::Result;

/// `SplitMix64`, from a seed of the machine.
pub struct Random(u64);

impl Random {
    pub fn new() -> Result<Self> {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed)
            .map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
        Ok(Self(u64::from_le_bytes(seed)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Up to, not with, a duration.
    pub fn below(&mut self, limit: Duration) -> Duration {
        let milliseconds = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1);
        Duration::from_millis(self.next() % milliseconds)
    }
}
