//! `redisforge diff`: what changes, and what that does to running Redis.

mod human;
mod json;
mod markdown;
mod report;
mod sides;
mod text;
mod unified;

use std::{io::Write, path::Path};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

pub use self::report::word;
use self::{
    report::{Report, counted},
    sides::{with_directories, with_topologies},
};
use super::{
    CLEAN, FAILED, FINDINGS, Streams,
    files::Disk,
    git::Revision,
    inputs::{self, Inputs, Place},
    render,
    streams::Verbosity,
};
use crate::{
    impact::Impact,
    load::{self, Loaded},
    output::LOCK,
    report as findings,
    templates::Templates,
    topology::Topology,
};

/// What GitHub takes as a comment, with room for a line or two around it.
const COMMENT: &str = "65000";

#[derive(Args)]
pub struct Options {
    /// Specs, directories, globs, or - for stdin. Below directories, topologies without a spec count as gone
    #[arg(required = true)]
    path: Vec<String>,
    /// Directory that holds rendered files, or git:REF for the specs at a revision (git:main... is where this branch left main)
    /// [default: rendered/NAME]
    #[arg(long, value_name = "DIR|git:REF")]
    against: Option<String>,
    /// How changes are written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Exit with 1 if a change has this impact or a worse one
    #[arg(long, value_enum, value_name = "IMPACT")]
    fail_on: Option<Impact>,
    /// Exit with 1 if anything changes
    #[arg(long)]
    exit_code: bool,
    /// Print the steps of what must be done by hand
    #[arg(long)]
    runbook: bool,
    /// Most bytes of a markdown report; details go first, then the mildest changes
    #[arg(long, default_value = COMMENT, value_parser = clap::value_parser!(u32).range(2000..))]
    max_bytes: u32,
}

/// How changes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Worst first, for people
    Human,
    /// Unified diffs of the files, worst first
    Unified,
    /// One JSON document
    Json,
    /// For the comment of a pull request
    Markdown,
}

pub fn diff(options: &Options, streams: &mut Streams) -> Result<u8> {
    let reference = options.against.as_deref().and_then(|against| against.strip_prefix("git:"));
    let revision = match reference {
        Some(name) => Some(Revision::of(&options.path, name)?),
        None => None,
    };
    let place = Place { files: &Disk, prefix: String::new(), may_lack: revision.is_some() };
    let inputs = inputs::read_at(&place, &options.path, &mut streams.stderr)?;
    let (is_single, missing) = (inputs.is_single, inputs.missing.clone());
    let now = match topologies(inputs, true, streams)? {
        Ok(topologies) => topologies,
        Err(code) => return Ok(code),
    };
    let templates = Templates::parse();
    let topologies = if let Some(revision) = &revision {
        let prefix = format!("git:{}:", revision.name);
        let place = Place { files: revision, prefix, may_lack: true };
        let inputs = inputs::read_at(&place, &options.path, &mut streams.stderr)?;
        if let Some(path) = missing.iter().find(|path| inputs.missing.contains(path)) {
            bail!("cannot read {path}: no spec is there, and none was at git:{}", revision.name);
        }
        match topologies(inputs, false, streams)? {
            Ok(before) => with_topologies(now, before, &templates)?,
            Err(code) => {
                let advice = "compare with a revision whose specs have no errors, or with the committed files (without --against)";
                let told = format!("cannot tell what git:{} renders; {advice}", revision.name);
                streams.insist(&told)?;
                return Ok(code);
            }
        }
    } else {
        let against = options.against.as_deref().map(Path::new);
        if let Some(against) = against {
            fits(against, &now, is_single)?;
        }
        let directory = |name: &str| render::directory(name, against, is_single);
        let are_folders = options.path.iter().all(|path| Path::new(path).is_dir());
        let root = against.unwrap_or(Path::new(render::RENDERED));
        with_directories(now, directory, are_folders.then_some(root), &templates)?
    };
    if topologies.is_empty() {
        return Err(inputs::only_bases(&options.path));
    }
    let against = options.against.clone().unwrap_or_else(|| render::RENDERED.into());
    let report = Report { against, topologies };
    write(&report, options, streams)?;
    verdict(&report, options, streams)
}

