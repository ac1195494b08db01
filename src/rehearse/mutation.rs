//! Rendered files that are broken on purpose.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A change of a rendered file, to see that a drill notices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    pub file: String,
    pub text: String,
    pub instead: String,
}

impl Mutation {
    /// Changes the file in the directory of a process, if it has one of this name.
    pub(super) fn apply(&self, directory: &Path) -> Result<()> {
        let file = directory.join(&self.file);
        let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
        if !text.contains(&self.text) {
            bail!("{} has no {:?}", self.file, self.text);
        }
        fs::write(&file, text.replace(&self.text, &self.instead))
            .with_context(|| format!("cannot write {}", file.display()))
    }
}
