//! What a spec is based on, merged under it: every value keeps its place in its own file.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use serde_json::Value;

use super::{Entries, Entry, Kind, Lines, Node, Source};

/// Lists whose items are known by their `name`, and merge by it.
pub const KEYED: &[&str] = &["hosts", "masters", "users", "webhooks"];
/// What takes an inherited item of such a list away: `{name: NAME, $patch: delete}`.
const PATCH: &str = "$patch";
const BASED_ON: &str = "basedOn";
/// The `kind` of a file that is only a base.
const BASE_KIND: &str = "RedisTopologyBase";

/// A file that a spec is based on, as the spec says it.
#[derive(Debug)]
pub struct Base {
    pub path: String,
    pub span: Range<usize>,
    /// Its place in `spec.basedOn`.
    pub entry: usize,
}

impl Source {
    /// The files that this one is based on, as far as they are written in the right shape.
    #[must_use]
    pub fn bases(&self) -> Vec<Base> {
        let list = self.root.get("spec").and_then(|spec| spec.get(BASED_ON));
        let Some(Node { kind: Kind::Sequence(items), .. }) = list else { return Vec::new() };
        let base = |(entry, item): (usize, &Node)| {
            let Node { span, kind: Kind::Scalar(Value::String(path)) } = item.get("path")? else {
                return None;
            };
            Some(Base { path: path.clone(), span: span.clone(), entry })
        };
        items.iter().enumerate().filter_map(base).collect()
    }

    /// Every file that this one is made of, its own first, each as often as it comes in.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }

    /// A text that says the same without the files that it is based on.
    #[must_use]
    pub fn whole_text(&self) -> String {
        if self.bases().is_empty() {
            return self.text.clone();
        }
        let mut root = self.root.clone();
        root.remove(&["spec.basedOn"]);
        root.to_json().to_string()
    }

    /// The same, read only because others are based on it.
    #[must_use]
    pub fn as_base(self) -> Self {
        Self { is_base: true, ..self }
    }

    /// Whether it is no topology by itself: only the shape of what is written in it can be judged.
    #[must_use]
    pub fn is_base(&self) -> bool {
        let is_kind = |node: &Node| matches!(&node.kind, Kind::Scalar(Value::String(kind)) if kind == BASE_KIND);
        self.is_base || self.root.get("kind").is_some_and(is_kind)
    }

    /// Whether a place is in a file that this one is based on.
    #[must_use]
    pub fn is_inherited(&self, span: &Range<usize>) -> bool {
        self.parts.at(span.start).entry.is_some()
    }

    /// What it says by itself, told once, if that is less than what it says with its bases.
    pub fn take_alone(&mut self) -> Option<Node> {
        self.alone.take()
    }

    /// Whether a file that it is based on is missing in it.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// The same, without a file that it is based on.
    #[must_use]
    pub fn incomplete(self) -> Self {
        Self { is_incomplete: true, ..self }
    }

    /// Lays this source over what it is based on: later bases over earlier ones, the file itself over all.
    #[must_use]
    pub fn over(mut self, bases: Vec<(usize, Source)>) -> Self {
        let mut under = Node::nothing();
        for (entry, base) in bases {
            self.is_incomplete |= base.is_incomplete;
            let root = self.append(base, entry);
            under = lay(under, root, "");
        }
        self.lines = Lines::of(&self.text);
        let own = std::mem::replace(&mut self.root, Node::nothing());
        self.alone = Some(own.clone());
        self.root = lay(under, own, "");
        self
    }

    /// Adds another text behind this one; returns its tree, at its new place and without what is its own affair.
    fn append(&mut self, other: Source, entry: usize) -> Node {
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        let at = self.text.len();
        self.text += &other.text;
        self.parts.append(other.parts, at, entry);
        let mut root = other.root;
        root.shift(at);
        root.take_out(&["apiVersion", "kind"]);
        if let Some(spec) = root.get_mut("spec") {
            spec.take_out(&[BASED_ON]);
        }
        root
    }

