//! The directory of a process: its .conf file, its settings for the scripts, its users, its scripts.
//!
//! One directory is all that one process reads, in a ConfigMap as on a host.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use serde::Serialize;
use tera::{Context, Value};

use super::Plan;
use crate::{
    checksum::sha256,
    templates,
    topology::{Host, Master},
};

/// A file of a process's directory.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    /// Its content as a block of a ConfigMap.
    block: Value,
    /// SHA-256 of its content.
    pub checksum: Cow<'static, str>,
}

impl From<&File> for Value {
    fn from(file: &File) -> Self {
        let name = Self::from(file.name.as_str());
        Self::from(BTreeMap::from([("name", name), ("block", file.block.clone())]))
    }
}

/// A line of `settings`, which the scripts source.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    pub key: &'static str,
    pub value: String,
}

/// Where the process's own directory, the list of members and the volume are.
struct Places {
    directory: String,
    members: String,
    volume: String,
    run: String,
}

/// What the templates of a data node's directory show; on Kubernetes there is no host.
#[must_use]
pub fn data(plan: &Plan<'_>, master: &Master, host: Option<&Host>) -> Context {
    let places = places(host, &master.name);
    let mut context = plan.context();
    context.insert_value("master", plan.master(master));
    insert_node(&mut context, plan, host, &places);
    let mut settings = shared_settings(plan, host, &places, "data", master.port);
    let flag = |on: bool| if on { "yes" } else { "" };
    let patience = &plan.topology.patience;
    settings.extend([
        Setting { key: "master", value: master.name.clone() },
        Setting { key: "persistence", value: master.persistence.name.into() },
        Setting { key: "cache_only", value: flag(master.persistence.cache_only).into() },
        Setting { key: "decision_seconds", value: patience.decision_seconds.to_string() },
        Setting { key: "wait_seconds", value: patience.wait_seconds.to_string() },
    ]);
    context.insert("settings", &settings);
    context.insert("users", plan.topology.auth.as_ref().map_or(&Vec::new(), |auth| &auth.users));
    context
}

/// What the templates of a Sentinel's directory show; on Kubernetes there is no host.
#[must_use]
pub fn sentinel(plan: &Plan<'_>, host: Option<&Host>) -> Context {
    let places = places(host, "sentinel");
    let notifications = &plan.topology.notifications;
    let mut context = plan.context();
    insert_node(&mut context, plan, host, &places);
    context.insert("notifies", &(!notifications.alertmanagers.is_empty()));
    context.insert("posts", &(!notifications.webhooks.is_empty()));
    let mut settings =
        shared_settings(plan, host, &places, "sentinel", plan.topology.sentinel.port);
    settings.extend([
        Setting { key: "alertmanagers", value: notifications.alertmanagers.join(" ") },
        Setting { key: "webhooks_file", value: format!("{}/webhooks", places.directory) },
        Setting { key: "events", value: notifications.events.join(" ") },
        Setting { key: "runbook_url", value: super::operations::events_url(plan.topology) },
        Setting { key: "patience", value: plan.topology.patience.sentinel_seconds.to_string() },
    ]);
    context.insert("settings", &settings);
    context.insert("users", &plan.topology.sentinel.users);
    context
}

/// All files of each data node's directory, by master; the ConfigMap holds them, and the pods their checksum.
#[must_use]
pub fn data_files<'p>(plan: &'p Plan<'_>, master: &Master) -> &'p [File] {
    let of_master = |master: &Master| {
        let context = data(plan, master, None);
        let files = files(plan, &["redis.conf", "settings", "users"], plan.scripts.data, &context);
        (master.name.clone(), files)
    };
    let all = plan.data_files.get_or_init(|| plan.topology.masters.iter().map(of_master).collect());
    &all[&master.name]
}

/// All files of a Sentinel's directory.
#[must_use]
pub fn sentinel_files<'p>(plan: &'p Plan<'_>) -> &'p [File] {
    plan.sentinel_files.get_or_init(|| {
        let context = sentinel(plan, None);
        let names = ["sentinel.conf", "settings", "users", "webhooks"];
        files(plan, &names, plan.scripts.sentinel, &context)
    })
}

