//! `redisforge resolve`: what takes effect, and where it comes from.

use std::io::Write;

use anyhow::Result;

use super::{CLEAN, FAILED, FINDINGS, Streams, inputs};
use crate::{
    load::{self, Loaded},
    report::{self, Format},
    resolve,
};

pub fn resolve(paths: &[String], with_origins: bool, streams: &mut Streams) -> Result<u8> {
    let inputs = inputs::read(paths, &mut streams.stderr)?;
    let loaded = load::load(inputs.sources);
    if inputs.is_incomplete || loaded.iter().any(Loaded::has_errors) {
        report::write(Format::Human, &loaded, &mut streams.stderr)?;
        if let Some(found) = report::summary(&loaded) {
            streams.tell(&format!("{found}; nothing was resolved"))?;
        }
        return Ok(if inputs.is_incomplete { FAILED } else { FINDINGS });
    }
    let resolved: Vec<String> =
        loaded.iter().filter_map(|loaded| resolve::resolve(loaded, with_origins)).collect();
    if resolved.is_empty() {
        return Err(inputs::only_bases(paths));
    }
    write!(streams.stdout, "{}", resolved.join("---\n"))?;
    Ok(CLEAN)
}
