//! What a spec may not say: the table of rules, and the only way to a [`Validated`] spec.

use crate::{
    diagnostic::{Finding, Severity},
    schema::closest,
    spec::{Allow, Spec},
};

mod even_sentinel_instances;
mod quorum_above_sentinel_instances;

/// One thing that a spec may not say. The file of a rule is its documentation.
pub struct Rule {
    pub id: &'static str,
    pub severity: Severity,
    /// Whether `spec.allow` lowers this error to a note; warnings it always lowers.
    pub allowable: bool,
    pub why: &'static str,
    /// A spec without `apiVersion` and `kind` that breaks the rule. Several, split by `---` lines, for a rule between specs.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    pub check: Check,
}

/// What a rule looks at.
pub enum Check {
    /// One spec by itself.
    Spec(fn(&Spec, &mut Vec<Finding>)),
    /// One spec among all of the run, itself included, by its index.
    Fleet(fn(&[&Spec], usize, &mut Vec<Finding>)),
}

/// A spec that breaks no rule of severity error. Only [`validate`] makes one.
#[derive(Debug)]
pub struct Validated(Spec);

impl Validated {
    #[must_use]
    pub fn into_inner(self) -> Spec {
        self.0
    }
}

/// What a rule found, and how much it matters once `spec.allow` is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub id: &'static str,
    pub severity: Severity,
    pub why: String,
    pub finding: Finding,
}

/// Applies every rule to every spec of a run.
#[must_use]
pub fn validate(specs: Vec<Spec>) -> Vec<(Option<Validated>, Vec<Verdict>)> {
    let all: Vec<&Spec> = specs.iter().collect();
    let verdicts: Vec<Vec<Verdict>> = (0..all.len()).map(|index| judge(&all, index)).collect();
    let valid = |verdicts: &[Verdict]| verdicts.iter().all(|verdict| verdict.severity < Severity::Error);
    specs
        .into_iter()
        .zip(verdicts)
        .map(|(spec, verdicts)| (valid(&verdicts).then_some(Validated(spec)), verdicts))
        .collect()
}

/// Every finding about one spec among all of the run.
fn judge(all: &[&Spec], index: usize) -> Vec<Verdict> {
    let spec = all[index];
    let mut verdicts = Vec::new();
    let mut used = vec![false; spec.spec.allow.len()];
    for rule in RULES {
        let mut findings = Vec::new();
        match rule.check {
            Check::Spec(check) => check(spec, &mut findings),
            Check::Fleet(check) => check(all, index, &mut findings),
        }
        let allow = spec.spec.allow.iter().position(|allow| allow.rule == rule.id);
        if let (Some(allow), false) = (allow, findings.is_empty()) {
            used[allow] = true;
        }
        let allowed = allow.map(|allow| &spec.spec.allow[allow]);
        verdicts.extend(findings.into_iter().map(|finding| rule.verdict(finding, allowed)));
    }
    let unused = spec.spec.allow.iter().zip(used).enumerate();
    verdicts.extend(unused.filter_map(|(index, (allow, used))| about_allow(index, allow, used)));
    verdicts
}

impl Rule {
    fn verdict(&self, finding: Finding, allowed: Option<&Allow>) -> Verdict {
        let severity = finding.severity.unwrap_or(self.severity);
        let lowered = allowed.filter(|_| self.allowable || severity < Severity::Error);
        Verdict {
            id: self.id,
            severity: if lowered.is_some() { Severity::Note } else { severity },
            why: lowered.map_or_else(|| self.why.into(), |allow| format!("allowed: {}", allow.reason)),
            finding,
        }
    }
}

/// What is wrong with an entry of `spec.allow` itself.
fn about_allow(index: usize, allow: &Allow, used: bool) -> Option<Verdict> {
    let verdict = |id, severity, why: &str, finding| Some(Verdict { id, severity, why: why.into(), finding });
    let at = |field: &str, message: String| Finding::at(format!("spec.allow[{index}].{field}"), message);
    let Some(rule) = RULES.iter().find(|rule| rule.id == allow.rule) else {
        let ids: Vec<String> = RULES.iter().map(|rule| rule.id.into()).collect();
        let finding = at("rule", format!("there is no rule `{}`", allow.rule));
        let finding = match closest(&allow.rule, &ids) {
            Some(close) => finding.help(format!("did you mean `{close}`?")),
            None => finding.help("take the id from the finding, or delete the entry"),
        };
        return verdict("unknown-rule", Severity::Error, "It lowers nothing, and whoever reads it believes it does.", finding);
    };
    if rule.severity == Severity::Error && !rule.allowable {
        let finding = at("rule", format!("`{}` cannot be allowed", rule.id)).help("mend what it finds, and delete the entry");
        return verdict("allow-not-possible", Severity::Error, "Such a spec would give files that cannot work.", finding);
    }
    if allow.reason.trim().is_empty() {
        let finding = at("reason", "the reason is empty".into()).help("write why it is right here");
        return verdict("allow-without-reason", Severity::Error, "Whoever comes after you must be able to judge it again.", finding);
    }
    if !used {
        let finding = at("rule", format!("`{}` finds nothing here", rule.id)).help("delete the entry");
        return verdict("unused-allow", Severity::Warning, "A forgotten entry would hide the next mistake.", finding);
    }
    None
}

/// Every rule, in the order of its id.
pub const RULES: &[&Rule] = &[&even_sentinel_instances::RULE, &quorum_above_sentinel_instances::RULE];
