//! From texts to valid specs: every stage up to the rules, and every problem of every file in one list.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::{
    diagnostic::{Diagnostic, Severity},
    rules::{self, Validated, Verdict},
    schema,
    source::Source,
    spec::Spec,
};

/// One file with what came of it.
pub struct Loaded {
    pub source: Source,
    /// The spec, if it breaks no rule of severity error.
    pub spec: Option<Validated>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Loads sources, each with what reading it already found, and judges them together.
#[must_use]
pub fn load(sources: Vec<(Source, Vec<Diagnostic>)>) -> Vec<Loaded> {
    let shaped: Vec<(Source, Vec<Diagnostic>, Option<Spec>)> = if sources.len() == 1 {
        sources.into_iter().map(shape).collect()
    } else {
        sources.into_par_iter().map(shape).collect()
    };
    let mut loaded = Vec::with_capacity(shaped.len());
    let mut specs = Vec::new();
    let mut owners = Vec::new();
    for (index, (source, diagnostics, spec)) in shaped.into_iter().enumerate() {
        if let Some(spec) = spec {
            specs.push(spec);
            owners.push(index);
        }
        loaded.push(Loaded { source, spec: None, diagnostics });
    }
    for (index, (spec, verdicts)) in owners.into_iter().zip(rules::validate(specs)) {
        let entry = &mut loaded[index];
        let mut found = located(&entry.source, verdicts);
        entry.diagnostics.append(&mut found);
        entry.spec = spec;
    }
    for entry in &mut loaded {
        entry.diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.id));
        if entry.has_errors() {
            entry.spec = None;
        }
    }
    loaded
}

fn shape((mut source, mut diagnostics): (Source, Vec<Diagnostic>)) -> (Source, Vec<Diagnostic>, Option<Spec>) {
    let readable = diagnostics.iter().all(|diagnostic| !FATAL.contains(&diagnostic.id));
    let (spec, mut found) = if readable { schema::load(&source) } else { (None, Vec::new()) };
    diagnostics.append(&mut found);
    if spec.is_some() {
        schema::expand_source(&mut source);
    }
    (source, diagnostics, spec)
}

/// After these the tree is not what the user meant, and what it lacks would be noise.
const FATAL: [&str; 4] = ["yaml-syntax", "not-text", "too-large", "several-documents"];

/// The same problem at the same place is told once, however many masters inherit it.
fn located(source: &Source, verdicts: Vec<Verdict>) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    verdicts
        .into_iter()
        .map(|verdict| Diagnostic {
            id: verdict.id,
            severity: verdict.severity,
            span: source.locate(&verdict.finding.path),
            path: verdict.finding.path,
            message: verdict.finding.message,
            why: Some(verdict.why),
            help: verdict.finding.help,
            related: None,
        })
        .filter(|found| seen.insert((found.id, found.span.clone(), found.message.clone())))
        .collect()
}