    /// The other place that a value at a path has to do with: what brought it here.
    #[must_use]
    pub fn brought_by(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let entry = self.parts.at(span.start).entry?;
        Some(self.locate(&format!("spec.{BASED_ON}[{entry}].path")))
    }
}

impl Node {
    fn nothing() -> Self {
        Self { span: 0..0, kind: Kind::Scalar(Value::Null) }
    }

    fn take_out(&mut self, keys: &[&str]) {
        if let Kind::Mapping(entries) = &mut self.kind {
            entries.remove(&keys.iter().filter_map(|key| entries.position(key)).collect());
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Scalar(Value::Null))
    }

    fn shift(&mut self, by: usize) {
        let moved = |span: &Range<usize>| span.start + by..span.end + by;
        self.span = moved(&self.span);
        match &mut self.kind {
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Kind::Mapping(entries) => {
                let list = Vec::from(std::mem::take(entries)).into_iter();
                let shifted = |mut entry: Entry| {
                    entry.key_span = moved(&entry.key_span);
                    entry.value.shift(by);
                    entry
                };
                *entries = list.map(shifted).collect();
            }
        }
    }

    fn name(&self) -> Option<&str> {
        match &self.get("name")?.kind {
            Kind::Scalar(name) => name.as_str(),
            _ => None,
        }
    }

    fn is_deleted(&self) -> bool {
        self.get(PATCH).is_some_and(
            |patch| matches!(&patch.kind, Kind::Scalar(Value::String(word)) if word == "delete"),
        )
    }
}

/// Lays one value over another: mappings merge by key, keyed lists by name, anything else replaces; `null` deletes.
fn lay(under: Node, over: Node, key: &str) -> Node {
    let kind = match (under.kind, over.kind) {
        (Kind::Mapping(under), Kind::Mapping(over)) => Kind::Mapping(lay_mapping(under, over)),
        (under, Kind::Sequence(over)) if KEYED.contains(&key) => {
            let inherited = if let Kind::Sequence(under) = under { under } else { Vec::new() };
            Kind::Sequence(lay_list(inherited, over))
        }
        (_, Kind::Mapping(over)) => Kind::Mapping(lay_mapping(Entries::default(), over)),
        (_, over) => over,
    };
    Node { span: over.span, kind }
}

fn lay_mapping(under: Entries, over: Entries) -> Entries {
    let mut merged = under;
    let mut gone = HashSet::new();
    for entry in Vec::from(over) {
        let position = merged.position(&entry.key);
        if entry.value.is_null() {
            gone.extend(position);
            continue;
        }
        if let Some(own) = position.and_then(|position| merged.get_mut(position)) {
            own.key_span = entry.key_span;
            let inherited = std::mem::replace(&mut own.value, Node::nothing());
            own.value = lay(inherited, entry.value, &entry.key);
        } else {
            let value = lay(Node::nothing(), entry.value, &entry.key);
            merged.push(Entry { value, ..entry });
        }
    }
    merged.remove(&gone);
    merged
}

/// Each inherited item takes one item of its name; another one of that name is there twice, which is for rules to judge.
fn lay_list(under: Vec<Node>, over: Vec<Node>) -> Vec<Node> {
    if under.iter().chain(&over).any(|item| item.name().is_none()) {
        return over;
    }
    let mut waiting = HashMap::new();
    for (at, item) in under.iter().enumerate() {
        waiting.entry(item.name().map(String::from)).or_insert(at);
    }
    let mut merged: Vec<Option<Node>> = under.into_iter().map(Some).collect();
    for item in over {
        let inherited = waiting.remove(&item.name().map(String::from));
        let under = inherited.and_then(|at| merged[at].take());
        // What takes nothing away stays as it is written: it is a mistake, which the schema finds, or meant for an earlier base.
        let is_gone = inherited.is_some() && item.is_deleted();
        let item = (!is_gone).then(|| lay(under.unwrap_or_else(Node::nothing), item, ""));
        match inherited {
            Some(at) => merged[at] = item,
            None => merged.push(item),
        }
    }
    merged.into_iter().flatten().collect()
}
