//! A topology as it is rehearsed, and in which points that differs from production.

use std::net::Ipv4Addr;

use anyhow::Result;

use super::{
    engine::Installed,
    ground::{self, Ground},
};
use crate::topology::{AclUser, Topology};

/// The user of the load writer where every client needs one.
pub const USER: &str = "rehearsal";
/// File of that user's password, beside the password of all.
pub const USER_FILE: &str = "rehearsal-password";

/// Changes what cannot be as in production, and says so, a line each.
pub fn adapt(
    topology: &mut Topology,
    installed: &Installed,
    ground: Ground,
    scale: f64,
) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    topology.engine.server = installed.server.display().to_string();
    topology.engine.cli = installed.cli.display().to_string();
    listen_where_announced(topology, &mut differences);
    match ground {
        Ground::Namespaces => {
            differences.push(if topology.on_hosts() {
                "hosts are network namespaces with the addresses of the spec; files lie below a private directory".into()
            } else {
                "pods are network namespaces with names in /etc/hosts; files lie below a private directory".into()
            });
        }
        Ground::Loopback => {
            move_to_loopback(topology)?;
            differences.push("machines have loopback addresses and announce them; files lie below a private directory".into());
        }
    }
    if let Some(auth) = topology.auth.as_mut().filter(|auth| auth.acl) {
        let folder = auth.password_file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let rules = [
            "on",
            "resetchannels",
            "-@all",
            "~rehearsal:*",
            "+@read",
            "+@write",
            "+ping",
            "+role",
            "+client|setname",
        ];
        auth.users.push(AclUser {
            name: USER.into(),
            file: Some(format!("{folder}/{USER_FILE}")),
            rules: rules.map(String::from).to_vec(),
        });
        differences.push(format!("a user `{USER}` writes the load, below `rehearsal:*`"));
    }
    if topology.logging.file || topology.logging.syslog.is_some() {
        topology.logging.file = false;
        topology.logging.syslog = None;
        differences.push("logs go to files of the rehearsal".into());
    }
    if (scale - 1.0).abs() > f64::EPSILON {
        scale_times(topology, scale);
        differences.push(format!(
            "timings are multiplied by {scale}: down-after, failover-timeout, waits of the start scripts, min-replicas-max-lag; \
             Sentinel's own periods are not"
        ));
    }
    Ok(differences)
}

/// There is nobody who translates addresses.
fn listen_where_announced(topology: &mut Topology, differences: &mut Vec<String>) {
    let is_forwarded = topology.sentinel.announce_port != topology.sentinel.port
        || topology.masters.iter().any(|master| master.announce_port != master.port)
        || topology.hosts.iter().any(|host| !host.bind.contains(&host.address));
    if is_forwarded {
        differences.push(
            "there is no address translation: processes listen where they are announced".into(),
        );
    }
    for master in &mut topology.masters {
        master.announce_port = master.port;
        master.nodes.iter_mut().for_each(|node| node.port = master.port);
    }
    let port = topology.sentinel.port;
    topology.sentinel.announce_port = port;
    topology.sentinel.nodes.iter_mut().for_each(|node| node.port = port);
    for host in &mut topology.hosts {
        if !host.bind.contains(&host.address) {
            host.bind = vec![host.address.clone(), "127.0.0.1".into()];
        }
    }
}

/// Gives every machine an address of its own, and has it announce that.
fn move_to_loopback(topology: &mut Topology) -> Result<()> {
    let ports: Vec<u32> =
        topology.masters.iter().map(|master| master.port).chain([topology.sentinel.port]).collect();
    let network = u32::from(ground::free_loopback(&ports)?);
    let mut known: Vec<String> = Vec::new();
    let mut address = |name: &String| {
        let index = known.iter().position(|known| known == name).unwrap_or_else(|| {
            known.push(name.clone());
            known.len() - 1
        });
        Ipv4Addr::from(network + 1 + u32::try_from(index).unwrap_or(0)).to_string()
    };
    for host in &mut topology.hosts {
        host.address = address(&host.name);
        host.bind = vec![host.address.clone()];
    }
    for node in topology.masters.iter_mut().flat_map(|master| &mut master.nodes) {
        node.host = address(&node.name);
    }
    for node in &mut topology.sentinel.nodes {
        node.host = address(&node.name);
    }
    topology.network.announce_hostnames = false;
    Ok(())
}

fn scale_times(topology: &mut Topology, scale: f64) {
    let milliseconds = |value: &mut u32| *value = scaled(*value, scale).max(500);
    let seconds = |value: &mut u32| *value = scaled(*value, scale).max(1);
    for master in &mut topology.masters {
        milliseconds(&mut master.watch.down_after_milliseconds);
        milliseconds(&mut master.watch.failover_timeout_milliseconds);
        seconds(&mut master.min_replicas_max_lag);
    }
    seconds(&mut topology.patience.decision_seconds);
    seconds(&mut topology.patience.wait_seconds);
    seconds(&mut topology.patience.sentinel_seconds);
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn scaled(value: u32, scale: f64) -> u32 {
    (f64::from(value) * scale).round() as u32
}