fn files(plan: &Plan<'_>, rendered: &[&str], scripts: &[&str], context: &Context) -> Vec<File> {
    let partials = rendered.iter().map(|name| format!("_partials/{name}"));
    let templates = partials.chain(scripts.iter().map(|path| (*path).into()));
    let file = |template: String| {
        let name = Path::new(&template).file_name().unwrap_or_default();
        let text = plan.templates.render(&template, context);
        let known = templates::checksum(&template);
        File {
            name: name.to_string_lossy().into_owned(),
            block: templates::block(&template, &text),
            checksum: known.map_or_else(|| sha256(text.as_bytes()).into(), Cow::from),
        }
    };
    templates.map(file).collect()
}

fn insert_node(context: &mut Context, plan: &Plan<'_>, host: Option<&Host>, places: &Places) {
    // 6.2 would send from the first of these, and no connection leaves from `*`; without any it listens everywhere too.
    let everywhere = match plan.topology.engine.version.as_str() {
        "6.2" => Vec::new(),
        _ => vec!["*".to_string(), "-::*".into()],
    };
    context.insert("bind", host.map_or(&everywhere, |host| &host.bind));
    context.insert("directory", &places.directory);
    context.insert("volume", &places.volume);
    context.insert("knows_shutdown_timeout", &(plan.topology.engine.version != "6.2"));
    if let Some(host) = host {
        context.insert("host", host);
    }
}

fn shared_settings(
    plan: &Plan<'_>,
    host: Option<&Host>,
    places: &Places,
    kind: &str,
    port: u32,
) -> Vec<Setting> {
    let topology = plan.topology;
    let flag = |on: bool| if on { "yes" } else { "" }.to_string();
    let (auth, tls) = (topology.auth.as_ref(), topology.tls.as_ref());
    let secret =
        |file: fn(&crate::topology::Auth) -> &String| auth.map(file).cloned().unwrap_or_default();
    let certificate =
        |file: fn(&crate::topology::Tls) -> &String| tls.map(file).cloned().unwrap_or_default();
    [
        ("kind", kind.to_string()),
        ("topology", topology.name.clone()),
        ("node", host.map_or_else(String::new, |host| host.name.clone())),
        ("members", places.members.clone()),
        ("volume", places.volume.clone()),
        ("server", topology.engine.server.clone()),
        ("cli", topology.engine.cli.clone()),
        ("port", port.to_string()),
        ("acl", flag(auth.is_some_and(|auth| auth.acl))),
        ("tls", flag(tls.is_some())),
        ("tls_ca", certificate(|tls| &tls.ca)),
        ("tls_cert", certificate(|tls| &tls.cert)),
        ("tls_key", certificate(|tls| &tls.key)),
        ("password_file", secret(|auth| &auth.password_file)),
        ("replication_password_file", secret(|auth| &auth.replication_password_file)),
        ("sentinel_auth_password_file", secret(|auth| &auth.sentinel_auth_password_file)),
        ("sentinel_password_file", secret(|auth| &auth.sentinel_password_file)),
        ("exporter_password_file", secret(|auth| &auth.exporter_password_file)),
        ("node_password_file", secret(|auth| &auth.node_password_file)),
        ("exporter_passwords_file", format!("{}/passwords.json", places.run)),
    ]
    .into_iter()
    .map(|(key, value)| Setting { key, value })
    .collect()
}

fn places(host: Option<&Host>, name: &str) -> Places {
    if host.is_some() {
        return Places {
            directory: format!("/etc/redis/{name}"),
            members: format!("/etc/redis/{name}/members"),
            volume: format!("/var/lib/redis/{name}"),
            run: "/run/redis-exporter".into(),
        };
    }
    Places {
        directory: "/etc/redisforge/config".into(),
        members: "/etc/redisforge/members/members".into(),
        volume: "/data".into(),
        run: "/run/redis-exporter".into(),
    }
}
