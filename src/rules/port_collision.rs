use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Role, ScrapeType, Spec},
};

pub const RULE: Rule = Rule {
    id: "port-collision",
    severity: Severity::Error,
    allowable: false,
    why: "Two processes cannot listen on one port of one machine or pod, and Sentinel cannot tell apart two nodes that \
          announce one address.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  masters: [{ name: orders }, { name: sessions }]
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  masters: [{ name: orders }, { name: sessions, redis: { port: 6380 } }]
",
    check: Check::Spec(check),
};

/// Where the exporter listens.
const EXPORTER: u32 = 9121;

/// A process with its ports, and the machines that it runs on; a pod is a machine of its own.
struct Process<'a> {
    name: String,
    at: String,
    port: u32,
    announced: u32,
    hosts: Vec<&'a str>,
}

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let processes = processes(spec);
    for (index, process) in processes.iter().enumerate() {
        if process.port == EXPORTER && spec.scrape_type() != ScrapeType::Disabled {
            findings.push(
                Finding::at(
                    format!("{}.port", process.at),
                    format!("port {EXPORTER} is the exporter's"),
                )
                .help("write another port"),
            );
        }
        for other in &processes[..index] {
            let Some(host) = process.hosts.iter().find(|host| other.hosts.contains(host)) else {
                continue;
            };
            if process.port == other.port {
                let message =
                    format!("port {} of host `{host}` is that of {} too", process.port, other.name);
                findings.push(
                    Finding::at(format!("{}.port", process.at), message).help("write another port"),
                );
            } else if process.announced == other.announced {
                let message = format!(
                    "{} announces port {} of host `{host}` too",
                    other.name, process.announced
                );
                findings.push(
                    Finding::at(format!("{}.announcePort", process.at), message)
                        .help("write another port"),
                );
            }
        }
    }
}

fn processes(spec: &Spec) -> Vec<Process<'_>> {
    let on_hosts = spec.on_hosts();
    let sentinel = &spec.spec.sentinel;
    let hosts = spec.spec.platform.hosts_with(Role::Sentinel).filter(|_| on_hosts);
    let mut processes = vec![Process {
        name: "Sentinel".into(),
        at: "spec.sentinel".into(),
        port: sentinel.port,
        announced: sentinel.announce_port.unwrap_or(sentinel.port),
        hosts: hosts.map(|host| host.name.as_str()).collect(),
    }];
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        processes.push(Process {
            name: format!("master `{}`", master.name),
            at: format!("spec.masters[{index}].redis"),
            port: redis.port,
            announced: redis.announce_port.unwrap_or(redis.port),
            hosts: spec
                .hosts_of(master)
                .filter(|_| on_hosts)
                .map(|host| host.name.as_str())
                .collect(),
        });
    }
    processes
}
