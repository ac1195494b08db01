//! What a spec may not say: the table of rules, and the only way to a [`Validated`] spec.

use crate::{
    diagnostic::{Finding, Severity},
    spec::Spec,
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

/// Every rule, in the order of its id.
pub const RULES: &[&Rule] = &[&even_sentinel_instances::RULE, &quorum_above_sentinel_instances::RULE];
