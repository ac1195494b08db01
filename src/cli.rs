//! The command line: the only place that prints.

mod changed;
mod completions;
mod diff;
mod explain;
pub mod files;
pub mod git;
mod init;
mod inputs;
mod krm;
mod man;
mod progress;
mod rehearse;
mod render;
mod resolve;
mod streams;
mod validate;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anstream::{AutoStream, ColorChoice};
use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use self::streams::{Streams, Verbosity};
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
    /// Only say what is wrong: no notes, no warnings, no closing lines
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Name every file, and every change however harmless
    #[arg(short, long, global = true)]
    verbose: bool,
    /// How much is done at the same time [default: as much as there are cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

const AFTER_HELP: &str = "PATH is a spec, a directory (every spec below it), a glob in quotes, or - for stdin.

Exit codes: 0 done · 1 the answer is no (errors in a spec, drift, files edited by hand, --fail-on) · 2 it could not run

Examples:
  redisforge init
  redisforge validate specs/
  redisforge render shop.yaml
  redisforge render specs/ --check
  redisforge render shop.yaml -o - | kubectl apply -f -
  redisforge render shop.yaml --for-import >shop-dashboard.json
  redisforge resolve shop.yaml --show-origin
  redisforge diff specs/ --against git:origin/main...
  redisforge rehearse shop.yaml --drill master-killed planned-stop";

#[derive(Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Scaffold a repository of specs, or add an environment to it; overwrites nothing
    Init(init::Options),
    /// Show every finding of every spec
    Validate {
        /// Specs, directories, globs, or - for stdin
        #[arg(required = true, value_hint = ValueHint::AnyPath)]
        path: Vec<String>,
        /// Only the specs that changed since a revision of git, also by a file that they are based on (main... is where this
        /// branch left main)
        #[arg(long, value_name = "REF")]
        changed_since: Option<String>,
        /// How findings are written
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// Write the files of every spec
    Render {
        /// Specs, directories, globs, or - for stdin
        #[arg(required = true, value_hint = ValueHint::AnyPath)]
        path: Vec<String>,
        /// Directory to write to, or - for the Kubernetes objects on stdout [default: rendered/NAME]
        #[arg(short, long, value_hint = ValueHint::DirPath)]
        output: Option<PathBuf>,
        /// Write nothing; exit with 1 if the directory is not what would be written
        #[arg(long)]
        check: bool,
        /// Replace files that were edited by hand
        #[arg(long)]
        overwrite_edited: bool,
        /// Remove what was rendered for specs that are gone; PATH must be the directories of all specs
        #[arg(long, conflicts_with = "check")]
        prune: bool,
        /// Only the specs that changed since a revision of git, also by a file that they are based on (main... is where this
        /// branch left main)
        #[arg(long, value_name = "REF")]
        changed_since: Option<String>,
        /// Only print the dashboard of one spec, as Grafana's import page wants it; write nothing
        #[arg(long, conflicts_with_all = ["output", "check", "overwrite_edited", "prune"])]
        for_import: bool,
        /// How findings are written
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// Render as a KRM function: a ResourceList on stdin, the same with the Kubernetes objects on stdout
    ///
    /// Specs are the functionConfig, or items, of our apiVersion. Findings become results; with an error nothing is rendered
    /// and the exit code is 1.
    Krm,
    /// Show the spec that takes effect, with what it is based on and all defaults
    Resolve {
        /// Specs, directories, globs, or - for stdin
        #[arg(required = true)]
        path: Vec<String>,
        /// Say behind each value where it is written, or that it is a default and why
        #[arg(long)]
        show_origin: bool,
    },
    /// Show what changes, and what that does to running Redis
    Diff(diff::Options),
    /// Run the rendered configuration as local processes, and drill failures on it
    Rehearse(rehearse::Options),
    /// Explain a field (spec.sentinel.quorum), the id of a finding (even-sentinel-instances) or an impact (failover)
    Explain {
        /// Path of a field, id of a finding, or an impact
        what: String,
    },
    /// Print the JSON Schema of a spec, for editors
    Schema,
    /// Print what makes a shell complete commands, options and paths
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page of a command, or write those of all
    Man {
        /// The command [default: redisforge itself]
        #[arg(conflicts_with = "output")]
        command: Option<String>,
        /// Directory to write a page for each command to
        #[arg(short, long, value_hint = ValueHint::DirPath)]
        output: Option<PathBuf>,
    },
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
        verbosity: match (arguments.quiet, arguments.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
    };
    if let Some(jobs) = arguments.jobs {
        // Fails only where a pool is there already, and nothing made one.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build_global();
    }
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
        Command::Init(options) => init::init(options, streams),
        Command::Validate { path, changed_since, format } => {
            validate::validate(path, changed_since.as_deref(), *format, streams)
        }
        Command::Render {
            path,
            output,
            check,
            overwrite_edited,
            prune,
            changed_since,
            for_import,
            format,
        } => {
            let options = render::Options {
                output: output.as_deref(),
                check: *check,
                overwrite_edited: *overwrite_edited,
                prune: *prune,
                changed_since: changed_since.as_deref(),
                for_import: *for_import,
                format: *format,
            };
            render::render(path, &options, streams)
        }
        Command::Krm => krm::krm(streams),
        Command::Resolve { path, show_origin } => resolve::resolve(path, *show_origin, streams),
        Command::Diff(options) => diff::diff(options, streams),
        Command::Rehearse(options) => rehearse::rehearse(options, streams),
        Command::Explain { what } => explain::explain(what, streams),
        Command::Schema => {
            writeln!(streams.stdout, "{:#}", schema::file_schema())?;
            Ok(CLEAN)
        }
        Command::Completions { shell } => {
            completions::completions(*shell, Arguments::command(), streams)
        }
        Command::Man { command, output } => {
            man::man(Arguments::command(), command.as_deref(), output.as_deref(), streams)
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
