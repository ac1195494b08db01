//! The text of a spec, its value, and where each part of it stands: the only module that knows bytes of a text.

mod parse;
mod scalar;

use std::ops::Range;

use serde_json::Value;

use crate::diagnostic::Diagnostic;

/// A spec is a page or two; whatever is larger than this is not one.
pub const MAXIMUM_BYTES: usize = 1 << 20;

/// The text of a spec with the span of every path.
#[derive(Debug)]
pub struct Source {
    /// What the user calls the file.
    pub name: String,
    pub text: String,
    pub root: Node,
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
    Mapping(Vec<Entry>),
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
        (Self { name: name.into(), text, root }, diagnostics)
    }

    /// A source that is not text, or only as far as this.
    #[must_use]
    pub fn unreadable(name: &str, text: String) -> Self {
        let root = Node { span: 0..0, kind: Kind::Scalar(Value::Null) };
        Self { name: name.into(), text, root }
    }

    /// Line and column of a byte, both counted from 1; columns count characters.
    #[must_use]
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// Where a path stands, or else its nearest parent that is written.
    #[must_use]
    pub fn locate(&self, path: &str) -> Range<usize> {
        let mut at = Place { node: &self.root, shown: self.root.first_line() };
        let mut rest = path;
        while let Some((next, remaining)) = at.node.step(rest) {
            (at, rest) = (next, remaining);
        }
        at.shown
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
        match &mut self.kind {
            Kind::Mapping(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value)
            }
            _ => None,
        }
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
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
                let fits = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
                let entry = entries
                    .iter()
                    .filter(|entry| path.strip_prefix(entry.key.as_str()).is_some_and(fits))
                    .max_by_key(|entry| entry.key.len())?;
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

    /// Takes away what stands at a path, a whole list for one of its items. False if nothing can be taken away there.
    pub fn remove(&mut self, path: &str) -> bool {
        let path = path.strip_prefix('.').unwrap_or(path);
        let Kind::Mapping(entries) = &mut self.kind else {
            return false;
        };
        let fits = |entry: &Entry| {
            let rest = path.strip_prefix(entry.key.as_str())?;
            (rest.is_empty() || rest.starts_with(['.', '['])).then(|| rest.to_string())
        };
        let longest = (0..entries.len()).filter(|index| fits(&entries[*index]).is_some());
        let Some(index) = longest.max_by_key(|index| entries[*index].key.len()) else {
            // Gone already, with something above it.
            return !path.is_empty();
        };
        let rest = fits(&entries[index]).unwrap_or_default();
        let is_list = matches!(entries[index].value.kind, Kind::Sequence(_));
        if rest.is_empty() || is_list {
            entries.remove(index);
            return true;
        }
        entries[index].value.remove(&rest)
    }

    /// Lays another mapping over this one: mappings merge by key, anything else replaces. Every part keeps its place.
    pub fn merge(&mut self, over: Node) {
        let (Kind::Mapping(entries), Kind::Mapping(over_entries)) = (&mut self.kind, &over.kind)
        else {
            *self = over;
            return;
        };
        for entry in over_entries {
            match entries.iter_mut().find(|own| own.key == entry.key) {
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
mod tests {
    use super::Source;

    fn shown<'a>(source: &'a Source, path: &str) -> &'a str {
        &source.text[source.locate(path)]
    }

    #[test]
    fn a_path_is_shown_at_its_value_and_a_block_at_its_key() {
        let text = "ä: ö\nspec:\n  masters:\n  - {name: ünï, redis: {memory: 1Gi}}\n  - name: b\n";
        let (source, diagnostics) = Source::read("x", text.into());
        assert_eq!(diagnostics, []);
        assert_eq!(shown(&source, "ä"), "ö");
        assert_eq!(shown(&source, "spec.masters[0].name"), "ünï");
        assert_eq!(shown(&source, "spec.masters[0].redis.memory"), "1Gi");
        assert_eq!(shown(&source, "spec.masters[0].redis"), "redis");
        assert_eq!(shown(&source, "spec.masters[1]"), "name");
        assert_eq!(
            shown(&source, "spec.masters[1].redis.memory"),
            "name",
            "nearest written parent"
        );
        assert_eq!(shown(&source, "spec.masters"), "masters");
        assert_eq!(source.position(source.locate("spec.masters[0].redis.memory").start), (4, 33));
    }

    #[test]
    fn keys_with_dots_are_found() {
        let (source, _) = Source::read("x", "labels: {a: 1, a.b/c: 2}\n".into());
        assert_eq!(shown(&source, "labels.a.b/c"), "2");
    }
}