/// Whether a directory is what the paths are to be compared with: that of the one topology, or that of all of them. In another
/// one everything would seem to be new, and nothing dangerous.
fn fits(against: &Path, now: &[Topology], is_single: bool) -> Result<()> {
    let shown = against.display();
    let holds = |directory: &Path| directory.join(LOCK).is_file();
    if !against.exists() {
        bail!("cannot compare with {shown}: it does not exist");
    }
    if !against.is_dir() {
        bail!("cannot compare with {shown}: it is not a directory");
    }
    if !is_single && holds(against) {
        bail!(
            "cannot compare several specs with {shown}: it holds one topology; name the file of its spec, or the directory above"
        );
    }
    let own = now.first().map(|topology| against.join(&topology.name));
    if let Some(own) = own.filter(|own| is_single && !holds(against) && holds(own)) {
        bail!("cannot compare one spec with {shown}: it holds several; write {}", own.display());
    }
    Ok(())
}

fn write(report: &Report, options: &Options, streams: &mut Streams) -> Result<()> {
    let everything = streams.verbosity == Verbosity::Verbose;
    let output = &mut streams.stdout;
    match options.format {
        Format::Human => {
            let shown = human::Shown { runbook: options.runbook, everything };
            human::write(report, &shown, output)?;
        }
        Format::Unified => unified::write(report, output)?,
        Format::Json => json::write(report, output)?,
        Format::Markdown => {
            let budget = usize::try_from(options.max_bytes).unwrap_or(usize::MAX);
            let text = markdown::text(report, options.runbook, everything, budget);
            output.write_all(text.as_bytes())?;
        }
    }
    output.flush()?;
    Ok(())
}

fn verdict(report: &Report, options: &Options, streams: &mut Streams) -> Result<u8> {
    streams.tell(&report.summary())?;
    let highest = report.highest_impact();
    let runbooks = report.changed().flat_map(|compared| &compared.effects);
    let runbooks = runbooks.filter(|effect| !effect.runbook.is_empty()).count();
    if runbooks > 0 && !options.runbook && options.format == Format::Human {
        streams.tell(&format!("--runbook prints the steps of {}", counted(runbooks, "change")))?;
    }
    if let (Some(limit), Some(highest)) = (options.fail_on, highest)
        && highest >= limit
    {
        streams.insist(&format!("refused: {} (--fail-on {})", word(highest), word(limit)))?;
        return Ok(FINDINGS);
    }
    Ok(if options.exit_code && report.is_changed() { FINDINGS } else { CLEAN })
}

/// The topologies of one side, or the exit code if there are none to compare.
fn topologies(
    inputs: Inputs,
    is_now: bool,
    streams: &mut Streams,
) -> Result<Result<Vec<Topology>, u8>> {
    let is_incomplete = inputs.is_incomplete;
    let mut loaded = load::load(inputs.sources);
    let has_errors = loaded.iter().any(Loaded::has_errors);
    streams.sift(findings::Format::Human, &mut loaded);
    // What was wrong before is of no use now, unless nothing can be compared for it.
    if is_now || has_errors {
        findings::write(findings::Format::Human, &loaded, &mut streams.stderr)?;
    }
    if is_incomplete {
        return Ok(Err(FAILED));
    }
    if has_errors {
        let found = findings::summary(&loaded).unwrap_or_default();
        streams.insist(&format!("{found}; nothing was compared"))?;
        return Ok(Err(FINDINGS));
    }
    let specs = loaded.iter_mut().filter_map(|loaded| loaded.spec.take());
    Ok(Ok(specs.map(Topology::from).collect()))
}
