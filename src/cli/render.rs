//! `redisforge render`: nothing is written while any spec has an error.

mod check;
mod target;
mod write;

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Result, bail};

use self::target::Place;
pub use self::target::directory;
use super::{
    CLEAN, FAILED, FINDINGS, Streams, changed,
    git::Revision,
    inputs::{self, Then},
};
use crate::{
    catalog::{self, Artifact},
    families::monitoring,
    load::{self, Loaded},
    output::{self, Gone, Held},
    report::{self, Format},
    templates::Templates,
    topology::Topology,
};

/// Where topologies are written unless the user says otherwise.
pub const RENDERED: &str = "rendered";

pub struct Options<'a> {
    pub output: Option<&'a Path>,
    pub check: bool,
    pub overwrite_edited: bool,
    pub prune: bool,
    pub changed_since: Option<&'a str>,
    pub for_import: bool,
    pub format: Format,
}

pub fn render(paths: &[String], options: &Options<'_>, streams: &mut Streams) -> Result<u8> {
    let to_stdout = options.output == Some(Path::new("-"));
    if to_stdout && options.check {
        bail!("cannot check a stream against anything; write `-o DIR`, or leave `--check` out");
    }
    let revision = options.changed_since.map(|name| Revision::of(paths, name)).transpose()?;
    let (inputs, templates) = thread::scope(|scope| {
        let templates = scope.spawn(Templates::parse);
        let inputs = inputs::judge_each(paths, Then::Render, streams);
        (inputs, templates.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let inputs = inputs?;
    if options.prune && !inputs.is_whole {
        bail!("cannot tell what is gone from single files; name the directories of all specs");
    }
    let mut loaded = load::together(inputs.sources);
    let names: Vec<String> = loaded.iter().filter_map(|loaded| loaded.name.clone()).collect();
    let has_specs = loaded.iter().any(|loaded| !loaded.source.is_base());
    if let Some(revision) = &revision {
        changed::keep(&mut loaded, revision)?;
    }
    streams.sift(options.format, &mut loaded);
    inputs::recall(&mut loaded);
    report::write(options.format, &loaded, &mut streams.stderr)?;
    streams.has_prose = !options.format.is_document();
    if inputs.is_incomplete {
        return Ok(FAILED);
    }
    if loaded.iter().any(Loaded::has_errors) {
        let found = report::summary(&loaded).unwrap_or_default();
        streams.insist(&format!("{found}; nothing was written"))?;
        return Ok(FINDINGS);
    }
    if !has_specs {
        return Err(inputs::only_bases(paths));
    }
    if let Some(name) = options.changed_since
        && !loaded.iter().any(Loaded::is_valid)
    {
        streams.tell(&format!("no spec changed since {name}"))?;
    }
    if options.for_import || to_stdout {
        let specs = loaded.iter_mut().filter_map(Loaded::take_spec);
        let topologies: Vec<Topology> = specs.map(Topology::from).collect();
        return if to_stdout {
            stream(&topologies, &templates, streams)
        } else {
            dashboard(&topologies, streams)
        };
    }
    let place = if inputs.is_single && options.output.is_some() {
        Place::Alone(options.output.unwrap_or(Path::new(RENDERED)).into())
    } else {
        Place::Below(options.output.unwrap_or(Path::new(RENDERED)).into())
    };
    let names = inputs.is_whole.then_some(names);
    let code = in_place(&place, names, &mut loaded, &templates, options, streams);
    // The process ends here; taking all of it apart first would be a tenth of its work.
    std::mem::forget((templates, loaded));
    code
}

/// Compares or writes, while no other run does in the same place. The names of all specs say what is gone.
fn in_place(
    place: &Place,
    names: Option<Vec<String>>,
    loaded: &mut [Loaded],
    templates: &Templates,
    options: &Options<'_>,
    streams: &mut Streams,
) -> Result<u8> {
    let folder = place.folder();
    let mut tell = |folder: &Path| {
        let _ = streams.tell(&format!("waits for another run in {}", folder.display()));
    };
    let _held = if options.check {
        Held::wait_to_compare(&folder, &mut tell)?
    } else {
        Some(Held::wait(&folder, &mut tell)?)
    };
    let gone = names.map(|names| gone(place, &names)).transpose()?.unwrap_or_default();
    if options.check {
        check::check(place, loaded, &gone, templates, streams)
    } else {
        write::write(place, loaded, &gone, templates, options, streams)
    }
}

/// Directories whose spec is gone.
fn gone(place: &Place, names: &[String]) -> Result<Vec<Gone>> {
    let Place::Below(folder) = place else { return Ok(Vec::new()) };
    let rendered: BTreeSet<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    output::gone(folder, &rendered)
}

/// The dashboard of the only topology, for Grafana's import page.
fn dashboard(topologies: &[Topology], streams: &mut Streams) -> Result<u8> {
    let [topology] = topologies else {
        bail!("cannot print {} dashboards as one; name one spec", topologies.len());
    };
    let Some(dashboard) = monitoring::dashboard_for_import(topology) else {
        bail!("{} has no dashboard: `monitoring.scrape.type` is Disabled", topology.name);
    };
    write!(streams.stdout, "{dashboard}")?;
    Ok(CLEAN)
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

/// What must exist before the deployment can start.
fn expectations(topology: &Topology, streams: &mut Streams) -> Result<()> {
    let expected = topology.expectations();
    if !expected.is_empty() {
        streams.tell(&format!("{} expects: {}", topology.name, expected.join(", ")))?;
    }
    Ok(())
}
