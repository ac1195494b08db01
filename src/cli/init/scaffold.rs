//! The files of a repository: the only place that knows their names.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::{
    Ci, Platform,
    answers::{Addition, Answers, Host},
    repository::{BASE, SPECS},
};
use crate::{
    schema,
    spec::{API_VERSION, KIND},
};

pub struct File {
    /// Inside the repository.
    pub path: String,
    pub content: String,
    pub mode: u32,
    /// Whether its owner changes it, so that another content is none of our business.
    pub is_spec: bool,
    /// A file with this text does what it is for, whatever else it says.
    pub enough: Option<&'static str>,
}

const PLAIN: u32 = 0o644;
const PROGRAM: u32 = 0o755;

pub fn files(answers: &Answers) -> Vec<File> {
    let mut files = vec![
        file("README.md", include_str!("files/README.md")),
        File {
            enough: Some("rendered/**"),
            ..file(".gitattributes", include_str!("files/gitattributes"))
        },
        file(".redisforge/schema.json", &format!("{:#}\n", schema::file_schema())),
        File {
            mode: PROGRAM,
            enough: Some("ci/redisforge.sh hook"),
            ..file(".githooks/pre-commit", include_str!("files/pre-commit"))
        },
        File { mode: PROGRAM, ..file("ci/redisforge.sh", include_str!("files/redisforge.sh")) },
    ];
    match answers.ci {
        Ci::Github => {
            files.push(file(".github/workflows/redisforge.yml", include_str!("files/github.yml")));
        }
        Ci::Gitlab => {
            let job = include_str!("files/redisforge.gitlab-ci.yml");
            files.push(file("ci/redisforge.gitlab-ci.yml", job));
            files.push(File {
                enough: Some("ci/redisforge.gitlab-ci.yml"),
                ..file(".gitlab-ci.yml", include_str!("files/gitlab-ci.yml"))
            });
        }
        Ci::None => {}
    }
    if let Some(addition) = &answers.addition {
        let folder = format!("{SPECS}/{}", addition.name);
        if addition.is_new {
            files.push(spec(&format!("{folder}/{BASE}"), &base(addition)));
        }
        files.push(spec(&format!("{folder}/{}.yaml", addition.env), &environment(addition)));
    }
    files
}

/// The environment and what it is based on as one spec, as far as it is made here.
pub fn whole(addition: &Addition) -> String {
    let Addition { name, env, .. } = addition;
    let mut text =
        format!("apiVersion: {API_VERSION}\nkind: {KIND}\nmetadata:\n  name: {name}-{env}\n");
    text += &namespace(addition);
    text += &format!("spec:\n  platform:\n    type: {}\n", kind(addition.platform));
    text + &hosts(&addition.hosts)
}

fn base(addition: &Addition) -> String {
    include_str!("files/base.yaml")
        .replace("@NAME@", &addition.name)
        .replace("@PLATFORM@", kind(addition.platform))
}

fn environment(addition: &Addition) -> String {
    let mut text = include_str!("files/environment.yaml")
        .replace("@NAMESPACE@", &namespace(addition))
        .replace("@NAME@", &addition.name)
        .replace("@ENV@", &addition.env)
        .replace("@BASE@", &path(&addition.based_on));
    if addition.names_platform || !addition.hosts.is_empty() {
        text += "  platform:\n";
    }
    if addition.names_platform {
        text += &format!("    type: {}\n", kind(addition.platform));
    }
    text + &hosts(&addition.hosts)
}

fn namespace(addition: &Addition) -> String {
    let namespace = addition.namespace.as_deref();
    namespace.map(|namespace| format!("  namespace: {}\n", quoted(namespace))).unwrap_or_default()
}

fn hosts(hosts: &[Host]) -> String {
    if hosts.is_empty() {
        return String::new();
    }
    let line = |Host { name, address }: &Host| {
        format!("      - {{name: {}, address: {}}}\n", quoted(name), quoted(address))
    };
    hosts.iter().fold("    hosts:\n".into(), |text, host| text + &line(host))
}

/// Without quotes only what every YAML reader takes for the same string.
fn quoted(value: &str) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && !value.contains(':')
        && !words.contains(&value.to_lowercase().as_str());
    let is_plain = is_plain || value.parse::<Ipv4Addr>().is_ok();
    if is_plain { value.into() } else { format!("\"{value}\"") }
}

/// A path may hold anything; what JSON quotes, YAML reads.
fn path(base: &str) -> String {
    let is_plain = base.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte));
    if is_plain { base.into() } else { Value::from(base).to_string() }
}

fn kind(platform: Platform) -> &'static str {
    match platform {
        Platform::Kubernetes => "Kubernetes",
        Platform::Hosts => "Hosts",
    }
}

fn file(path: &str, content: &str) -> File {
    File { path: path.into(), content: content.into(), mode: PLAIN, is_spec: false, enough: None }
}

fn spec(path: &str, content: &str) -> File {
    File { is_spec: true, ..file(path, content) }
}
