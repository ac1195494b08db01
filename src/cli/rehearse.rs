//! `redisforge rehearse`: the rendered configuration as local processes, and drills on it.

mod options;

use std::{
    fs,
    io::{self, IsTerminal, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::Ordering,
    thread,
};

use anyhow::{Context, Result, bail};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

pub use options::Options;
use options::{ALL, chosen, list};

use super::{CLEAN, FAILED, FINDINGS, Streams, inputs};
use crate::{
    load::{self, Loaded},
    rehearse::{
        INTERRUPTED, Mutation, Rehearsal, Scope, differences,
        drills::Drill,
        engine::{self, Installed},
        ground::{self, Ground, Namespaces},
        lanes,
        report::{Report, Run, Verdict},
    },
    report,
    topology::Topology,
};

/// What a shell calls a program that Ctrl-C ended.
const INTERRUPTED_CODE: u8 = 130;

pub fn rehearse(options: &Options, streams: &mut Streams) -> Result<u8> {
    if options.list {
        return list(streams);
    }
    let options = &options.clone().with_path();
    let drills = chosen(&options.drill)?;
    let Some(path) = options.path.clone() else {
        bail!("no spec is named: `redisforge rehearse SPEC --drill NAME`");
    };
    let inputs = inputs::read(std::slice::from_ref(&path), &mut streams.stderr)?;
    if inputs.is_incomplete {
        return Ok(FAILED);
    }
    let own = inputs.sources.iter().filter(|(source, _)| !source.is_base());
    let texts: Vec<String> = own.map(|(source, _)| source.whole_text()).collect();
    let [text] = texts.as_slice() else {
        bail!("a rehearsal is of one spec, and {path} holds {}", texts.len());
    };
    let Some((topology, installed)) = topology(inputs.sources, options, streams)? else {
        return Ok(FINDINGS);
    };
    watch_signals()?;
    let done = if options.lane {
        run_here(topology, &installed, &drills, options, streams)
    } else {
        run_lanes(text, topology, &installed, &drills, options, streams)
    };
    match done {
        Err(_) if INTERRUPTED.load(Ordering::Relaxed) => {
            streams.tell("interrupted: everything is stopped")?;
            Ok(INTERRUPTED_CODE)
        }
        done => done,
    }
}

/// Starts a process for each drill, where it can make namespaces.
fn run_lanes(
    spec: &str,
    topology: Topology,
    installed: &Installed,
    drills: &[&'static Drill],
    options: &Options,
    streams: &mut Streams,
) -> Result<u8> {
    let ground =
        if options.loopback { None } else { note_missing(ground::in_namespaces(), streams)? };
    streams.tell(&format!("rehearses on {}", installed.title()))?;
    let kind = if ground.is_some() { Ground::Namespaces } else { Ground::Loopback };
    for difference in differences(topology, installed, kind, options.time_scale)? {
        streams.tell(&format!("not as in production: {difference}"))?;
    }
    let command = |drill: Option<&Drill>| lane_command(ground.as_ref(), options, drill);
    if options.keep {
        return keep_lane(command(None)?, spec);
    }
    let shows_progress = io::stderr().is_terminal();
    let ended = lanes::run(
        drills,
        options.runs,
        jobs(options),
        spec,
        |drill| command(Some(drill)),
        |report| {
            for run in report.runs.iter().filter(|_| shows_progress) {
                let _ =
                    streams.tell(&format!("{} {}: {}", run.number, run.drill, run.verdict.words()));
            }
        },
    );
    let report = Report::merged(ended.reports);
    if let Some(report) = &report {
        write!(streams.stdout, "{}", report.text(options.format))?;
    }
    if let Some(error) = ended.error {
        return Err(error);
    }
    let Some(report) = report else { bail!("no drill was chosen") };
    Ok(code(&report.runs, !options.drill.iter().any(|name| name == ALL)))
}

/// This program again, on a ground of its own: for one drill, or for all on a set that stays.
fn lane_command(
    ground: Option<&Namespaces>,
    options: &Options,
    drill: Option<&Drill>,
) -> Result<Command> {
    let mut command = match ground {
        Some(ground) => ground.command(),
        None => ground::on_loopback()?,
    };
    command.args(["rehearse", "-", "--lane", "--orders", &options.orders.to_string()]);
    command.args(["--time-scale", &options.time_scale.to_string()]);
    if ground.is_none() {
        command.arg("--loopback");
    }
    if let Some(server) = &options.redis_server {
        command.arg("--redis-server").arg(server);
    }
    if let Some(file) = &options.mutations {
        command.arg("--mutations").arg(file);
    }
    match drill {
        Some(drill) => command.args(["--drill", drill.name, "--format", "json"]),
        None => command.arg("--keep").arg("--drill").args(&options.drill),
    };
    Ok(command)
}

fn note_missing(ground: Result<Namespaces>, streams: &mut Streams) -> Result<Option<Namespaces>> {
    match ground {
        Ok(ground) => Ok(Some(ground)),
        Err(reason) => {
            streams.tell(&format!(
                "note: no namespaces on this machine, so loopback addresses: {reason:#}"
            ))?;
            Ok(None)
        }
    }
}

fn jobs(options: &Options) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    options.jobs.map_or((cores + 2).min(6), usize::from)
}

/// One set that stays, with the terminal for itself.
fn keep_lane(mut command: Command, spec: &str) -> Result<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot run setpriv; it is in the package util-linux")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(spec.as_bytes()).context("cannot hand the spec on")?;
    }
    let status = lanes::wait_or_end(&mut child)?;
    let by_signal = status.signal().map(|signal| 128 + signal);
    Ok(status.code().or(by_signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED))
}

