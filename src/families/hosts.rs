//! Files of a host that no process has for itself: units, kernel settings, log rotation, the installer.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;
use tera::Context;

use super::{Plan, monitoring};
use crate::topology::{Auth, Directive, Host, Master, Topology};

/// What Redis opens beside the connections of its clients.
const RESERVED_FILES: u64 = 32;
/// What Redis and Sentinel take when `maxclients` is not written.
const DEFAULT_MAXCLIENTS: u64 = 10_000;
/// What `shutdown-timeout` is when it is not written.
const SHUTDOWN_SECONDS: u64 = 10;
/// The stop script's own limit, and a margin for the last write to the disk.
const STOP_SECONDS: u64 = 32 + 18;
/// What Linux has had since 5.4; never fewer.
const SOMAXCONN: u64 = 4096;
const EXPORTER_PORT: u32 = 9121;
/// What Debian and Red Hat call their own services.
const PACKAGED_UNITS: &[&str] =
    &["redis", "redis-server", "redis-sentinel", "valkey", "valkey-server", "valkey-sentinel"];

/// A process of a host. Its unit is `redis-NAME`, its configuration `/etc/redis/NAME`.
#[derive(Serialize)]
struct Process<'a> {
    name: &'a str,
    port: u32,
}

/// What files show that need the host and no more.
#[must_use]
pub fn host(plan: &Plan<'_>, host: &Host) -> Context {
    let mut context = plan.context();
    context.insert("host", host);
    context.insert("processes", &processes(plan.topology, host));
    context
}

/// What the unit of a data node shows.
#[must_use]
pub fn data_unit(plan: &Plan<'_>, on: &Host, master: &Master) -> Context {
    let shutdown = written(&master.directives, "shutdown-timeout").unwrap_or(SHUTDOWN_SECONDS);
    // Without an AOF a stopping server saves everything, about as fast as it loads.
    let save = if master.persistence.rdb { master.startup_seconds } else { 0 };
    let mut context = host(plan, on);
    context.insert_value("master", plan.master(master));
    context.insert("open_files", &(master.maxclients + RESERVED_FILES));
    context.insert("stop_seconds", &save.max(STOP_SECONDS + shutdown));
    context
}

/// What the unit of a Sentinel shows.
#[must_use]
pub fn sentinel_unit(plan: &Plan<'_>, on: &Host) -> Context {
    let maxclients =
        written(&plan.topology.sentinel.directives, "maxclients").unwrap_or(DEFAULT_MAXCLIENTS);
    let mut context = host(plan, on);
    context.insert("open_files", &(maxclients + RESERVED_FILES));
    context
}

/// What the exporter's unit and start script show.
#[must_use]
pub fn exporter(plan: &Plan<'_>, on: &Host) -> Context {
    let mut context = host(plan, on);
    // Each process has the scripts; those of one are enough.
    context.insert("scripts_of", &processes(plan.topology, on).first().map(|process| process.name));
    context.insert("acl", &plan.topology.auth.as_ref().is_some_and(|auth| auth.acl));
    context.insert("listen", &exporter_address(on));
    context.insert("patience", &monitoring::exporter_patience(plan.topology));
    context
}

/// What the kernel settings show.
#[must_use]
pub fn kernel(plan: &Plan<'_>, on: &Host) -> Context {
    let backlogs =
        masters(plan.topology, on).filter_map(|master| written(&master.directives, "tcp-backlog"));
    let mut context = host(plan, on);
    context.insert("somaxconn", &backlogs.chain([SOMAXCONN]).max());
    context
}

