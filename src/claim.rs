//! What only one spec of a run may have.

use crate::spec::Spec;

/// Something that only one spec of a run may have. Those of all specs are in memory together, so its words share one text.
pub struct Claim {
    text: Box<str>,
    /// Where each word ends.
    ends: Box<[u32]>,
}

impl Claim {
    /// What it is, such as a cluster and the name of a master in it, and where the spec says so.
    #[must_use]
    pub fn of<const N: usize>(spec: &Spec, path: &str, parts: [&str; N]) -> Self {
        let words = || [spec.metadata.name.as_str(), path].into_iter().chain(parts);
        let mut end = 0;
        let ends = words().map(|word| {
            end += word.len();
            u32::try_from(end).unwrap_or(u32::MAX)
        });
        Self { ends: ends.collect(), text: words().collect() }
    }

    /// Name of the topology.
    #[must_use]
    pub fn topology(&self) -> &str {
        self.word(0)
    }

    /// Where the spec says so.
    #[must_use]
    pub fn path(&self) -> &str {
        self.word(1)
    }

    /// What it is.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        (2..self.ends.len()).map(|index| self.word(index))
    }

    fn word(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[index] as usize]
    }
}
