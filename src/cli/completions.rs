//! `redisforge completions`: what a shell needs to complete the command line.

use anyhow::Result;
use clap::Command;
use clap_complete::Shell;

use super::{CLEAN, Streams};

pub fn completions(shell: Shell, mut program: Command, streams: &mut Streams) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "redisforge", &mut script);
    streams.stdout.write_all(&script)?;
    Ok(CLEAN)
}
