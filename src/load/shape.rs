//! Whether a text has the shape of a spec.

use std::{collections::HashSet, ops::Range};

use super::{Alone, FATAL};
use crate::{diagnostic::Diagnostic, schema, source::Source, spec::Spec};

/// A source, what is wrong with it so far, and the spec with the fields that it lacks.
pub(super) struct Shaped {
    pub(super) source: Source,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) spec: Option<Spec>,
    pub(super) left_out: Vec<String>,
}

pub(super) fn shape((mut source, mut diagnostics): (Source, Vec<Diagnostic>)) -> Shaped {
    if diagnostics.iter().any(|diagnostic| FATAL.contains(&diagnostic.id)) {
        return Shaped { source, diagnostics, spec: None, left_out: Vec::new() };
    }
    if let Some(alone) = source.take_alone() {
        let whole = std::mem::replace(&mut source.root, alone);
        diagnostics.append(&mut schema::check_file(&source));
        source.root = whole;
    } else if source.is_base() {
        diagnostics.append(&mut schema::check_file(&source));
    }
    if source.is_base() || source.is_incomplete() {
        return Shaped { source, diagnostics, spec: None, left_out: Vec::new() };
    }
    let mut shaped = schema::load(&source);
    let told: HashSet<_> = diagnostics.iter().map(|told| (told.id, told.span.clone())).collect();
    shaped.diagnostics.retain(|found| !told.contains(&(found.id, found.span.clone())));
    for found in &mut shaped.diagnostics {
        found.related = found.related.take().or_else(|| brought(&source, &found.span));
    }
    diagnostics.append(&mut shaped.diagnostics);
    schema::expand_source(&mut source);
    Shaped { source, diagnostics, spec: shaped.spec, left_out: shaped.left_out }
}

/// What is wrong with the shape of a base is told about the base, not about every spec that is based on it.
pub(super) fn tell_once(all: &mut [Alone]) {
    let place = |source: &Source, found: &Diagnostic| {
        let (file, byte) = source.byte_of_file(found.span.start);
        (file.to_string(), byte, found.id)
    };
    if all.iter().all(|alone| alone.loaded.source.files().count() == 1) {
        return;
    }
    let mut told = HashSet::new();
    for Alone { loaded, about_shape, .. } in all.iter() {
        let shape = loaded.diagnostics.iter().take(*about_shape);
        let own = shape.filter(|found| !loaded.source.is_inherited(&found.span));
        told.extend(own.map(|found| place(&loaded.source, found)));
    }
    for alone in all {
        let source = &alone.loaded.source;
        let is_told = |found: &Diagnostic| {
            source.is_inherited(&found.span) && told.contains(&place(source, found))
        };
        let diagnostics = &alone.loaded.diagnostics;
        let again: Vec<bool> = diagnostics.iter().take(alone.about_shape).map(is_told).collect();
        if again.contains(&true) {
            alone.judge_shape_only();
            let mut again = again.into_iter();
            alone.loaded.diagnostics.retain(|_| !again.next().unwrap_or_default());
        }
    }
}

/// What brought a value here that is written in another file.
pub(super) fn brought(source: &Source, span: &Range<usize>) -> Option<(Range<usize>, String)> {
    source.brought_by(span).map(|place| (place, "comes in with this base".into()))
}
