//! `redisforge man`: the command line as manual pages.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use clap::Command;
use clap_mangen::Man;

use super::{CLEAN, Streams};

pub fn man(
    mut program: Command,
    wanted: Option<&str>,
    output: Option<&Path>,
    streams: &mut Streams,
) -> Result<u8> {
    // Gives the commands their full names and the options that all have.
    program.build();
    if let Some(directory) = output {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        for (name, page) in pages(&program)? {
            let file = directory.join(format!("{name}.1"));
            fs::write(&file, page).with_context(|| format!("cannot write {}", file.display()))?;
            streams.detail(&format!("written {}", file.display()))?;
        }
        return Ok(CLEAN);
    }
    let name = wanted.map_or("redisforge".into(), |wanted| format!("redisforge-{wanted}"));
    let pages = pages(&program)?;
    let Some((_, page)) = pages.into_iter().find(|(known, _)| *known == name) else {
        bail!("no command is called {}; see `redisforge help`", wanted.unwrap_or_default());
    };
    streams.stdout.write_all(&page)?;
    Ok(CLEAN)
}

/// Every page by its name.
fn pages(program: &Command) -> Result<Vec<(String, Vec<u8>)>> {
    let shown = program
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help");
    let source = format!("redisforge {}", env!("CARGO_PKG_VERSION"));
    let mut pages = Vec::new();
    for command in std::iter::once(program).chain(shown) {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_string();
        let mut page = Vec::new();
        Man::new(command.clone()).source(&source).render(&mut page)?;
        pages.push((name, page));
    }
    Ok(pages)
}
