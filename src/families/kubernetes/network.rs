//! Who talks to whom on which port, and the names that certificates carry.

use std::collections::BTreeSet;

use crate::{
    spec::{LabelSelector, Peer},
    topology::Topology,
};

/// Port on which Alertmanager's pods listen, whatever the port of the Service before them.
const ALERTMANAGER: u32 = 9093;

/// Clients as peers of a policy: as the user wrote them, else the pods of the same namespace.
pub fn clients(topology: &Topology) -> Vec<Peer> {
    let written = &topology.network.allow_from;
    if !written.is_empty() {
        return written.clone();
    }
    vec![Peer {
        namespace_selector: None,
        pod_selector: Some(LabelSelector::default()),
        ip_block: None,
    }]
}

/// Ports of all data nodes.
pub fn redis_ports(topology: &Topology) -> BTreeSet<u32> {
    topology.masters.iter().map(|master| master.port).collect()
}

/// Ports on which Sentinels reach the Alertmanagers.
pub fn alertmanager_ports(topology: &Topology) -> BTreeSet<u32> {
    let notifications = &topology.notifications;
    let mut ports: BTreeSet<u32> =
        notifications.alertmanagers.iter().map(|url| port(url)).collect();
    if !ports.is_empty() {
        ports.insert(ALERTMANAGER);
    }
    ports
}

/// The port of a URL, or that of its scheme.
fn port(url: &str) -> u32 {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Behind the last bracket, because an IPv6 address has colons of its own.
    let after_address = authority.rfind([']', '@']).map_or(authority, |at| &authority[at + 1..]);
    let written = after_address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    written.unwrap_or(if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 })
}

/// Names of a workload's certificate: its Services, its pods, and what probes and exporter call their own pod.
/// The first of the Services is the one that names the pods.
pub fn dns_names(topology: &Topology, services: &[String; 2], hosts: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if let (Some(namespace), Some(kubernetes)) = (&topology.namespace, &topology.kubernetes) {
        let domain = &kubernetes.cluster_domain;
        let suffixes = [
            format!(".{namespace}"),
            format!(".{namespace}.svc"),
            format!(".{namespace}.svc.{domain}"),
        ];
        let under = |name: &str| {
            suffixes.iter().map(|suffix| format!("{name}{suffix}")).collect::<Vec<_>>()
        };
        for service in services {
            names.push(service.clone());
            names.extend(under(service));
        }
        // OpenSSL takes no wildcard with fewer than two dots.
        names.extend(under(&format!("*.{}", services[0])));
    } else {
        names.extend(services.iter().cloned());
        names.extend(hosts.iter().map(|host| (*host).into()));
    }
    names.push("localhost".into());
    names
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn the_port_of_a_url_is_the_written_one_or_that_of_its_scheme() {
        assert_eq!(port("http://alertmanager.monitoring:9093"), 9093);
        assert_eq!(port("https://alerts.example.com/alertmanager"), 443);
        assert_eq!(port("http://alerts.example.com/a:1"), 80);
        assert_eq!(port("http://[2001:db8::1]:9093/x"), 9093);
        assert_eq!(port("http://[2001:db8::1]"), 80);
        assert_eq!(port("http://user:secret@alerts:9094"), 9094);
        assert_eq!(port("http://user:8080@alerts"), 80);
    }
}
