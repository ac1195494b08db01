//! What is wrong with a spec: found by path, shown by line.

use std::ops::Range;

use serde::Serialize;

/// More findings than this about one file are only counted.
pub const MAXIMUM_FINDINGS: usize = 1000;

/// How much a finding matters. Errors stop rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

impl Severity {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a rule says: one problem at one path of the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Such as `spec.masters[1].redis.memory`; where nothing is written there, the nearest parent is shown.
    pub path: String,
    /// The fact, with its values.
    pub message: String,
    /// The next step, with the value to write.
    pub help: Option<String>,
    /// Another severity than the rule's.
    pub severity: Option<Severity>,
}

impl Finding {
    #[must_use]
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), help: None, severity: None }
    }

    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Less than the rule's own severity: worth knowing, but it renders.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { severity: Some(Severity::Warning), ..self }
    }
}

/// One problem of one spec, with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Id of the rule, or of what the parser or the schema found.
    pub id: &'static str,
    pub severity: Severity,
    pub path: String,
    pub message: String,
    /// Why it matters.
    pub why: Option<String>,
    pub help: Option<String>,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// A second place that explains the first, with what to say there.
    pub related: Option<(Range<usize>, String)>,
}

impl Diagnostic {
    /// A problem at a place of the text.
    #[must_use]
    pub fn error(id: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            id,
            severity: Severity::Error,
            path: String::new(),
            message: message.into(),
            why: None,
            help: None,
            span,
            related: None,
        }
    }

    #[must_use]
    pub fn with_path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    #[must_use]
    pub fn with_why(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }
}
