//! From bytes to sources.

use std::{
    io::{self, IsTerminal, Read as _},
    path::Path,
};

use anyhow::{Context, Result, bail};

use crate::{
    diagnostic::Diagnostic,
    load::FATAL,
    source::{Kind, MAXIMUM_BYTES, Node, Source},
};

/// What a spec below a directory is known by, also one with a misspelt `kind`.
pub const GROUP: &str = "redisforge.dev/";

/// What reading a file gave.
pub type Read = (Source, Vec<Diagnostic>);

/// Whether its `apiVersion` is ours. Where the text cannot be read to its end, whatever looks like that counts.
pub fn is_spec((source, diagnostics): &Read) -> bool {
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

/// Reads the spec on stdin.
pub fn stdin() -> Result<Read> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        bail!("cannot read a spec from a terminal; pipe one in or name a file");
    }
    let mut bytes = Vec::new();
    stdin.lock().take(limit()).read_to_end(&mut bytes).context("cannot read stdin")?;
    Ok(source("stdin", bytes))
}

/// One byte more than a spec may have tells that it has too many.
pub fn limit() -> u64 {
    MAXIMUM_BYTES as u64 + 1
}

/// Reads a file, shown with what comes before its name.
pub fn of_file(prefix: &str, file: &Path, bytes: Vec<u8>) -> Read {
    let name = file.strip_prefix("./").unwrap_or(file).display();
    source(&format!("{prefix}{name}"), bytes)
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
        let large = Diagnostic::error("too-large", 0..0, message);
        let help = "leave out what is not part of the spec, or split the topology into several";
        return (Source::unreadable(name, text), vec![large.with_help(help)]);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Source::read(name, text),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let message = format!("byte {:#04x} is not UTF-8 text", error.as_bytes()[end]);
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let foreign = Diagnostic::error("not-text", end..end, message);
            let help = "write the spec as YAML in UTF-8";
            (Source::unreadable(name, text), vec![foreign.with_help(help)])
        }
    }
}
