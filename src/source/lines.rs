//! Lines of a text.

use std::ops::Range;

use memchr::memchr_iter;

/// Where each line starts. Those of ten thousand specs are in memory together, so they take no more room than they need.
#[derive(Clone, Debug)]
pub struct Lines(Box<[u32]>);

impl Lines {
    #[must_use]
    pub fn of(text: &str) -> Self {
        let small = |start: usize| u32::try_from(start).unwrap_or(u32::MAX);
        let starts = memchr_iter(b'\n', text.as_bytes()).map(|end| small(end + 1));
        Self(std::iter::once(0).chain(starts).collect())
    }

    /// The line that a byte is in, from 0.
    #[must_use]
    pub fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|start| *start as usize <= byte) - 1
    }

    #[must_use]
    pub fn start(&self, line: usize) -> usize {
        self.0.get(line).copied().unwrap_or_default() as usize
    }

    /// The bytes from the start of one line to the end of another, without its line break.
    #[must_use]
    pub fn span(&self, text: &str, first: usize, last: usize) -> Range<usize> {
        let end = self.0.get(last + 1).map_or(text.len(), |next| *next as usize - 1);
        self.start(first)..end
    }
}
