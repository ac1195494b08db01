//! YAML events to a tree with spans. Bounded: in nesting by the parser, in nodes here.

use std::{collections::HashMap, ops::Range};

use granit_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::Value;

use super::{Entries, Entry, Kind, Node, scalar};
use crate::diagnostic::Diagnostic;

/// Aliases multiply; a spec never has this many nodes.
const MAXIMUM_NODES: usize = 100_000;
const MAXIMUM_NESTING: u8 = 64;

/// The tree, as far as the text is YAML, and what is wrong with it.
pub fn parse(text: &str) -> (Node, Vec<Diagnostic>) {
    let mut builder = Builder { text, ..Builder::default() };
    let options = granit_parser::options! {
        flow_nesting_limit: u64::from(MAXIMUM_NESTING).try_into().unwrap_or_default(),
        block_nesting_limit: u64::from(MAXIMUM_NESTING).try_into().unwrap_or_default(),
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => builder.event(event, &bytes(&span)),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
                Err(Box::new(syntax_error(text, at, error.info())))
            }
        };
        if let Err(fatal) = step {
            builder.diagnostics.push(*fatal);
            break;
        }
    }
    let empty = Node { span: 0..0, kind: Kind::Scalar(Value::Null) };
    (builder.root.unwrap_or(empty), builder.diagnostics)
}

#[derive(Default)]
struct Builder<'a> {
    text: &'a str,
    /// Collections that are not closed yet.
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
}

struct Open {
    start: usize,
    anchor: usize,
    kind: Kind,
    /// The key that waits for its value.
    key: Option<(String, Range<usize>)>,
    /// Where each key was written first.
    seen: HashMap<String, Range<usize>>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: &Range<usize>) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document starts here; a file holds one spec";
                    let second = Diagnostic::error("several-documents", span.clone(), message);
                    return Err(Box::new(second.with_help("move it to a file of its own")));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = match style {
                    ScalarStyle::Plain if tag.is_none() => self.plain(&text, span),
                    _ => Value::String(text.into_owned()),
                };
                self.add(Node { span: span.clone(), kind: Kind::Scalar(value) }, anchor, 1)?;
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(Box::new(Diagnostic::error(
                        "yaml-syntax",
                        span.clone(),
                        "an alias inside its own anchor",
                    )));
                };
                let count = node.count();
                self.add(Node { span: span.clone(), kind: node.kind }, 0, count)?;
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(span, anchor, Kind::Sequence(Vec::new()));
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(span, anchor, Kind::Mapping(Entries::default()));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            _ => {}
        }
        Ok(())
    }

    fn plain(&mut self, text: &str, span: &Range<usize>) -> Value {
        scalar::plain(text).unwrap_or_else(|why| {
            let message = format!("`{text}` is read differently by different programs");
            self.diagnostics.push(
                Diagnostic::error("ambiguous-scalar", span.clone(), message)
                    .with_why(why)
                    .with_help(format!("write `{}` or quote it", text.trim_start_matches('0'))),
            );
            Value::String(text.into())
        })
    }

    fn open(&mut self, span: &Range<usize>, anchor: usize, kind: Kind) {
        self.open.push(Open { start: span.start, anchor, kind, key: None, seen: HashMap::new() });
    }

    fn close(&mut self, span: &Range<usize>) -> Result<(), Box<Diagnostic>> {
        let Some(Open { start, anchor, kind, .. }) = self.open.pop() else {
            return Ok(());
        };
        self.add(Node { span: start..span.end.max(start), kind: merged(kind) }, anchor, 1)
    }

    fn add(&mut self, node: Node, anchor: usize, count: usize) -> Result<(), Box<Diagnostic>> {
        self.nodes += count;
        if self.nodes > MAXIMUM_NODES {
            let message = format!(
                "more than {MAXIMUM_NODES} values, aliases counted as often as they are used"
            );
            let large = Diagnostic::error("too-large", node.span, message);
            return Err(Box::new(large.with_help("a spec is a page or two; write less")));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut parent.kind, parent.key.take()) {
            (Kind::Sequence(items), _) => items.push(node),
            (Kind::Mapping(entries), Some((key, key_span))) => {
                if let Some(first) = parent.seen.get(&key).filter(|_| key != "<<") {
                    let mut duplicate = Diagnostic::error(
                        "duplicate-key",
                        key_span,
                        format!("`{key}` is written twice in the same mapping"),
                    );
                    duplicate.related = Some((first.clone(), "first written here".into()));
                    self.diagnostics.push(duplicate.with_help("keep one of the two"));
                } else {
                    parent.seen.insert(key.clone(), key_span.clone());
                    entries.push(Entry { key, key_span, value: node });
                }
            }
            (Kind::Mapping(_), None) => {
                let key = self.text.get(node.span.clone()).unwrap_or_default();
                parent.key = match &node.kind {
                    Kind::Scalar(Value::String(text)) => Some((text.clone(), node.span)),
                    Kind::Scalar(_) => Some((key.to_string(), node.span)),
                    _ => {
                        return Err(Box::new(Diagnostic::error(
                            "yaml-syntax",
                            node.span,
                            "a key must be a plain word",
                        )));
                    }
                };
            }
            (Kind::Scalar(_), _) => {}
        }
        Ok(())
    }
}

/// `<<` lays its mapping under the one that it stands in.
fn merged(kind: Kind) -> Kind {
    let Kind::Mapping(entries) = kind else {
        return kind;
    };
    let is_under =
        |entry: &Entry| entry.key == "<<" && matches!(entry.value.kind, Kind::Mapping(_));
    if !entries.iter().any(is_under) {
        return Kind::Mapping(entries);
    }
    let (under, own): (Vec<Entry>, Vec<Entry>) = Vec::from(entries).into_iter().partition(is_under);
    let mut entries = Entries::from(own);
    for entry in under {
        let Kind::Mapping(under) = entry.value.kind else { continue };
        for inherited in Vec::from(under) {
            if entries.position(&inherited.key).is_none() {
                entries.push(inherited);
            }
        }
    }
    Kind::Mapping(entries)
}

impl Node {
    fn count(&self) -> usize {
        match &self.kind {
            Kind::Scalar(_) => 1,
            Kind::Sequence(items) => 1 + items.iter().map(Node::count).sum::<usize>(),
            Kind::Mapping(entries) => {
                1 + entries.iter().map(|entry| 1 + entry.value.count()).sum::<usize>()
            }
        }
    }
}

fn bytes(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or(0..0)
}

fn syntax_error(text: &str, at: usize, info: String) -> Diagnostic {
    let line = text[text.floor_char_boundary(at)..].lines().next().unwrap_or_default();
    let line_start = text[..text.floor_char_boundary(at)].rfind('\n').map_or(0, |end| end + 1);
    let tabbed = text[line_start..]
        .split('\n')
        .next()
        .unwrap_or_default()
        .trim_start_matches(' ')
        .starts_with('\t');
    let end = at + line.chars().next().map_or(0, char::len_utf8);
    let syntax = Diagnostic::error("yaml-syntax", at..end, info);
    if tabbed { syntax.with_help("YAML is indented by spaces; replace the tab") } else { syntax }
}
