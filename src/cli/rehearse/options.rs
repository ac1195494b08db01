//! What a rehearsal can be told.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::Args;

use crate::{
    cli::{CLEAN, Streams},
    rehearse::{
        drills::{DRILLS, Drill},
        report::Format,
    },
    schema::closest,
};

/// Every drill that fits the spec.
pub const ALL: &str = "all";

#[derive(Args, Clone)]
pub struct Options {
    /// A spec, or - for stdin
    pub path: Option<String>,
    /// Drills to run, by name or number; `all` for every one that fits the spec
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',', default_value = "master-killed")]
    pub drill: Vec<String>,
    /// Show the drills, and what each does
    #[arg(long)]
    pub list: bool,
    /// How often each drill is run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub runs: u32,
    /// Random orders in each run of the drill all-killed
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub orders: u16,
    /// Drills at the same time, each on a set of its own [default: two more than there are cores, at most 6]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,
    /// Run the drills one after the other on one set, leave it running, and say how to reach it
    #[arg(long)]
    pub keep: bool,
    /// The server to run, instead of the one on the PATH
    #[arg(long, value_name = "PATH")]
    pub redis_server: Option<PathBuf>,
    /// Multiply the timings of the spec and of the scripts, to be done sooner: less like production
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = scale)]
    pub time_scale: f64,
    /// Loopback addresses only, without namespaces
    #[arg(long)]
    pub loopback: bool,
    /// How the report is written
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// Break rendered files as this JSON file says, to see that the drills notice
    #[arg(long, hide = true, value_name = "FILE")]
    pub mutations: Option<PathBuf>,
    /// This process runs the drills itself
    #[arg(long, hide = true)]
    pub lane: bool,
    /// The process whose namespaces this one is in
    #[arg(long, hide = true, value_name = "PID", requires = "lane")]
    pub entry: Option<u32>,
    /// One of these namespaces is for users
    #[arg(long, hide = true, requires = "entry")]
    pub as_user: bool,
}

impl Options {
    /// `--drill` takes every word behind it, so a spec may be the last of them.
    #[must_use]
    pub fn with_path(mut self) -> Self {
        let is_spec = |word: &String| word == "-" || Path::new(word).exists();
        if self.path.is_none() && self.drill.len() > 1 && self.drill.last().is_some_and(is_spec) {
            self.path = self.drill.pop();
        }
        self
    }
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (0.1..=1.0).contains(&factor) => Ok(factor),
        _ => Err("write a number between 0.1 and 1".into()),
    }
}

/// The drills that were asked for, each once, in the order of the table.
pub fn chosen(names: &[String]) -> Result<Vec<&'static Drill>> {
    let is = |drill: &Drill, name: &String| drill.name == name || drill.number.to_string() == *name;
    for name in names.iter().filter(|name| *name != ALL) {
        if !DRILLS.iter().any(|drill| is(drill, name)) {
            let known: Vec<String> = DRILLS.iter().map(|drill| drill.name.to_string()).collect();
            match closest(name, &known) {
                Some(close) => bail!("no drill is called {name}; did you mean {close}?"),
                None => bail!("no drill is called {name}; `redisforge rehearse --list` shows them"),
            }
        }
    }
    let is_chosen = |drill: &&Drill| names.iter().any(|name| name == ALL || is(drill, name));
    Ok(DRILLS.iter().filter(is_chosen).collect())
}

/// Shows every drill, and what it does.
pub fn list(streams: &mut Streams) -> Result<u8> {
    for drill in DRILLS {
        writeln!(
            streams.stdout,
            "{:2} {}\n     does   {}\n     holds  {}",
            drill.number, drill.name, drill.does, drill.holds
        )?;
    }
    Ok(CLEAN)
}
