//! Lines of a text.

use std::ops::Range;

/// Where each line starts.
#[derive(Clone, Debug)]
pub struct Lines(Vec<usize>);

impl Lines {
    #[must_use]
    pub fn of(text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(end, _)| end + 1);
        Self(std::iter::once(0).chain(starts).collect())
    }

    /// The line that a byte is in, from 0.
    #[must_use]
    pub fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|start| *start <= byte) - 1
    }

    #[must_use]
    pub fn start(&self, line: usize) -> usize {
        self.0.get(line).copied().unwrap_or_default()
    }

    /// The bytes from the start of one line to the end of another, without its line break.
    #[must_use]
    pub fn span(&self, text: &str, first: usize, last: usize) -> Range<usize> {
        let end = self.0.get(last + 1).map_or(text.len(), |next| next - 1);
        self.start(first)..end
    }
}
