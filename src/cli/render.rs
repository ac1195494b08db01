//! `redisforge render`: nothing is written while any spec has an error.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use rayon::prelude::*;

use super::{CLEAN, FAILED, FINDINGS, Streams, inputs};
use crate::{
    catalog::{self, Artifact},
    load::{self, Loaded},
    output::{self, Action, Change, Comparison},
    report::{self, Format},
    templates::Templates,
    topology::Topology,
};

/// Where topologies are written unless the user says otherwise.
const RENDERED: &str = "rendered";

pub struct Options<'a> {
    pub output: Option<&'a Path>,
    pub check: bool,
    pub overwrite_edited: bool,
    pub format: Format,
}

/// One topology on its way to its directory.
struct Target {
    topology: Topology,
    directory: PathBuf,
    comparison: Comparison,
}

pub fn render(paths: &[String], options: &Options<'_>, streams: &mut Streams) -> Result<u8> {
    let to_stdout = options.output == Some(Path::new("-"));
    if to_stdout && options.check {
        bail!("cannot check a stream against anything; write `-o DIR`, or leave `--check` out");
    }
    let inputs = inputs::read(paths, &mut streams.stderr)?;
    let (mut loaded, templates) = rayon::join(|| load::load(inputs.sources), Templates::parse);
    report::write(options.format, &loaded, &mut streams.stderr)?;
    streams.has_prose = !options.format.is_document();
    if inputs.is_incomplete {
        return Ok(FAILED);
    }
    if loaded.iter().any(Loaded::has_errors) {
        let found = report::summary(&loaded).unwrap_or_default();
        streams.tell(&format!("{found}; nothing was written"))?;
        return Ok(FINDINGS);
    }
    let topologies: Vec<Topology> =
        loaded.iter_mut().filter_map(|loaded| loaded.spec.take()).map(Topology::from).collect();
    if to_stdout {
        return stream(&topologies, &templates, streams);
    }
    let compare = |topology: Topology| {
        let directory = directory(&topology.name, options.output, inputs.is_single);
        let comparison = output::compare(catalog::plan(&topology, &templates), &directory)?;
        Ok(Target { topology, directory, comparison })
    };
    let targets: Vec<Target> = if topologies.len() == 1 {
        topologies.into_iter().map(compare).collect::<Result<_>>()?
    } else {
        topologies.into_par_iter().map(compare).collect::<Result<_>>()?
    };
    let code =
        if options.check { check(&targets, streams) } else { write(&targets, options, streams) };
    // The process ends here; taking all of it apart first would be a tenth of its work.
    std::mem::forget((templates, loaded, targets));
    code
}

fn directory(name: &str, output: Option<&Path>, is_single: bool) -> PathBuf {
    match output {
        Some(directory) if is_single => directory.into(),
        Some(directory) => directory.join(name),
        None => Path::new(RENDERED).join(name),
    }
}

/// The Kubernetes objects as one YAML stream, in the order to apply them.
fn stream(topologies: &[Topology], templates: &Templates, streams: &mut Streams) -> Result<u8> {
    if let Some(topology) = topologies.iter().find(|topology| topology.on_hosts()) {
        bail!(
            "cannot write {} to stdout: hosts have files, not Kubernetes objects; write `-o DIR`",
            topology.name
        );
    }
    for topology in topologies {
        for Artifact { content, .. } in catalog::objects(topology, templates) {
            write!(streams.stdout, "---\n{}", content.trim_start_matches("---\n"))?;
        }
        expectations(topology, streams)?;
    }
    Ok(CLEAN)
}

fn check(targets: &[Target], streams: &mut Streams) -> Result<u8> {
    let mut is_current = true;
    for target in targets {
        if target.comparison.is_current() {
            continue;
        }
        is_current = false;
        for change in target.comparison.changes.iter().filter(|change| change.is_drift()) {
            let path = target.directory.join(&change.path);
            writeln!(streams.stdout, "{:<8} {}", word(&change.action), path.display())?;
            difference(change, streams)?;
        }
        if !target.comparison.lock_is_current {
            writeln!(
                streams.stdout,
                "{:<8} {}",
                "differs",
                target.directory.join(output::LOCK).display()
            )?;
        }
        streams.tell(&format!(
            "{} is not current; render it again and commit the result",
            target.directory.display()
        ))?;
    }
    Ok(if is_current { CLEAN } else { FINDINGS })
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Create => "missing",
        Action::Update => "differs",
        Action::Remove => "left",
        Action::Edited => "edited",
        Action::Keep => "current",
    }
}

fn difference(change: &Change, streams: &mut Streams) -> Result<()> {
    let (Some(artifact), Some(present)) = (&change.artifact, &change.present) else {
        return Ok(());
    };
    let present = String::from_utf8_lossy(present);
    let diff = similar::TextDiff::from_lines(present.as_ref(), artifact.content.as_str());
    write!(streams.stdout, "{}", diff.unified_diff().header("present", "rendered"))?;
    Ok(())
}

fn write(targets: &[Target], options: &Options<'_>, streams: &mut Streams) -> Result<u8> {
    let edited = targets.iter().flat_map(|target| {
        let edited = target.comparison.changes.iter().filter(|change| change.is_edited());
        edited.map(|change| target.directory.join(&change.path))
    });
    let edited: Vec<PathBuf> = if options.overwrite_edited { Vec::new() } else { edited.collect() };
    if !edited.is_empty() {
        for path in &edited {
            streams.tell(&format!("error: {} is not as redisforge wrote it", path.display()))?;
        }
        let advice = "keep the edit: say it in the spec, or in a kustomization on top; drop it: --overwrite-edited";
        streams.tell(&format!("{advice}\nnothing was written"))?;
        return Ok(FINDINGS);
    }
    if targets.len() == 1 {
        targets
            .iter()
            .try_for_each(|target| output::write(&target.comparison, &target.directory))?;
    } else {
        targets
            .par_iter()
            .try_for_each(|target| output::write(&target.comparison, &target.directory))?;
    }
    for target in targets {
        let Comparison { changes, .. } = &target.comparison;
        let count = |is: fn(&Change) -> bool| changes.iter().filter(|change| is(change)).count();
        streams.tell(&format!(
            "{}: {} files in {}: {} written, {} removed, {} unchanged",
            target.topology.name,
            count(|change| change.artifact.is_some()),
            target.directory.display(),
            count(|change| change.is_drift() && change.artifact.is_some()),
            count(|change| change.artifact.is_none()),
            count(|change| !change.is_drift()),
        ))?;
        expectations(&target.topology, streams)?;
    }
    Ok(CLEAN)
}

/// What must exist before the deployment can start.
fn expectations(topology: &Topology, streams: &mut Streams) -> Result<()> {
    let expected = topology.expectations();
    if !expected.is_empty() {
        streams.tell(&format!("{} expects: {}", topology.name, expected.join(", ")))?;
    }
    Ok(())
}
