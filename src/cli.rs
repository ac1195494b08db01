//! The command line: the only place that prints.

mod explain;
mod inputs;
mod render;
mod validate;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anstream::{AutoStream, ColorChoice};
use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

use crate::{report::Format, schema};

/// Done, nothing to report.
const CLEAN: u8 = 0;
/// The answer is no: errors in a spec, drift, a file edited by hand.
const FINDINGS: u8 = 1;
/// It could not run.
const FAILED: u8 = 2;

/// Compiles a Redis Sentinel topology into configuration files and manifests.
#[derive(Parser)]
#[command(name = "redisforge", version, arg_required_else_help = true, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to colour what people read
    #[arg(long, global = true, value_enum, default_value = "auto")]
    color: Color,
}

const AFTER_HELP: &str = "PATH is a spec, a directory (every spec below it), a glob in quotes, or - for stdin.

Exit codes: 0 done · 1 the answer is no (errors in a spec, drift, files edited by hand) · 2 it could not run

Examples:
  redisforge validate specs/
  redisforge render shop.yaml
  redisforge render specs/ --check
  redisforge render shop.yaml -o - | kubectl apply -f -";

#[derive(Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Show every finding of every spec
    Validate {
        /// Specs, directories, globs, or - for stdin
        #[arg(required = true)]
        path: Vec<String>,
        /// How findings are written
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// Write the files of every spec
    Render {
        /// Specs, directories, globs, or - for stdin
        #[arg(required = true)]
        path: Vec<String>,
        /// Directory to write to, or - for the Kubernetes objects on stdout [default: rendered/NAME]
        #[arg(short, long)]
        output: Option<PathBuf>,
        /// Write nothing; exit with 1 if the directory is not what would be written
        #[arg(long)]
        check: bool,
        /// Replace files that were edited by hand
        #[arg(long)]
        overwrite_edited: bool,
        /// How findings are written
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// Explain a field (spec.sentinel.quorum) or the id of a finding (even-sentinel-instances)
    Explain {
        /// Path of a field, or id of a finding
        what: String,
    },
    /// Print the JSON Schema of a spec, for editors
    Schema,
}

/// Where a command prints.
struct Streams {
    stdout: Box<dyn Write>,
    stderr: Box<dyn Write>,
    /// Whether stderr takes words for people; beside a JSON document they would break it.
    has_prose: bool,
}

impl Streams {
    fn tell(&mut self, line: &str) -> Result<()> {
        if self.has_prose {
            writeln!(self.stderr, "{line}")?;
        }
        Ok(())
    }
}

/// Runs the program on the arguments of the process.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let choice = match arguments.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    let mut streams = Streams {
        stdout: Box::new(io::BufWriter::new(AutoStream::new(io::stdout(), choice))),
        stderr: Box::new(AutoStream::new(io::stderr(), choice)),
        has_prose: true,
    };
    let result = dispatch(&arguments.command, &mut streams).and_then(|code| {
        streams.stdout.flush()?;
        Ok(code)
    });
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::from(CLEAN),
        Err(error) => {
            let _ = writeln!(streams.stderr, "error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn dispatch(command: &Command, streams: &mut Streams) -> Result<u8> {
    match command {
        Command::Validate { path, format } => validate::validate(path, *format, streams),
        Command::Render { path, output, check, overwrite_edited, format } => {
            let options = render::Options {
                output: output.as_deref(),
                check: *check,
                overwrite_edited: *overwrite_edited,
                format: *format,
            };
            render::render(path, &options, streams)
        }
        Command::Explain { what } => explain::explain(what, streams),
        Command::Schema => {
            writeln!(streams.stdout, "{:#}", schema::json_schema())?;
            Ok(CLEAN)
        }
    }
}

/// Whoever read our output has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
