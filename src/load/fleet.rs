//! What only one spec of a run may have, in time that grows with their number and not with its square.

use std::ops::Range;

use super::{Alone, written};
use crate::{
    claim::Claim,
    diagnostic::Finding,
    rules::{self, Check, Rule},
    source::Source,
    spec::Spec,
};

/// More claims of one thing than this are not looked at for one of them.
const ENOUGH: usize = 64;

/// A claim, and where a source makes it.
pub(super) struct Claimed {
    rule: &'static Rule,
    claim: Claim,
    /// Where it is written, if it is inherited.
    written: Option<Box<str>>,
    span: Range<u32>,
    line: u32,
    column: u32,
}

impl Claimed {
    fn path(&self) -> &str {
        self.written.as_deref().unwrap_or(self.claim.path())
    }
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
pub(super) fn claimed(spec: &Spec, source: &Source) -> Box<[Claimed]> {
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let of_rule = |rule: &'static Rule| {
        let claims = match rule.check {
            Check::Fleet { claims, .. } => claims(spec),
            Check::Spec(_) => Vec::new(),
        };
        claims.into_iter().map(move |claim| {
            let span = source.locate(claim.path());
            let (line, column) = source.position(span.start);
            let written = written(source, claim.path().into());
            Claimed {
                rule,
                written: (written != claim.path()).then(|| written.into()),
                span: small(span.start)..small(span.end),
                line: small(line),
                column: small(column),
                claim,
            }
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
    let order = |a: &Claimed, b: &Claimed| {
        a.rule.id.cmp(b.rule.id).then_with(|| a.claim.parts().cmp(b.claim.parts()))
    };
    claims.sort_by(|(_, a), (_, b)| order(a, b));
    let is_same = |a: &Claimed, b: &Claimed| order(a, b).is_eq();
    let same = claims.chunk_by(|(_, a), (_, b)| is_same(a, b)).filter(|same| same.len() > 1);
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
    let file = all[*at].loaded.source.file(other.span.start as usize);
    let place = format!("{file}:{}:{}", other.line, other.column);
    finding.message = format!("{}: {place}", finding.message);
    Some(Taken {
        owner: *owner,
        rule: own.rule,
        finding,
        path: own.path().into(),
        span: own.span.start as usize..own.span.end as usize,
    })
}
