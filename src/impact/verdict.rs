//! What is found about one difference, and how it becomes an effect.

use super::{
    Effect, Impact, Scope,
    documents::{Difference, shown},
    excerpt,
};

/// What one difference does.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) impact: Impact,
    pub(super) scope: Scope,
    pub(super) reason: String,
    pub(super) note: Option<String>,
    pub(super) runbook: Vec<String>,
}

impl Verdict {
    pub(super) fn new(impact: Impact, scope: Scope, reason: impl Into<String>) -> Self {
        Self { impact, scope, reason: reason.into(), note: None, runbook: Vec::new() }
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    pub(super) fn runbook(mut self, lines: Vec<String>) -> Self {
        self.runbook = lines;
        self
    }
}

/// Longer values are cut; the file has them whole.
const LONGEST: usize = 200;
/// Directives and settings of files that somebody edited may hold a secret.
const SECRET: &[&str] =
    &["requirepass", "masterauth", "primaryauth", "auth-pass", "sentinel-pass", "key-file-pass"];

/// The effect of a difference of a file.
pub(super) fn effect(
    file: &str,
    object: Option<&str>,
    difference: &Difference,
    verdict: Verdict,
) -> Effect {
    let is_secret = SECRET.iter().any(|word| difference.place.contains(word));
    let side = |value: &Option<serde_json::Value>| -> Option<String> {
        let value = value.as_ref()?;
        Some(if is_secret { "(not shown)".into() } else { shown(value) })
    };
    let (before, after) = match (side(&difference.before), side(&difference.after)) {
        (Some(before), Some(after)) => {
            let [before, after] = excerpt(&before, &after, LONGEST);
            (Some(before), Some(after))
        }
        one_side => one_side,
    };
    Effect {
        impact: verdict.impact,
        scope: verdict.scope,
        file: file.into(),
        object: object.map(Into::into),
        place: difference.place.clone(),
        before: before.map(cut),
        after: after.map(cut),
        reason: verdict.reason,
        note: verdict.note,
        runbook: verdict.runbook,
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
