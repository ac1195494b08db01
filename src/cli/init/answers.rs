//! What is to be scaffolded: from the flags, from what is there, and from whoever is asked.

use std::{path::Path, str::FromStr};

use anyhow::{Context, Result, bail};

use super::{
    Ci, Options, Platform, environment, label,
    questions::Questions,
    repository::{BASE, Repository, SPECS},
};

pub struct Answers {
    pub ci: Ci,
    pub addition: Option<Addition>,
}

/// One environment more.
pub struct Addition {
    pub name: String,
    pub env: String,
    /// Whether the name is new too.
    pub is_new: bool,
    pub platform: Platform,
    /// Whether the environment says the platform itself, because its base says another or none.
    pub names_platform: bool,
    pub hosts: Vec<Host>,
    pub namespace: Option<String>,
    /// Path of the base, from the environment's folder.
    pub based_on: String,
}

/// One machine, as `NAME=ADDRESS`.
#[derive(Clone)]
pub struct Host {
    pub name: String,
    pub address: String,
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-".contains(&b))
        };
        match text.split_once('=') {
            Some((name, address)) if is_part(name) && is_part(address) => {
                Ok(Self { name: name.into(), address: address.into() })
            }
            _ => Err(format!("{text} is not NAME=ADDRESS, such as db-a=10.20.1.11")),
        }
    }
}

pub fn of(options: &Options, repository: &Repository) -> Result<Answers> {
    let questions = Questions::new(!options.yes && options.print.is_none());
    let addition = addition(options, repository, &questions)?;
    let ci = match options.ci.or_else(|| repository.ci()) {
        Some(ci) => ci,
        None => questions.choice("Continuous integration?", Ci::Github)?,
    };
    if let Some(above) = &repository.version_control
        && ci != Ci::None
        && !repository.root.join(".git").exists()
    {
        bail!(
            "{} is inside the repository {}, whose CI looks at its root only; name that directory, or write `--ci none`",
            repository.root.display(),
            above.display()
        );
    }
    Ok(Answers { ci, addition })
}

fn addition(
    options: &Options,
    repository: &Repository,
    questions: &Questions,
) -> Result<Option<Addition>> {
    let Some(name) = name(options, repository, questions)? else { return Ok(None) };
    let is_new = !repository.sets.contains_key(&name);
    let env = match &options.env {
        Some(env) => env.clone(),
        None if is_new => {
            questions.text("First environment?", "prod", |text| environment(text).map(drop))?
        }
        None => return Ok(None),
    };
    if is_new && options.based_on.is_some() {
        bail!(
            "{name} is new, and its first environment is based on its own {BASE}; leave `--based-on` out"
        );
    }
    let based_on = base(options.based_on.as_deref(), &name, repository)?;
    let folder = Path::new(SPECS).join(&name);
    let own_base = folder.join(&based_on);
    let present = if is_new { None } else { repository.platform(&own_base) };
    let inherited = present.or_else(|| repository.platform(&folder.join(BASE)));
    let platform = match options.platform.or(inherited) {
        Some(platform) => platform,
        None if is_new => questions.choice("Where does it run?", Platform::Kubernetes)?,
        None => Platform::Kubernetes,
    };
    let exists = repository.sets.get(&name).is_some_and(|envs| envs.contains(&env));
    let mut hosts = options.host.clone();
    let mut namespace = options.namespace.clone();
    match platform {
        _ if exists => {}
        Platform::Hosts if repository.has_hosts(&own_base) => bail!(
            "{name}-{env} would run on the machines of {based_on} too; base it on a file without hosts"
        ),
        Platform::Hosts => hosts = machines(options, questions)?,
        Platform::Kubernetes => namespace = asked_namespace(options, questions)?,
    }
    only_what_fits(platform, &hosts, namespace.as_ref())?;
    let names_platform = !is_new && inherited.unwrap_or(Platform::Kubernetes) != platform;
    Ok(Some(Addition { name, env, is_new, platform, names_platform, hosts, namespace, based_on }))
}

/// What the environment is one of; nothing where none is wanted.
fn name(
    options: &Options,
    repository: &Repository,
    questions: &Questions,
) -> Result<Option<String>> {
    if let Some(name) = &options.name {
        return Ok(Some(name.clone()));
    }
    let names: Vec<&str> = repository.sets.keys().map(String::as_str).collect();
    match names.as_slice() {
        [] => questions
            .text("What is deployed?", &repository.directory_name(), |text| label(text).map(drop))
            .map(Some),
        _ if options.env.is_none() => Ok(None),
        [name] => Ok(Some((*name).into())),
        _ => bail!("an environment of what? write `--name`, one of {}", names.join(", ")),
    }
}

fn only_what_fits(platform: Platform, hosts: &[Host], namespace: Option<&String>) -> Result<()> {
    match platform {
        Platform::Hosts if namespace.is_some() => {
            bail!("a namespace is something of Kubernetes; leave `--namespace` out")
        }
        Platform::Kubernetes if !hosts.is_empty() => bail!(
            "hosts are something of the platform hosts; leave `--host` out, or write `--platform hosts`"
        ),
        _ => Ok(()),
    }
}

/// The path of the base from the folder of the environments.
fn base(wanted: Option<&str>, name: &str, repository: &Repository) -> Result<String> {
    let Some(wanted) = wanted else { return Ok(BASE.into()) };
    if repository.sets.get(name).is_some_and(|envs| envs.iter().any(|env| env == wanted)) {
        return Ok(format!("{wanted}.yaml"));
    }
    let cannot = || format!("{wanted} is no environment of {name}, and no file that can be read");
    let file = Path::new(wanted).canonicalize().with_context(cannot)?;
    let root = repository.root.canonicalize().with_context(cannot)?;
    let Ok(inside) = file.strip_prefix(&root) else {
        bail!("{wanted} is outside the repository; a base has to lie in it");
    };
    let folder = Path::new(SPECS).join(name);
    Ok(match inside.strip_prefix(folder) {
        Ok(beside) => beside.display().to_string(),
        Err(_) => format!("../../{}", inside.display()),
    })
}

fn machines(options: &Options, questions: &Questions) -> Result<Vec<Host>> {
    if !options.host.is_empty() {
        return Ok(options.host.clone());
    }
    if !questions.can_ask {
        bail!("hosts have names and addresses; write `--host NAME=ADDRESS`, three times or more");
    }
    let question = "Which machines? (NAME=ADDRESS, three or more, with spaces between)";
    let answer = questions.text(question, "", |text| match parsed(text)?.len() {
        0..3 => Err("at least three, so that two can agree that the third is gone".into()),
        _ => Ok(()),
    })?;
    parsed(&answer).map_err(anyhow::Error::msg)
}

fn parsed(text: &str) -> Result<Vec<Host>, String> {
    text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::parse).collect()
}

fn asked_namespace(options: &Options, questions: &Questions) -> Result<Option<String>> {
    if options.namespace.is_some() {
        return Ok(options.namespace.clone());
    }
    let question = "Which namespace? (empty: whoever deploys chooses)";
    let answer = questions.text(question, "", |text| match text {
        "" => Ok(()),
        _ => label(text).map(drop),
    })?;
    Ok((!answer.is_empty()).then_some(answer))
}
