//! From texts to valid specs: every stage up to the rules, and every problem of every file in one list.

mod allowed;
mod fleet;
mod shape;

use std::{cmp::Reverse, collections::HashSet, ops::Range};

use rayon::prelude::*;

use crate::{
    diagnostic::{Diagnostic, MAXIMUM_FINDINGS, Severity},
    rules::{self, Packed, Validated, Verdict},
    source::Source,
    spec::{Allow, Spec},
};
use fleet::{Claimed, Taken, claimed};
use shape::{Shaped, brought, shape, tell_once};

/// One file with what came of it.
pub struct Loaded {
    pub source: Source,
    /// The spec, if it breaks no rule of severity error and was kept.
    pub spec: Option<Validated>,
    /// The same, packed.
    packed: Option<Packed>,
    /// Name of the topology, as far as it can be told.
    pub name: Option<String>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is a spec to render, which was kept.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.spec.is_some() || self.packed.is_some()
    }

    /// The spec, if it breaks no rule of severity error and was kept.
    #[must_use]
    pub fn take_spec(&mut self) -> Option<Validated> {
        let packed = self.packed.take();
        self.spec.take().or_else(|| Some(packed?.unpack()))
    }
}

/// How much of a source is kept until all are judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Whole,
    /// What it takes to report and to render it.
    Spec,
    /// The same in a form that is small, and takes time to read again: of ten thousand, some hundred bytes each.
    Packed,
    /// What it takes to report.
    Findings,
}

/// Loads sources, each with what reading it already found, and judges them together.
#[must_use]
pub fn load(sources: Vec<(Source, Vec<Diagnostic>)>) -> Vec<Loaded> {
    let alone = |read| alone(read, Keep::Whole);
    together(if sources.len() == 1 {
        sources.into_iter().map(alone).collect()
    } else {
        sources.into_par_iter().map(alone).collect()
    })
}

/// Changes a valid spec and judges it again, at the places of its source.
#[must_use]
pub fn judge_again(loaded: Loaded, change: impl FnOnce(&mut Spec)) -> Loaded {
    let Loaded { source, spec: Some(valid), .. } = loaded else { return loaded };
    let mut spec = valid.into_inner();
    change(&mut spec);
    let shaped = Shaped { source, diagnostics: Vec::new(), spec: Some(spec), left_out: Vec::new() };
    together(vec![judge(shaped, Keep::Whole)]).remove(0)
}

/// A source with what it says by itself.
pub struct Alone {
    loaded: Loaded,
    keep: Keep,
    /// How many of the findings are about its shape; they come first.
    about_shape: usize,
    claims: Box<[Claimed]>,
    allowed: Vec<Allow>,
    /// What was found so far, for `allow`.
    found: Vec<(&'static str, Severity)>,
    left_out: LeftOut,
}

/// Judges a source by itself.
#[must_use]
pub fn alone(read: (Source, Vec<Diagnostic>), keep: Keep) -> Alone {
    judge(shape(read), keep)
}

fn judge(shaped: Shaped, keep: Keep) -> Alone {
    let Shaped { mut source, mut diagnostics, spec, left_out } = shaped;
    let about_shape = diagnostics.len();
    let left_out = LeftOut::from(left_out);
    let (mut claims, mut allowed, mut found) = (Box::default(), Vec::new(), Vec::new());
    let (mut valid, mut name) = (None, None);
    if let Some(spec) = spec {
        name = Some(spec.metadata.name.clone());
        claims = claimed(&spec, &source);
        allowed.clone_from(&spec.spec.allow);
        let (spec, mut verdicts) = rules::judge(spec).valid();
        found.extend(verdicts.iter().map(|verdict| (verdict.id, verdict.severity)));
        verdicts.retain(|verdict| left_out.spares(&verdict.finding.path));
        diagnostics.append(&mut located(&source, verdicts));
        valid = spec;
    }
    let (spec, packed) = match keep {
        Keep::Whole | Keep::Spec => (valid, None),
        Keep::Packed => (None, valid.as_ref().map(Validated::pack)),
        Keep::Findings => (None, None),
    };
    // What it is made of must be known until all are judged.
    let is_alone = source.files().count() == 1;
    if keep != Keep::Whole && diagnostics.is_empty() && allowed.is_empty() && is_alone {
        source.forget();
    }
    let loaded = Loaded { source, spec, packed, name, diagnostics };
    Alone { loaded, keep, about_shape, claims, allowed, found, left_out }
}

/// Judges sources beside each other.
#[must_use]
pub fn together(mut all: Vec<Alone>) -> Vec<Loaded> {
    tell_once(&mut all);
    for Taken { owner, rule, finding, path, span } in fleet::taken(&all) {
        let alone = &mut all[owner];
        let verdict = rule.verdict(finding, &alone.allowed);
        alone.found.push((verdict.id, verdict.severity));
        if alone.left_out.spares(&verdict.finding.path) {
            let found = diagnostic(&alone.loaded.source, verdict, path, span);
            alone.loaded.diagnostics.push(found);
        }
    }
    all.into_iter().map(Alone::finish).collect()
}

impl Alone {
    /// Only what is wrong with its shape counts.
    fn judge_shape_only(&mut self) {
        self.loaded.diagnostics.truncate(self.about_shape);
        (self.loaded.spec, self.loaded.packed) = (None, None);
        self.claims = Box::default();
        self.allowed.clear();
    }

    fn finish(self) -> Loaded {
        let Self { mut loaded, keep, allowed, found, left_out, .. } = self;
        let mut verdicts = allowed::judge(&allowed, &found);
        verdicts.retain(|verdict| left_out.spares(&verdict.finding.path));
        loaded.diagnostics.append(&mut located(&loaded.source, verdicts));
        shorten(&mut loaded.diagnostics);
        if loaded.has_errors() {
            (loaded.spec, loaded.packed) = (None, None);
        }
        if keep != Keep::Whole {
            loaded.source.forget_tree();
        }
        loaded
    }
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
pub(crate) fn inherited(path: &str) -> Option<String> {
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
        .map(|verdict| {
            let path = written(source, verdict.finding.path.clone());
            let span = source.locate(&verdict.finding.path);
            diagnostic(source, verdict, path, span)
        })
        .filter(|found| seen.insert((found.id, found.span.clone(), found.message.clone())))
        .collect()
}

fn diagnostic(source: &Source, verdict: Verdict, path: String, span: Range<usize>) -> Diagnostic {
    Diagnostic {
        id: verdict.id,
        severity: verdict.severity,
        path,
        message: verdict.finding.message,
        why: Some(verdict.why),
        help: verdict.finding.help,
        related: brought(source, &span),
        span,
    }
}
