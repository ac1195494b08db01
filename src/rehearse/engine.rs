//! The server programs on this machine, and the spec as they can run it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::spec::{EngineType, Spec};

/// A server that was found.
#[derive(Clone, Debug)]
pub struct Installed {
    pub engine: EngineType,
    /// `major.minor`, as a spec has it.
    pub version: String,
    /// As the server says it.
    pub release: String,
    pub server: PathBuf,
    /// The client program beside it.
    pub cli: PathBuf,
}

/// Finds the server that the user names, else that of the spec, else another.
///
/// # Errors
/// When there is none, with where to get it.
pub fn find(wanted: EngineType, given: Option<&Path>) -> Result<Installed> {
    if let Some(given) = given {
        return ask(given)
            .and_then(with_client)
            .with_context(|| format!("cannot use {}", given.display()));
    }
    let names = match wanted {
        EngineType::Redis => ["redis-server", "valkey-server"],
        EngineType::Valkey => ["valkey-server", "redis-server"],
    };
    match names.iter().find_map(|name| ask(Path::new(name)).ok()) {
        Some(installed) => with_client(installed),
        None => bail!(
            "a rehearsal needs redis-server on this machine: install it (on Debian `apt-get install redis-server`), \
             or name one with `--redis-server PATH`"
        ),
    }
}

/// The scripts ask everything with the client that belongs to the server.
fn with_client(installed: Installed) -> Result<Installed> {
    match Command::new(&installed.cli).arg("--version").output() {
        Ok(_) => Ok(installed),
        Err(error) => bail!("its client {} does not run: {error}", installed.cli.display()),
    }
}

/// What `--version` says: `Redis server v=7.0.15 sha=...`.
fn ask(server: &Path) -> Result<Installed> {
    let output = Command::new(server).arg("--version").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = said.split_whitespace();
    let engine = match words.next() {
        Some("Redis") => EngineType::Redis,
        Some("Valkey") => EngineType::Valkey,
        _ => bail!("it is neither Redis nor Valkey: `--version` says {:?}", said.trim()),
    };
    let release = words.find_map(|word| word.strip_prefix("v=")).unwrap_or_default().to_string();
    let version = release.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    let name = match engine {
        EngineType::Redis => "redis-cli",
        EngineType::Valkey => "valkey-cli",
    };
    Ok(Installed {
        engine,
        version,
        release,
        server: server.into(),
        cli: server.with_file_name(name),
    })
}

impl Installed {
    /// How people call it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{:?} {}", self.engine, self.release)
    }

    /// Whether a spec is for this very server.
    #[must_use]
    pub fn fits(&self, spec: &Spec) -> bool {
        self.engine == spec.spec.engine.r#type && self.version == spec.spec.engine.version()
    }

    /// Makes a spec one for this server.
    pub fn adopt(&self, spec: &mut Spec) {
        let engine = &mut spec.spec.engine;
        engine.r#type = self.engine;
        engine.version = Some(self.version.clone());
        engine.image = Some(engine.default_image());
    }
}
