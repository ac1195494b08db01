//! Where a command prints, and how much.

use std::io::Write;

use anyhow::Result;

use crate::{diagnostic::Severity, load::Loaded, report::Format};

/// How much is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

/// Where a command prints.
pub struct Streams {
    pub stdout: Box<dyn Write>,
    pub stderr: Box<dyn Write>,
    /// Whether stderr takes words for people; beside a JSON document they would break it.
    pub has_prose: bool,
    pub verbosity: Verbosity,
}

impl Streams {
    /// What is good to know.
    pub fn tell(&mut self, line: &str) -> Result<()> {
        if self.verbosity == Verbosity::Quiet { Ok(()) } else { self.insist(line) }
    }

    /// What has to be known: why the exit code is not 0.
    pub fn insist(&mut self, line: &str) -> Result<()> {
        if self.has_prose {
            writeln!(self.stderr, "{line}")?;
        }
        Ok(())
    }

    /// What only some want to know.
    pub fn detail(&mut self, line: &str) -> Result<()> {
        if self.verbosity == Verbosity::Verbose { self.insist(line) } else { Ok(()) }
    }

    /// Leaves out the findings that are not to be shown. A document stays whole.
    pub fn sift(&self, format: Format, loaded: &mut [Loaded]) {
        if self.verbosity == Verbosity::Quiet && !format.is_document() {
            for loaded in loaded {
                loaded.diagnostics.retain(|found| found.severity == Severity::Error);
            }
        }
    }
}
