//! `redisforge init`: a repository of specs, or one more environment in it. Safe to run again; it overwrites nothing.

mod answers;
mod place;
mod questions;
mod repository;
mod scaffold;

use std::{io::Write, path::PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum, ValueHint};

use self::{
    answers::{Answers, Host},
    place::Outcome,
    repository::Repository,
    scaffold::File,
};
use super::{CLEAN, FINDINGS, Streams};
use crate::{
    diagnostic::Severity,
    kubernetes_names::is_label,
    load::{self, Loaded},
    report::{self, Format},
    source::Source,
};

#[derive(Args)]
pub struct Options {
    /// Root of the repository
    #[arg(default_value = ".", value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: PathBuf,
    /// What is deployed; an environment of it is called NAME-ENV [default: the one there is, or the directory's name]
    #[arg(long, value_parser = label)]
    name: Option<String>,
    /// Environment to add [default: prod, if NAME is new]
    #[arg(long, value_parser = environment)]
    env: Option<String>,
    /// Environment or file that the new environment is based on [default: base.yaml beside it]
    #[arg(long, visible_alias = "from", value_name = "ENV|PATH")]
    based_on: Option<String>,
    /// Where it runs [default: that of the base, else kubernetes]
    #[arg(long, value_enum)]
    platform: Option<Platform>,
    /// A machine, for hosts; three or more
    #[arg(long, value_name = "NAME=ADDRESS", value_delimiter = ',')]
    host: Vec<Host>,
    /// Kubernetes namespace [default: whoever deploys chooses]
    #[arg(long, value_parser = label)]
    namespace: Option<String>,
    /// Continuous integration [default: what is there, else github]
    #[arg(long, value_enum)]
    ci: Option<Ci>,
    /// Ask nothing, also on a terminal
    #[arg(short, long)]
    yes: bool,
    /// Print what this file would be, and write nothing
    #[arg(long, value_name = "FILE")]
    print: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    Kubernetes,
    Hosts,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    Github,
    Gitlab,
    None,
}

pub fn init(options: &Options, streams: &mut Streams) -> Result<u8> {
    let repository = Repository::read(&options.directory)?;
    let answers = answers::of(options, &repository)?;
    let files = scaffold::files(&answers);
    if let Some(wanted) = &options.print {
        return print(wanted, &files, streams);
    }
    if let Some(addition) = &answers.addition {
        let name = format!("{}-{}", addition.name, addition.env);
        let whole = Source::read(&name, scaffold::whole(addition));
        let mut loaded = load::load(vec![whole]);
        if loaded.iter().any(Loaded::has_errors) {
            for loaded in &mut loaded {
                loaded.diagnostics.retain(|found| found.severity == Severity::Error);
            }
            report::write(Format::Human, &loaded, &mut streams.stderr)?;
            streams.insist("nothing was written")?;
            return Ok(FINDINGS);
        }
    }
    let mut outcomes = Vec::with_capacity(files.len());
    for file in &files {
        outcomes.push(place::place(file, &options.directory)?);
    }
    tell(&files, &outcomes, streams)?;
    next(options, &repository, &answers, &outcomes, streams)?;
    Ok(CLEAN)
}

fn print(wanted: &str, files: &[File], streams: &mut Streams) -> Result<u8> {
    let path = wanted.trim_start_matches("./");
    let Some(file) = files.iter().find(|file| file.path == path) else {
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        bail!("{wanted} is none of the files: {}", paths.join(", "));
    };
    write!(streams.stdout, "{}", file.content)?;
    Ok(CLEAN)
}

/// What was done with each file.
fn tell(files: &[File], outcomes: &[Outcome], streams: &mut Streams) -> Result<()> {
    for (File { path, .. }, outcome) in files.iter().zip(outcomes) {
        match outcome {
            Outcome::Created => streams.tell(&format!("created  {path}"))?,
            Outcome::Same => streams.detail(&format!("kept     {path}"))?,
            Outcome::Enough => {
                streams.detail(&format!("kept     {path} has what is needed"))?;
            }
            Outcome::Yours => streams.tell(&format!("kept     {path} is yours"))?,
            Outcome::Differs => streams.insist(&format!(
                "left     {path} is there and differs; see `redisforge init --print {path}`"
            ))?,
        }
    }
    Ok(())
}

/// What comes next.
fn next(
    options: &Options,
    repository: &Repository,
    answers: &Answers,
    outcomes: &[Outcome],
    streams: &mut Streams,
) -> Result<()> {
    if !outcomes.contains(&Outcome::Created) {
        return streams.tell(&format!("nothing to do: {} files are there", outcomes.len()));
    }
    let mut steps: Vec<String> = Vec::new();
    if options.directory.as_os_str() != "." {
        steps.push(format!("cd {}", options.directory.display()));
    }
    if repository.is_new {
        if repository.version_control.is_none() {
            steps.push("git init".into());
        }
        steps.push("git config core.hooksPath .githooks".into());
        steps.push(
            "redisforge render specs           # names the Secrets or files to create".into(),
        );
    } else {
        steps.push("redisforge render specs".into());
    }
    steps.push("git add -A && git commit".into());
    if repository.is_new && answers.ci != Ci::None {
        let variables = "REDISFORGE_URL and REDISFORGE_SHA256";
        steps.push(format!("# in the settings of CI: {variables}, see README.md"));
    }
    streams.tell(&format!("next:\n  {}", steps.join("\n  ")))
}

fn label(text: &str) -> Result<String, String> {
    if is_label(text) {
        Ok(text.into())
    } else {
        Err("write lower-case letters, digits and -, at most 63, and a letter or digit at both ends".into())
    }
}

fn environment(text: &str) -> Result<String, String> {
    match text {
        "base" => Err("base.yaml is what the environments share".into()),
        _ => label(text),
    }
}
