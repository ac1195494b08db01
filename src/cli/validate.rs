//! `redisforge validate`: the findings are the product.

use std::slice;

use anyhow::Result;

use super::{
    CLEAN, FAILED, FINDINGS, Streams, changed,
    git::Revision,
    inputs::{self, Then},
};
use crate::{
    load::{self, Loaded},
    report::{self, Format},
};

pub fn validate(
    paths: &[String],
    changed_since: Option<&str>,
    format: Format,
    streams: &mut Streams,
) -> Result<u8> {
    let revision = changed_since.map(|name| Revision::of(paths, name)).transpose()?;
    let inputs = inputs::judge_each(paths, Then::Report, streams)?;
    let mut loaded = load::together(inputs.sources);
    if let Some(revision) = &revision {
        changed::keep(&mut loaded, revision)?;
    }
    streams.sift(format, &mut loaded);
    inputs::recall(&mut loaded);
    report::write(format, &loaded, &mut streams.stdout)?;
    streams.stdout.flush()?;
    for loaded in &loaded {
        streams.detail(&format!("{}: {}", loaded.source.name, summary(slice::from_ref(loaded))))?;
    }
    let is_base = |loaded: &&Loaded| loaded.source.is_base();
    let bases = loaded.iter().filter(is_base).count();
    let mut files = count(loaded.len() - bases, "spec");
    if bases > 0 {
        files += &format!(" and {}", count(bases, "base"));
    }
    if let Some(name) = changed_since {
        files += &format!(" changed since {name}");
    }
    // Nothing was found in what could not be read, which says nothing.
    if !(loaded.is_empty() && inputs.is_incomplete) {
        streams.tell(&format!("{} in {files}", summary(&loaded)))?;
    }
    Ok(if inputs.is_incomplete {
        FAILED
    } else if loaded.iter().any(Loaded::has_errors) {
        FINDINGS
    } else {
        CLEAN
    })
}

fn summary(loaded: &[Loaded]) -> String {
    report::summary(loaded).unwrap_or_else(|| "no findings".into())
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
