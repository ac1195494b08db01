//! What is wrong with `spec.allow` itself.

use crate::{
    diagnostic::{Finding, Severity},
    rules::{RULES, Verdict},
    schema::closest,
    spec::Allow,
};

/// What is wrong with the entries of `spec.allow` themselves, after everything that was found.
pub(super) fn judge(allowed: &[Allow], found: &[(&'static str, Severity)]) -> Vec<Verdict> {
    let about = |(index, allow): (usize, &Allow)| {
        let found: Vec<Severity> =
            found.iter().filter(|(id, _)| *id == allow.rule).map(|(_, found)| *found).collect();
        about_allow(index, allow, &found)
    };
    allowed.iter().enumerate().filter_map(about).collect()
}

/// What is wrong with an entry of `spec.allow` itself.
fn about_allow(index: usize, allow: &Allow, found: &[Severity]) -> Option<Verdict> {
    let verdict =
        |id, severity, why: &str, finding| Some(Verdict { id, severity, why: why.into(), finding });
    let at =
        |field: &str, message: String| Finding::at(format!("spec.allow[{index}].{field}"), message);
    let Some(rule) = RULES.iter().find(|rule| rule.id == allow.rule) else {
        let ids: Vec<String> = RULES.iter().map(|rule| rule.id.into()).collect();
        let finding = at("rule", format!("there is no rule `{}`", allow.rule));
        let finding = match closest(&allow.rule, &ids) {
            Some(close) => finding.help(format!("did you mean `{close}`?")),
            None => finding.help("take the id from the finding, or delete the entry"),
        };
        return verdict(
            "unknown-rule",
            Severity::Error,
            "It lowers nothing, and whoever reads it believes it does.",
            finding,
        );
    };
    if found.contains(&Severity::Error) {
        let finding = at("rule", format!("`{}` cannot be allowed", rule.id))
            .help("mend what it finds, and delete the entry");
        return verdict(
            "allow-not-possible",
            Severity::Error,
            "Such a spec would give files that cannot work.",
            finding,
        );
    }
    if allow.reason.trim().is_empty() {
        let finding = at("reason", "the reason is empty".into()).help("write why it is right here");
        return verdict(
            "allow-without-reason",
            Severity::Error,
            "Whoever comes after you must be able to judge it again.",
            finding,
        );
    }
    if found.is_empty() {
        let finding =
            at("rule", format!("`{}` finds nothing here", rule.id)).help("delete the entry");
        return verdict(
            "unused-allow",
            Severity::Warning,
            "A forgotten entry would hide the next mistake.",
            finding,
        );
    }
    None
}