/// Runs the drills in this process, one after the other on one set.
fn run_here(
    topology: Topology,
    installed: &Installed,
    drills: &[&'static Drill],
    options: &Options,
    streams: &mut Streams,
) -> Result<u8> {
    let ground = if options.entry.is_some() { Ground::Namespaces } else { Ground::Loopback };
    let scratch = ground.prepare()?;
    let scope = Scope { scale: options.time_scale, orders: options.orders.into() };
    let mut rehearsal = Rehearsal::new(topology, installed, ground, scope, scratch.path())?;
    if let Some(file) = &options.mutations {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mutations: Vec<Mutation> =
            serde_json::from_str(&text).context("cannot read the mutations")?;
        rehearsal.mutate(&mutations);
    }
    let runs = drills.iter().map(|drill| rehearsal.run(drill)).collect::<Result<Vec<Run>>>()?;
    let code = code(&runs, false);
    write!(streams.stdout, "{}", rehearsal.report(runs).text(options.format))?;
    streams.stdout.flush()?;
    if options.keep {
        keep(&mut rehearsal, options, scratch.path(), streams)?;
    }
    Ok(code)
}

/// The topology for the server that is here; nothing if the spec, or the spec for that server, has errors.
fn topology(
    sources: Vec<inputs::Read>,
    options: &Options,
    streams: &mut Streams,
) -> Result<Option<(Topology, Installed)>> {
    let mut loaded = load::load(sources);
    if loaded.iter().any(Loaded::has_errors) {
        return refuse(&loaded, streams);
    }
    loaded.retain(|loaded| loaded.spec.is_some());
    let Some(mut one) = loaded.pop() else { return Ok(None) };
    let Some(spec) = &one.spec else { return refuse(&[one], streams) };
    let wanted = &spec.as_spec().spec.engine;
    let installed = engine::find(wanted.r#type, options.redis_server.as_deref())?;
    if !installed.fits(spec.as_spec()) {
        if !options.lane {
            streams.tell(&format!(
                "note: the spec is for {:?} {}; it is rendered for {} here",
                wanted.r#type,
                wanted.version(),
                installed.title()
            ))?;
        }
        one = load::judge_again(one, |spec| installed.adopt(spec));
    }
    let Some(spec) = one.spec.take() else { return refuse(&[one], streams) };
    Ok(Some((spec.into(), installed)))
}

fn refuse(loaded: &[Loaded], streams: &mut Streams) -> Result<Option<(Topology, Installed)>> {
    report::write(report::Format::Human, loaded, &mut streams.stderr)?;
    streams
        .tell(&format!("{}; nothing was started", report::summary(loaded).unwrap_or_default()))?;
    Ok(None)
}

fn watch_signals() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot watch for signals")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            INTERRUPTED.store(true, Ordering::Relaxed);
        }
    });
    Ok(())
}

/// A drill that failed is a no; one that was asked for by name and cannot be run here, a failure.
fn code(runs: &[Run], by_name: bool) -> u8 {
    let is = |verdict| runs.iter().any(|run| run.verdict == verdict);
    if is(Verdict::Failed) {
        FINDINGS
    } else if is(Verdict::NotRun) || (by_name && is(Verdict::DoesNotApply)) {
        FAILED
    } else {
        CLEAN
    }
}

/// Leaves the set running until Ctrl-C.
fn keep(
    rehearsal: &mut Rehearsal<'_>,
    options: &Options,
    scratch: &Path,
    streams: &mut Streams,
) -> Result<()> {
    let user = if options.as_user { "--user --preserve-credentials " } else { "" };
    let enter = options
        .entry
        .map_or(String::new(), |entry| format!("nsenter --target {entry} {user}--mount --net "));
    let (cli, password) = rehearsal.client();
    let (cli, password) = (cli.to_string(), password.map(String::from));
    streams.tell(&format!(
        "the set runs until Ctrl-C; its files are in {}/machines",
        scratch.display()
    ))?;
    if let Some(password) = password {
        streams.tell(&format!("the password of clients is there, in MACHINE{password}"))?;
    }
    rehearsal.keep(|title, host, port| {
        let _ = streams.tell(&format!("{title}: {enter}{cli} -h {host} -p {port}"));
    })
}
