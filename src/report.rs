//! Findings for people and for machines.

mod github;
mod human;
mod json;
mod sarif;

use std::io::{self, Write};

use clap::ValueEnum;

use crate::{
    diagnostic::{Diagnostic, Severity},
    load::Loaded,
};

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the source, for people
    Human,
    /// One JSON document
    Json,
    /// Workflow commands that GitHub shows at the line
    Github,
    /// SARIF 2.1.0
    Sarif,
}

impl Format {
    /// Whether all findings together are one document.
    #[must_use]
    pub fn is_document(self) -> bool {
        matches!(self, Self::Json | Self::Sarif)
    }
}

/// One finding with the file that it is in.
#[derive(Clone, Copy)]
pub struct Located<'a> {
    pub loaded: &'a Loaded,
    pub diagnostic: &'a Diagnostic,
}

/// Every finding of every file, worst first within a file.
#[must_use]
pub fn all(loaded: &[Loaded]) -> Vec<Located<'_>> {
    loaded
        .iter()
        .flat_map(|loaded| {
            loaded.diagnostics.iter().map(move |diagnostic| Located { loaded, diagnostic })
        })
        .collect()
}

/// Writes all findings in a format.
///
/// # Errors
/// If they cannot be written.
pub fn write(format: Format, loaded: &[Loaded], output: &mut dyn Write) -> io::Result<()> {
    let findings = all(loaded);
    match format {
        Format::Human => human::write(&findings, output),
        Format::Json => json::write(&findings, output),
        Format::Github => github::write(&findings, output),
        Format::Sarif => sarif::write(&findings, output),
    }
}

/// `2 errors, 1 warning`; nothing where there is nothing to count.
#[must_use]
pub fn summary(loaded: &[Loaded]) -> Option<String> {
    let findings = all(loaded);
    let count =
        |severity| findings.iter().filter(|found| found.diagnostic.severity == severity).count();
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (count(severity), severity.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

impl<'a> Located<'a> {
    /// The file that it is in, which may be one that the spec is based on.
    fn file(&self) -> &'a str {
        self.loaded.source.file(self.diagnostic.span.start)
    }

    /// Line and column of the first and behind the last character, from 1.
    fn region(&self) -> ((usize, usize), (usize, usize)) {
        let source = &self.loaded.source;
        let span = &self.diagnostic.span;
        (source.position(span.start), source.position(span.end.max(span.start)))
    }

    /// File, line and column of the place that explains it, and what is said there.
    fn related(&self) -> Option<(&'a str, (usize, usize), &'a str)> {
        let source = &self.loaded.source;
        let (span, label) = self.diagnostic.related.as_ref()?;
        Some((source.file(span.start), source.position(span.start), label))
    }

    /// Where a password was expected, something else stands; that may be the password itself, so the line is not shown.
    fn may_show_a_secret(&self) -> bool {
        let path = self.diagnostic.path.to_lowercase();
        ["password", "secret", "url"].iter().any(|word| path.contains(word))
            && ["wrong-type", "wrong-shape", "unknown-field"].contains(&self.diagnostic.id)
    }
}
