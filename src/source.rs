//! The text of a spec, its value, and where each part of it stands: the only module that knows bytes of a text.

mod entries;
mod forget;
mod inherit;
mod lines;
mod parse;
mod parts;
mod scalar;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use serde_json::Value;

use crate::diagnostic::Diagnostic;

pub use entries::Entries;
pub use inherit::{Base, KEYED};
use lines::Lines;
use parts::Parts;

/// A spec is a page or two; whatever is larger than this is not one.
pub const MAXIMUM_BYTES: usize = 1 << 20;

/// The text of a spec with the span of every path. Behind it stand the texts that it is based on.
#[derive(Clone, Debug)]
pub struct Source {
    /// What the user calls the file.
    pub name: String,
    pub text: String,
    pub root: Node,
    lines: Lines,
    /// Bytes of the text, all ASCII, that was let go of.
    forgotten: usize,
    parts: Parts,
    is_base: bool,
    /// What it says without the files that it is based on, if there are any.
    alone: Option<Node>,
    /// Whether a file that it is based on could not be read.
    is_incomplete: bool,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Range<usize>,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Scalar(Value),
    Sequence(Vec<Node>),
    Mapping(Entries),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub key_span: Range<usize>,
    pub value: Node,
}

impl Source {
    /// Reads YAML. What is wrong with it is found here; a tree exists unless the text is not YAML at all.
    #[must_use]
    pub fn read(name: &str, text: String) -> (Self, Vec<Diagnostic>) {
        let (root, diagnostics) = parse::parse(&text);
        (Self::of(name, text, root), diagnostics)
    }

    /// A source that is not text, or only as far as this.
    #[must_use]
    pub fn unreadable(name: &str, text: String) -> Self {
        let root = Node { span: 0..0, kind: Kind::Scalar(Value::Null) };
        Self::of(name, text, root)
    }

    fn of(name: &str, text: String, root: Node) -> Self {
        Self {
            name: name.into(),
            lines: Lines::of(&text),
            parts: Parts::of(name),
            text,
            root,
            is_base: false,
            alone: None,
            is_incomplete: false,
            forgotten: 0,
        }
    }

    /// Line and column of a byte in its file, both counted from 1; columns count characters.
    #[must_use]
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let byte = if self.text.is_char_boundary(byte) || self.is_forgotten() {
            byte
        } else {
            self.text.len()
        };
        let line = self.lines.at(byte);
        let before = self.lines.start(line)..byte;
        let column = if self.is_forgotten() {
            byte - before.start
        } else {
            self.text[before].chars().count()
        };
        (line - self.first_line(byte) + 1, column + 1)
    }

    /// The whole lines that a span is in, and the number of the first in its file, from 1.
    #[must_use]
    pub fn lines(&self, span: &Range<usize>) -> (Range<usize>, usize) {
        let first = self.lines.at(span.start);
        let last = self.lines.at(span.end.max(span.start));
        (self.lines.span(&self.text, first, last), first - self.first_line(span.start) + 1)
    }

    /// The first line of the file that a byte is in, from 0.
    fn first_line(&self, byte: usize) -> usize {
        self.lines.at(self.parts.at(byte).start)
    }

    /// Where a path stands, or else its nearest parent that is written.
    #[must_use]
    pub fn locate(&self, path: &str) -> Range<usize> {
        self.along(path).0
    }

    /// The place that a path leads to, and what is left of the path there.
    fn along<'p>(&self, path: &'p str) -> (Range<usize>, &'p str) {
        let mut at = Place { node: &self.root, shown: self.root.first_line() };
        let mut rest = path;
        while let Some((next, remaining)) = at.node.step(rest) {
            (at, rest) = (next, remaining);
        }
        (at.shown, rest)
    }

    /// Where a path is written, if that very path is.
    #[must_use]
    pub fn place(&self, path: &str) -> Option<Range<usize>> {
        let (shown, rest) = self.along(path);
        rest.is_empty().then_some(shown)
    }

    /// What is written at a path.
    #[must_use]
    pub fn written(&self, path: &str) -> &str {
        self.text.get(self.locate(path)).unwrap_or_default()
    }

    /// Where the key of a path stands, if that very path is written.
    #[must_use]
    pub fn key_span(&self, path: &str, key: &str) -> Option<Range<usize>> {
        let mut node = &self.root;
        let mut rest = path;
        while let Some((next, remaining)) = node.step(rest) {
            (node, rest) = (next.node, remaining);
        }
        node.entry(key).filter(|_| rest.is_empty()).map(|entry| entry.key_span.clone())
    }
}

