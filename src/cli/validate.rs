//! `redisforge validate`: the findings are the product.

use std::io::Write;

use anyhow::Result;

use super::{CLEAN, FAILED, FINDINGS, Streams, inputs};
use crate::{
    load::{self, Loaded},
    report::{self, Format},
};

pub fn validate(paths: &[String], format: Format, streams: &mut Streams) -> Result<u8> {
    let inputs = inputs::read(paths, &mut streams.stderr)?;
    let loaded = load::load(inputs.sources);
    report::write(format, &loaded, &mut streams.stdout)?;
    streams.stdout.flush()?;
    let files = loaded.len();
    let found = report::summary(&loaded).unwrap_or_else(|| "no findings".into());
    writeln!(streams.stderr, "{found} in {files} spec{}", if files == 1 { "" } else { "s" })?;
    Ok(if inputs.is_incomplete {
        FAILED
    } else if loaded.iter().any(Loaded::has_errors) {
        FINDINGS
    } else {
        CLEAN
    })
}