/// What the installer shows.
#[must_use]
pub fn installer(plan: &Plan<'_>, on: &Host) -> Context {
    let topology = plan.topology;
    let tree = format!("hosts/{}/", on.name);
    let files = plan.paths.iter().filter_map(|path| path.strip_prefix(&tree));
    let mut services = processes(topology, on);
    let mut packaged: Vec<&str> = PACKAGED_UNITS.into();
    let mut programs =
        vec![vec![topology.engine.server.as_str()], vec![topology.engine.cli.as_str()]];
    if topology.is_monitored() {
        services.push(Process { name: "exporter", port: EXPORTER_PORT });
        packaged.push("prometheus-redis-exporter");
        programs.push(vec!["redis_exporter", "prometheus-redis-exporter"]);
    }
    let notifications = &topology.notifications;
    if on.has_sentinel
        && !(notifications.alertmanagers.is_empty() && notifications.webhooks.is_empty())
    {
        programs.push(vec!["curl", "wget"]);
    }
    let mut context = host(plan, on);
    context.insert("files", &files.filter(|file| file.starts_with("etc/")).collect::<Vec<_>>());
    context.insert("services", &services);
    context.insert("packaged", &packaged);
    context.insert("programs", &programs);
    context.insert(
        "addresses",
        &on.bind.iter().filter(|address| must_be_here(address)).collect::<Vec<_>>(),
    );
    context.insert("names", &announced_names(topology));
    context.insert("secrets", &secrets(topology, on));
    let certificates = topology.tls.iter().flat_map(|tls| [&tls.ca, &tls.cert]);
    context.insert("certificates", &certificates.collect::<Vec<_>>());
    context
}

/// The Redis processes of a host.
fn processes<'a>(topology: &'a Topology, on: &'a Host) -> Vec<Process<'a>> {
    let sentinel =
        on.has_sentinel.then_some(Process { name: "sentinel", port: topology.sentinel.port });
    let data =
        masters(topology, on).map(|master| Process { name: &master.name, port: master.port });
    sentinel.into_iter().chain(data).collect()
}

fn masters<'a>(topology: &'a Topology, on: &'a Host) -> impl Iterator<Item = &'a Master> {
    topology.masters.iter().filter(|master| on.masters.contains(&master.name))
}

/// Names that every host must be able to look up, each once.
fn announced_names(topology: &Topology) -> BTreeSet<&str> {
    let data =
        topology.masters.iter().flat_map(|master| &master.nodes).map(|node| node.host.as_str());
    let all = data.chain(topology.sentinel.nodes.iter().map(|node| node.host.as_str()));
    all.filter(|_| topology.network.announce_hostnames).collect()
}

/// Files with secrets that the processes of a host read, each once.
fn secrets<'a>(topology: &'a Topology, on: &Host) -> Vec<&'a String> {
    let mut files: Vec<&String> = Vec::new();
    if let Some(auth) = &topology.auth {
        if !on.masters.is_empty() {
            files.extend(data_secrets(auth));
        }
        if on.has_sentinel {
            files.extend(sentinel_secrets(topology, auth));
        }
    }
    if on.has_sentinel {
        files.extend(topology.notifications.webhooks.iter().map(|webhook| &webhook.file));
    }
    files.extend(topology.tls.iter().map(|tls| &tls.key));
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(*file));
    files
}

fn data_secrets(auth: &Auth) -> Vec<&String> {
    if !auth.acl {
        return vec![
            &auth.password_file,
            &auth.replication_password_file,
            &auth.sentinel_password_file,
        ];
    }
    let users = auth.users.iter().filter_map(|user| user.file.as_ref());
    users.chain([&auth.replication_password_file, &auth.node_password_file]).collect()
}

fn sentinel_secrets<'a>(topology: &'a Topology, auth: &'a Auth) -> Vec<&'a String> {
    if !auth.acl {
        return vec![
            &auth.password_file,
            &auth.sentinel_auth_password_file,
            &auth.sentinel_password_file,
        ];
    }
    let users = topology.sentinel.users.iter().filter_map(|user| user.file.as_ref());
    users.chain([&auth.sentinel_auth_password_file, &auth.node_password_file]).collect()
}

/// Where Prometheus finds the exporter. Behind NAT no interface has the address that others use.
fn exporter_address(on: &Host) -> String {
    let address = if on.bind.contains(&on.address) { on.address.as_str() } else { "" };
    if address.contains(':') {
        format!("[{address}]:{EXPORTER_PORT}")
    } else {
        format!("{address}:{EXPORTER_PORT}")
    }
}

/// Redis cannot bind an address that the machine lacks, but for one with a dash before it.
fn must_be_here(address: &str) -> bool {
    !address.starts_with(['*', '-']) && address != "::"
}

fn written(directives: &[Directive], name: &str) -> Option<u64> {
    directives.iter().find(|directive| directive.name == name)?.words.first()?.parse().ok()
}
