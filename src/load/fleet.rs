//! What only one spec of a run may have, in time that grows with their number and not with its square.

use std::ops::Range;

use super::{Alone, written};
use crate::{
    diagnostic::Finding,
    rules::{self, Check, Claim, Rule},
    source::Source,
    spec::Spec,
};

/// More claims of one thing than this are not looked at for one of them.
const ENOUGH: usize = 64;

/// A claim, and where a source makes it.
pub(super) struct Claimed {
    rule: &'static Rule,
    claim: Claim,
    path: String,
    span: Range<usize>,
    line: usize,
    column: usize,
}

/// A finding about a claim, with the place that it is made at.
pub(super) struct Taken {
    pub(super) owner: usize,
    pub(super) rule: &'static Rule,
    pub(super) finding: Finding,
    pub(super) path: String,
    pub(super) span: Range<usize>,
}

/// What a spec claims.
pub(super) fn claimed(spec: &Spec, source: &Source) -> Vec<Claimed> {
    let of_rule = |rule: &'static Rule| {
        let claims = match rule.check {
            Check::Fleet { claims, .. } => claims(spec),
            Check::Spec(_) => Vec::new(),
        };
        claims.into_iter().map(move |claim| {
            let span = source.locate(&claim.path);
            let (line, column) = source.position(span.start);
            Claimed { rule, path: written(source, claim.path.clone()), claim, span, line, column }
        })
    };
    rules::between().flat_map(of_rule).collect()
}

/// Every claim that another spec makes too.
pub(super) fn taken(all: &[Alone]) -> Vec<Taken> {
    let mut claims: Vec<(usize, &Claimed)> = all
        .iter()
        .enumerate()
        .flat_map(|(owner, alone)| alone.claims.iter().map(move |claimed| (owner, claimed)))
        .collect();
    let key = |claimed: &Claimed| (claimed.rule.id, claimed.claim.parts.clone());
    claims.sort_by(|(_, a), (_, b)| (a.rule.id, &a.claim.parts).cmp(&(b.rule.id, &b.claim.parts)));
    let same = claims.chunk_by(|(_, a), (_, b)| key(a) == key(b)).filter(|same| same.len() > 1);
    let mut taken: Vec<Taken> =
        same.flat_map(|same| same.iter().filter_map(|claim| beside(claim, same, all))).collect();
    taken.sort_by(|a, b| (a.owner, a.rule.id, &a.path).cmp(&(b.owner, b.rule.id, &b.path)));
    taken.dedup_by(|a, b| (a.owner, a.rule.id, &a.path) == (b.owner, b.rule.id, &b.path));
    taken
}

fn beside(
    (owner, own): &(usize, &Claimed),
    same: &[(usize, &Claimed)],
    all: &[Alone],
) -> Option<Taken> {
    let Check::Fleet { taken, .. } = own.rule.check else { return None };
    let mut others = same.iter().filter(|(other, _)| other != owner).take(ENOUGH);
    let (mut finding, (at, other)) =
        others.find_map(|other| Some((taken(&own.claim, &other.1.claim)?, other)))?;
    let file = all[*at].loaded.source.file(other.span.start);
    let place = format!("{file}:{}:{}", other.line, other.column);
    finding.message = format!("{}: {place}", finding.message);
    Some(Taken {
        owner: *owner,
        rule: own.rule,
        finding,
        path: own.path.clone(),
        span: own.span.clone(),
    })
}
