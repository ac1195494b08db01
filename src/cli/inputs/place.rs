//! Where paths lead: to the disk, or to a revision.

use std::path::{Path, PathBuf};

use super::text::{self, Read};
use crate::cli::files::{Disk, Files};

/// Where paths lead.
pub struct Place<'a> {
    pub files: &'a dyn Files,
    /// What comes before the name of a file when it is shown.
    pub prefix: String,
    /// Whether there may be nothing at a path.
    pub may_lack: bool,
}

impl Place<'_> {
    /// The disk, where something must be at every path.
    pub(super) fn here() -> Self {
        Self { files: &Disk, prefix: String::new(), may_lack: false }
    }

    /// The one name of a file, whatever path leads to it.
    pub(super) fn identity(&self, file: &Path) -> PathBuf {
        self.files.identity(file).unwrap_or_else(|| file.into())
    }

    /// What the bytes of a file say.
    pub fn read(&self, file: &Path, bytes: Vec<u8>) -> Read {
        text::of_file(&self.prefix, file, bytes)
    }
}
