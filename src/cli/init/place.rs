//! Puts a file where none is.

use std::{
    fs::{self, Permissions},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use anyhow::{Context, Result};

use super::scaffold::File;

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Created,
    /// It is there as it would be written.
    Same,
    /// It differs, but holds the line that matters.
    Enough,
    /// It is a spec, which its owner changes.
    Yours,
    /// It is there and says something else.
    Differs,
}

pub fn place(file: &File, root: &Path) -> Result<Outcome> {
    let path = root.join(&file.path);
    match fs::read(&path) {
        Ok(present) => return Ok(compared(file, &present)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        // A directory, or a file that only others may read: in any case not ours to replace.
        Err(_) if path.exists() => return Ok(Outcome::Differs),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    write(file, &path).with_context(|| format!("cannot write {}", path.display()))
}

fn compared(file: &File, present: &[u8]) -> Outcome {
    let holds = |line: &str| String::from_utf8_lossy(present).contains(line);
    if present == file.content.as_bytes() {
        Outcome::Same
    } else if file.is_spec {
        Outcome::Yours
    } else if file.enough.is_some_and(holds) {
        Outcome::Enough
    } else {
        Outcome::Differs
    }
}

/// Whole or not at all, and never over something that appeared meanwhile.
fn write(file: &File, path: &Path) -> io::Result<Outcome> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let mut staged = tempfile::NamedTempFile::new_in(parent)?;
    staged.write_all(file.content.as_bytes())?;
    staged.as_file().set_permissions(Permissions::from_mode(file.mode))?;
    match staged.persist_noclobber(path) {
        Ok(_) => Ok(Outcome::Created),
        Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(Outcome::Differs)
        }
        Err(failure) => Err(failure.error),
    }
}
