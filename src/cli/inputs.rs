//! From PATH arguments to sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, IsTerminal, Read as _, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Error, Result, bail};
use walkdir::WalkDir;

use crate::{
    diagnostic::{Diagnostic, Severity},
    load::FATAL,
    source::{Kind, MAXIMUM_BYTES, Node, Source},
};

/// What a spec below a directory is known by, also one with a misspelt `kind`.
const GROUP: &str = "redisforge.dev/";

/// The sources of a run, each with what reading it found.
pub struct Inputs {
    pub sources: Vec<Read>,
    /// Whether some could not be read; they are told already.
    pub is_incomplete: bool,
    /// Whether the user named one file, not a set.
    pub is_single: bool,
}

/// What reading a file gave.
type Read = (Source, Vec<Diagnostic>);

/// Reads everything that the arguments name, each file once.
pub fn read(paths: &[String], stderr: &mut dyn Write) -> Result<Inputs> {
    let mut sources = Vec::new();
    match paths.iter().filter(|path| *path == "-").count() {
        0 => {}
        1 => sources.push(stdin()?),
        _ => bail!("`-` is given more than once; stdin can be read only once"),
    }
    let mut reader = Reader::default();
    for path in paths.iter().filter(|path| *path != "-") {
        if let Err(error) = reader.path(path) {
            reader.errors.push(error);
        }
    }
    for error in &reader.errors {
        writeln!(stderr, "error: {error:#}")?;
    }
    let is_incomplete = !reader.errors.is_empty();
    sources.extend(reader.files.into_values());
    let is_single = sources.len() == 1 && paths.len() == 1 && !Path::new(&paths[0]).is_dir();
    Ok(Inputs { sources, is_incomplete, is_single })
}

/// The files that were read so far.
#[derive(Default)]
struct Reader {
    /// By the name under which each was met first.
    files: BTreeMap<PathBuf, Read>,
    /// The same file may have many names.
    seen: BTreeSet<PathBuf>,
    errors: Vec<Error>,
}

impl Reader {
    fn path(&mut self, path: &str) -> Result<()> {
        let file = PathBuf::from(path);
        if file.is_dir() {
            return self.below(&file);
        }
        let files = if file.exists() || !path.contains(['*', '?', '[']) {
            vec![file]
        } else {
            matches(path)?
        };
        for file in files {
            if let Err(error) = self.file(&file, |_| true) {
                self.errors.push(error);
            }
        }
        Ok(())
    }

    /// Reads a file unless it was read, and keeps it if it is wanted. False if it is not.
    fn file(&mut self, file: &Path, is_wanted: fn(&Read) -> bool) -> Result<bool> {
        let identity = file.canonicalize().unwrap_or_else(|_| file.into());
        if self.seen.contains(&identity) {
            return Ok(true);
        }
        let name = file.strip_prefix("./").unwrap_or(file).display().to_string();
        let read = source(&name, bytes(file)?);
        if !is_wanted(&read) {
            return Ok(false);
        }
        self.seen.insert(identity);
        self.files.insert(file.into(), read);
        Ok(true)
    }

    /// Every spec below a directory. Links to files are followed, links to directories are not: they may lead in a circle.
    fn below(&mut self, directory: &Path) -> Result<()> {
        let mut is_empty = true;
        for entry in WalkDir::new(directory).sort_by_file_name() {
            let entry = entry.with_context(|| format!("cannot read {}", directory.display()))?;
            let path = entry.path();
            let is_yaml =
                path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
            if !is_yaml || !path.is_file() {
                continue;
            }
            match self.file(path, is_spec) {
                Ok(is_spec) => is_empty &= !is_spec,
                Err(error) => {
                    self.errors.push(error);
                    is_empty = false;
                }
            }
        }
        if is_empty {
            bail!(
                "no spec below {}: none of its YAML files has an apiVersion that starts with {GROUP}",
                directory.display()
            );
        }
        Ok(())
    }
}

/// The files that fit a glob.
fn matches(path: &str) -> Result<Vec<PathBuf>> {
    let matches = glob::glob(path).with_context(|| format!("cannot read the glob {path}"))?;
    let files: Vec<PathBuf> =
        matches.filter_map(Result::ok).filter(|file| file.is_file()).collect();
    if files.is_empty() {
        bail!("no file fits {path}");
    }
    Ok(files)
}

/// Whether its `apiVersion` is ours. Where the text cannot be read to its end, whatever looks like that counts.
fn is_spec((source, diagnostics): &Read) -> bool {
    let is_ours = |value: &Node| match &value.kind {
        Kind::Scalar(value) => value.as_str().is_some_and(|value| value.starts_with(GROUP)),
        _ => false,
    };
    let is_broken = diagnostics.iter().any(|found| FATAL.contains(&found.id));
    source.root.get("apiVersion").is_some_and(is_ours) || is_broken && looks_like_ours(&source.text)
}

fn looks_like_ours(text: &str) -> bool {
    text.split("apiVersion")
        .skip(1)
        .any(|after| after.trim_start_matches([' ', ':', '"', '\'']).starts_with(GROUP))
}

fn stdin() -> Result<Read> {
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

fn source(name: &str, mut bytes: Vec<u8>) -> Read {
    // Some editors write a byte order mark, which no editor counts as a column.
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(.."\u{feff}".len());
    }
    if bytes.len() > MAXIMUM_BYTES {
        let message =
            format!("the file is larger than {} KiB; a spec is a page or two", MAXIMUM_BYTES >> 10);
        let text = String::from_utf8_lossy(&bytes[..MAXIMUM_BYTES]).into_owned();
        let large = unreadable("too-large", message, 0);
        let help = "leave out what is not part of the spec, or split the topology into several";
        return (Source::unreadable(name, text), vec![large.with_help(help)]);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Source::read(name, text),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let message = format!("byte {:#04x} is not UTF-8 text", error.as_bytes()[end]);
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let foreign = unreadable("not-text", message, end);
            let help = "write the spec as YAML in UTF-8";
            (Source::unreadable(name, text), vec![foreign.with_help(help)])
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
        help: None,
        span: at..at,
        related: None,
    }
}
