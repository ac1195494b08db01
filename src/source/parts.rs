//! The files that one text is made of: the spec's own, then those that it is based on.

use super::Source;

/// Files by where they start in the text, the spec's own first.
#[derive(Clone, Debug)]
pub struct Parts(Vec<Part>);

#[derive(Clone, Debug)]
pub struct Part {
    /// What the user calls the file.
    pub name: String,
    /// The byte of the whole text at which it starts.
    pub start: usize,
    /// The entry of `spec.basedOn` in the spec's own file that brings it in.
    pub entry: Option<usize>,
}

impl Parts {
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self(vec![Part { name: name.into(), start: 0, entry: None }])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Part> {
        self.0.iter()
    }

    /// The file that a byte is in.
    #[must_use]
    pub fn at(&self, byte: usize) -> &Part {
        let after = self.0.partition_point(|part| part.start <= byte);
        &self.0[after.saturating_sub(1)]
    }

    /// Adds the files of another text that was appended at a byte.
    pub fn append(&mut self, others: Self, at: usize, entry: usize) {
        let moved = |part: Part| Part { start: part.start + at, entry: Some(entry), ..part };
        self.0.extend(others.0.into_iter().map(moved));
    }
}

impl Source {
    /// What the user calls the file that a byte is in.
    #[must_use]
    pub fn file(&self, byte: usize) -> &str {
        &self.parts.at(byte).name
    }

    /// The file that a byte is in, and which byte of that it is.
    #[must_use]
    pub fn byte_of_file(&self, byte: usize) -> (&str, usize) {
        let part = self.parts.at(byte);
        (&part.name, byte.saturating_sub(part.start))
    }
}
