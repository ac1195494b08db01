//! From PATH arguments to sources.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use crate::{
    diagnostic::{Diagnostic, Severity},
    source::{MAXIMUM_BYTES, Source},
};

/// What a spec below a directory is known by, also one with a misspelt `kind`.
const GROUP: &str = "redisforge.dev/";

/// The sources of a run, each with what reading it found.
pub struct Inputs {
    pub sources: Vec<(Source, Vec<Diagnostic>)>,
    /// Whether some could not be read; they are told already.
    pub is_incomplete: bool,
    /// Whether the user named one file, not a set.
    pub is_single: bool,
}

/// Reads everything that the arguments name.
pub fn read(paths: &[String], stderr: &mut dyn Write) -> Result<Inputs> {
    let mut inputs = Inputs { sources: Vec::new(), is_incomplete: false, is_single: false };
    let mut named = BTreeSet::new();
    for path in paths {
        if path == "-" {
            inputs.sources.push(stdin()?);
            continue;
        }
        match expand(path) {
            Ok(files) => named.extend(files),
            Err(error) => {
                writeln!(stderr, "error: {error:#}")?;
                inputs.is_incomplete = true;
            }
        }
    }
    for file in &named {
        match read_file(file) {
            Ok(source) => inputs.sources.push(source),
            Err(error) => {
                writeln!(stderr, "error: {error:#}")?;
                inputs.is_incomplete = true;
            }
        }
    }
    inputs.is_single =
        inputs.sources.len() == 1 && paths.len() == 1 && !Path::new(&paths[0]).is_dir();
    Ok(inputs)
}

fn expand(path: &str) -> Result<Vec<PathBuf>> {
    let file = PathBuf::from(path);
    if file.is_dir() {
        return below(&file);
    }
    if file.exists() || !path.contains(['*', '?', '[']) {
        return Ok(vec![file]);
    }
    let matches = glob::glob(path).with_context(|| format!("cannot read the glob {path}"))?;
    let files: Vec<PathBuf> =
        matches.filter_map(Result::ok).filter(|file| file.is_file()).collect();
    if files.is_empty() {
        bail!("no file fits {path}");
    }
    Ok(files)
}

/// Every spec below a directory.
fn below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(directory).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot read {}", directory.display()))?;
        let is_yaml = entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_yaml && entry.file_type().is_file() && is_spec(entry.path())? {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        bail!(
            "no spec below {}: none of its YAML files has an apiVersion that starts with {GROUP}",
            directory.display()
        );
    }
    Ok(files)
}

fn is_spec(file: &Path) -> Result<bool> {
    let bytes = bytes(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let names_us = |line: &str| {
        let value = line
            .strip_prefix("apiVersion")
            .map(|rest| rest.trim_start_matches([' ', ':', '"', '\'']));
        value.is_some_and(|value| value.starts_with(GROUP))
    };
    Ok(text.lines().any(names_us))
}

fn read_file(file: &Path) -> Result<(Source, Vec<Diagnostic>)> {
    let name = file.strip_prefix("./").unwrap_or(file).display().to_string();
    Ok(source(&name, bytes(file)?))
}

fn stdin() -> Result<(Source, Vec<Diagnostic>)> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        bail!("cannot read a spec from a terminal; pipe one in or name a file");
    }
    let mut bytes = Vec::new();
    stdin.lock().take(limit()).read_to_end(&mut bytes).context("cannot read stdin")?;
    Ok(source("stdin", bytes))
}

fn bytes(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut read = || File::open(file)?.take(limit()).read_to_end(&mut bytes);
    read().with_context(|| format!("cannot read {}", file.display()))?;
    Ok(bytes)
}

/// One byte more than a spec may have tells that it has too many.
fn limit() -> u64 {
    MAXIMUM_BYTES as u64 + 1
}

fn source(name: &str, bytes: Vec<u8>) -> (Source, Vec<Diagnostic>) {
    if bytes.len() > MAXIMUM_BYTES {
        let message =
            format!("the file is larger than {} KiB; a spec is a page or two", MAXIMUM_BYTES >> 10);
        return (
            Source::unreadable(name, String::new()),
            vec![unreadable("too-large", message, 0)],
        );
    }
    match String::from_utf8(bytes) {
        Ok(text) => Source::read(name, text),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let message = format!("byte {:#04x} is not UTF-8 text", bytes[end]);
            let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
            (Source::unreadable(name, text), vec![unreadable("not-text", message, end)])
        }
    }
}

fn unreadable(id: &'static str, message: String, at: usize) -> Diagnostic {
    Diagnostic {
        id,
        severity: Severity::Error,
        path: String::new(),
        message,
        why: None,
        help: Some("write the spec as YAML in UTF-8".into()),
        span: at..at,
        related: None,
    }
}