/// A node, and the span to underline for it.
struct Place<'a> {
    node: &'a Node,
    shown: Range<usize>,
}

impl Node {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let Kind::Mapping(entries) = &mut self.kind else {
            return None;
        };
        let position = entries.position(key)?;
        entries.get_mut(position).map(|entry| &mut entry.value)
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Mapping(entries) => entries.position(key).map(|position| &entries[position]),
            _ => None,
        }
    }

    /// One step along a path, and what remains of it. Keys may hold dots, so the longest key that fits is taken.
    fn step<'a, 'p>(&'a self, path: &'p str) -> Option<(Place<'a>, &'p str)> {
        let path = path.strip_prefix('.').unwrap_or(path);
        match &self.kind {
            Kind::Scalar(_) => None,
            Kind::Sequence(items) => {
                let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
                let node = items.get(index.parse::<usize>().ok()?)?;
                Some((Place { node, shown: node.first_line() }, rest))
            }
            Kind::Mapping(entries) => {
                let entry = &entries[entries.along(path)?];
                let shown = match &entry.value.kind {
                    Kind::Scalar(value) if !value.is_null() => entry.value.span.clone(),
                    _ => entry.key_span.clone(),
                };
                Some((Place { node: &entry.value, shown }, &path[entry.key.len()..]))
            }
        }
    }

    /// A block runs over many lines; its first key stands for it.
    fn first_line(&self) -> Range<usize> {
        match &self.kind {
            Kind::Mapping(entries) => {
                entries.first().map_or(self.span.clone(), |entry| entry.key_span.clone())
            }
            Kind::Sequence(items) => items.first().map_or(self.span.clone(), Node::first_line),
            Kind::Scalar(_) => self.span.clone(),
        }
    }

    /// The bare value.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Kind::Mapping(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect(),
            ),
        }
    }

    /// Takes away what stands at paths, a whole list for one of its items. False if nothing can be taken away at one of them.
    pub fn remove(&mut self, paths: &[&str]) -> bool {
        let Kind::Mapping(entries) = &mut self.kind else {
            return false;
        };
        let mut gone = HashSet::new();
        let mut below: HashMap<usize, Vec<&str>> = HashMap::new();
        for path in paths {
            let path = path.strip_prefix('.').unwrap_or(path);
            if path.is_empty() {
                return false;
            }
            // What is not there is gone already, with something above it.
            let Some(index) = entries.along(path) else { continue };
            let rest = &path[entries[index].key.len()..];
            if rest.is_empty() || matches!(entries[index].value.kind, Kind::Sequence(_)) {
                gone.insert(index);
            } else {
                below.entry(index).or_default().push(rest);
            }
        }
        below.retain(|index, _| !gone.contains(index));
        let is_removed = below.iter().all(|(index, rests)| {
            entries.get_mut(*index).is_some_and(|entry| entry.value.remove(rests))
        });
        entries.remove(&gone);
        is_removed
    }

    /// Lays another mapping over this one: mappings merge by key, anything else replaces. Every part keeps its place.
    pub fn merge(&mut self, over: Node) {
        let (Kind::Mapping(entries), Kind::Mapping(over_entries)) = (&mut self.kind, &over.kind)
        else {
            *self = over;
            return;
        };
        for entry in over_entries.iter() {
            match entries.position(&entry.key).and_then(|position| entries.get_mut(position)) {
                Some(own) => {
                    own.key_span = entry.key_span.clone();
                    own.value.merge(entry.value.clone());
                }
                None => entries.push(entry.clone()),
            }
        }
        self.span = over.span;
    }
}

#[cfg(test)]
mod tests;
