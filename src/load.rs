//! From texts to valid specs: every stage up to the rules, and every problem of every file in one list.

use std::{cmp::Reverse, collections::HashSet};

use rayon::prelude::*;

use crate::{
    diagnostic::{Diagnostic, MAXIMUM_FINDINGS, Severity},
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
    let shaped: Vec<Read> = if sources.len() == 1 {
        sources.into_iter().map(shape).collect()
    } else {
        sources.into_par_iter().map(shape).collect()
    };
    let mut loaded = Vec::with_capacity(shaped.len());
    let mut specs = Vec::new();
    let mut owners = Vec::new();
    for (index, read) in shaped.into_iter().enumerate() {
        if let Some(spec) = read.spec {
            specs.push(spec);
            owners.push((index, read.left_out));
        }
        loaded.push(Loaded { source: read.source, spec: None, diagnostics: read.diagnostics });
    }
    for ((index, left_out), (spec, mut verdicts)) in owners.into_iter().zip(rules::validate(specs))
    {
        let left_out = LeftOut::from(left_out);
        verdicts.retain(|verdict| left_out.spares(&verdict.finding.path));
        let entry = &mut loaded[index];
        let mut found = located(&entry.source, verdicts);
        entry.diagnostics.append(&mut found);
        entry.spec = spec;
    }
    for entry in &mut loaded {
        shorten(&mut entry.diagnostics);
        if entry.has_errors() {
            entry.spec = None;
        }
    }
    loaded
}

/// A source, what is wrong with it so far, and the spec with the fields that it lacks.
struct Read {
    source: Source,
    diagnostics: Vec<Diagnostic>,
    spec: Option<Spec>,
    left_out: Vec<String>,
}

fn shape((mut source, mut diagnostics): (Source, Vec<Diagnostic>)) -> Read {
    if diagnostics.iter().any(|diagnostic| FATAL.contains(&diagnostic.id)) {
        return Read { source, diagnostics, spec: None, left_out: Vec::new() };
    }
    let mut shaped = schema::load(&source);
    diagnostics.append(&mut shaped.diagnostics);
    schema::expand_source(&mut source);
    Read { source, diagnostics, spec: shaped.spec, left_out: shaped.left_out }
}

/// After these the tree is not what the user meant, and what it lacks would be noise.
pub const FATAL: [&str; 4] = ["yaml-syntax", "not-text", "too-large", "several-documents"];

/// What a master inherits is written under `spec`, and shown by that path.
fn written(source: &Source, path: String) -> String {
    match inherited(&path) {
        Some(inherited) if source.locate(&inherited) == source.locate(&path) => inherited,
        _ => path,
    }
}

/// `spec.masters[1].redis.port` may be inherited from `spec.redis.port`.
fn inherited(path: &str) -> Option<String> {
    let (_, rest) = path.strip_prefix("spec.masters[")?.split_once("].")?;
    ["redis", "sentinel"].iter().any(|part| rest.starts_with(part)).then(|| format!("spec.{rest}"))
}

/// Fields that were left out of a spec.
struct LeftOut {
    fields: HashSet<String>,
    parents: HashSet<String>,
}

impl From<Vec<String>> for LeftOut {
    fn from(fields: Vec<String>) -> Self {
        let parents = fields.iter().filter_map(|field| parent(field)).map(String::from).collect();
        Self { fields: fields.into_iter().collect(), parents }
    }
}

impl LeftOut {
    /// A finding beside or below a field that was left out may only be due to that.
    fn spares(&self, path: &str) -> bool {
        let own = [Some(path.to_string()), inherited(path)];
        own.into_iter().flatten().all(|path| {
            let mut above = path.match_indices('.').map(|(end, _)| &path[..end]);
            !self.fields.contains(&path)
                && !parent(&path).is_some_and(|parent| self.parents.contains(parent))
                && !above.any(|above| self.fields.contains(above))
        })
    }
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once(['.', '[']).map(|(parent, _)| parent)
}

/// In the order of the text; of very many the worst, and how many more there are.
fn shorten(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.id));
    if diagnostics.len() <= MAXIMUM_FINDINGS {
        return;
    }
    diagnostics.sort_by_key(|diagnostic| Reverse(diagnostic.severity));
    let rest = diagnostics.split_off(MAXIMUM_FINDINGS);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.id));
    diagnostics.extend(rest.first().map(|first| Diagnostic {
        id: "too-many-findings",
        severity: first.severity,
        path: String::new(),
        message: format!("and {} more, the first of them here", rest.len()),
        why: None,
        help: Some("mend the findings above, and look again".into()),
        span: first.span.clone(),
        related: None,
    }));
}

/// The same problem at the same place is told once, however many masters inherit it.
fn located(source: &Source, verdicts: Vec<Verdict>) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    verdicts
        .into_iter()
        .map(|verdict| Diagnostic {
            id: verdict.id,
            severity: verdict.severity,
            span: source.locate(&verdict.finding.path),
            path: written(source, verdict.finding.path),
            message: verdict.finding.message,
            why: Some(verdict.why),
            help: verdict.finding.help,
            related: None,
        })
        .filter(|found| seen.insert((found.id, found.span.clone(), found.message.clone())))
        .collect()
}
