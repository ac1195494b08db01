//! The entries of a mapping, found by key in any width.

use std::{
    collections::{HashMap, HashSet},
    ops::Deref,
    sync::OnceLock,
};

use super::Entry;

/// Up to here looking at each entry is faster than an index.
const NARROW: usize = 16;

/// Entries in the order of the text. Of equal keys the first is found.
#[derive(Debug, Default)]
pub struct Entries {
    list: Vec<Entry>,
    index: OnceLock<HashMap<String, usize>>,
}

impl Entries {
    /// Where a key stands.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        if self.list.len() <= NARROW {
            return self.list.iter().position(|entry| entry.key == key);
        }
        self.index().get(key).copied()
    }

    /// The entry of the longest key that a path starts with. Keys may hold dots.
    #[must_use]
    pub fn along(&self, path: &str) -> Option<usize> {
        if self.list.len() <= NARROW {
            let fits = |index: &usize| {
                let rest = path.strip_prefix(self.list[*index].key.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            return (0..self.list.len()).filter(fits).max_by_key(|at| self.list[*at].key.len());
        }
        let ends = path.rmatch_indices(['.', '[']).map(|(end, _)| end);
        std::iter::once(path.len()).chain(ends).find_map(|end| self.position(&path[..end]))
    }

    pub fn get_mut(&mut self, index: usize) -> Option<&mut Entry> {
        self.list.get_mut(index)
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: Entry) {
        if let Some(index) = self.index.get_mut() {
            index.entry(entry.key.clone()).or_insert(self.list.len());
        }
        self.list.push(entry);
    }

    /// Takes away the entries at these places.
    pub fn remove(&mut self, gone: &HashSet<usize>) {
        self.index.take();
        let mut index = 0;
        self.list.retain(|_| {
            index += 1;
            !gone.contains(&(index - 1))
        });
    }

    fn index(&self) -> &HashMap<String, usize> {
        self.index.get_or_init(|| {
            let mut index = HashMap::with_capacity(self.list.len());
            for (at, entry) in self.list.iter().enumerate() {
                index.entry(entry.key.clone()).or_insert(at);
            }
            index
        })
    }
}

impl Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.list
    }
}

impl Clone for Entries {
    fn clone(&self) -> Self {
        self.list.clone().into()
    }
}

impl From<Vec<Entry>> for Entries {
    fn from(list: Vec<Entry>) -> Self {
        Self { list, index: OnceLock::new() }
    }
}

impl From<Entries> for Vec<Entry> {
    fn from(entries: Entries) -> Self {
        entries.list
    }
}

impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(list: I) -> Self {
        Vec::from_iter(list).into()
    }
}
