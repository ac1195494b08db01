use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Host, Role, Spec, Spread},
    survival::{Deployment, Loss, Obstacle},
};

pub const RULE: Rule = Rule {
    id: "zone-loss-stops-failover",
    severity: Severity::Error,
    allowable: true,
    why: "A failover needs a majority of all Sentinels and a replica with the data. What fails together must not take \
          either.",
    bad: "
metadata: { name: cache }
spec:
  placement: { zones: { spread: Required, names: [eu-1a, eu-1b] } }
",
    good: "
metadata: { name: cache }
spec:
  placement: { zones: { spread: Required, names: [eu-1a, eu-1b, eu-1c] } }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let nodes = |master| spec.replicas_of(master).saturating_add(1);
    let deployment = Deployment {
        sentinels: spec.sentinel_instances(),
        quorum: spec.quorum(),
        nodes: spec.spec.masters.iter().map(nodes).collect(),
    };
    if spec.on_kubernetes() {
        zones(spec, &deployment, findings);
    } else {
        hosts(spec, &deployment, findings);
    }
}

fn zones(spec: &Spec, deployment: &Deployment, findings: &mut Vec<Finding>) {
    let zones = &spec.spec.placement.zones;
    if zones.names.is_empty() {
        return;
    }
    if zones.spread() == Spread::Disabled {
        findings.push(
            Finding::at(
                "spec.placement.zones.spread",
                format!("one of the zones {} may hold every node", list(&zones.names)),
            )
            .help("write `spread: Required`, or `spread: Preferred`")
            .warning(),
        );
        return;
    }
    let count = u32::try_from(zones.names.len()).unwrap_or(u32::MAX);
    let is_required = zones.spread() == Spread::Required;
    let limit = if is_required {
        ""
    } else {
        ", even with the even spread that `Preferred` does not promise,"
    };
    for obstacle in obstacles(deployment, &deployment.worst_zone(count)) {
        let message = format!(
            "losing one of the zones {}{limit} {}",
            list(&zones.names),
            effect(spec, obstacle)
        );
        let help = if count < 3 {
            "name 3 zones and spread over them"
        } else {
            "write an odd number of Sentinels, and 2 replicas or more"
        };
        let finding = Finding::at("spec.placement.zones.names", message).help(help);
        findings.push(if is_required { finding } else { finding.warning() });
    }
}

fn hosts(spec: &Spec, deployment: &Deployment, findings: &mut Vec<Finding>) {
    for (obstacle, names) in fatal(spec, deployment) {
        let message = format!("losing {} {}", names.join(" or "), effect(spec, obstacle));
        let help = match obstacle {
            Obstacle::Sentinels { .. } => {
                "move Sentinels, or add one in a third zone, so that no zone has a majority"
            }
            Obstacle::NoReplica { .. } => "give a host of another zone a node of this master",
        };
        let finding = Finding::at("spec.platform.hosts", message).help(help);
        let is_required = spec.spec.placement.zones.spread() == Spread::Required;
        findings.push(if is_required { finding } else { finding.warning() });
    }
}

/// What stops a failover, with every zone and every host whose loss does it.
fn fatal(spec: &Spec, deployment: &Deployment) -> Vec<(Obstacle, Vec<String>)> {
    let hosts = &spec.spec.platform.hosts;
    let mut losses: Vec<(String, Vec<&Host>)> = Vec::new();
    for host in hosts {
        let name = host.zone.as_ref().map(|zone| format!("zone `{zone}`"));
        let name = name.unwrap_or_else(|| format!("host `{}`", host.name));
        match losses.iter_mut().find(|(other, _)| *other == name) {
            Some((_, lost)) => lost.push(host),
            None => losses.push((name, vec![host])),
        }
    }
    let in_larger_zone = |host: &Host| {
        host.zone.is_some() && hosts.iter().filter(|other| other.zone == host.zone).count() > 1
    };
    losses.extend(
        hosts
            .iter()
            .filter(|host| in_larger_zone(host))
            .map(|host| (format!("host `{}`", host.name), vec![host])),
    );
    let mut fatal: Vec<(Obstacle, Vec<String>)> = Vec::new();
    for (name, lost) in losses {
        for obstacle in obstacles(deployment, &loss(spec, &lost)) {
            match fatal.iter_mut().find(|(other, _)| *other == obstacle) {
                Some((_, names)) => names.push(name.clone()),
                None => fatal.push((obstacle, vec![name.clone()])),
            }
        }
    }
    fatal
}

fn loss(spec: &Spec, lost: &[&Host]) -> Loss {
    let count = |hosts: usize| u32::try_from(hosts).unwrap_or(u32::MAX);
    let is_lost = |host: &Host| lost.iter().any(|other| std::ptr::eq(*other, host));
    Loss {
        sentinels: count(lost.iter().filter(|host| host.roles.contains(&Role::Sentinel)).count()),
        nodes: spec
            .spec
            .masters
            .iter()
            .map(|master| count(spec.hosts_of(master).filter(|host| is_lost(host)).count()))
            .collect(),
    }
}

/// A master without any replica is another rule's.
fn obstacles(deployment: &Deployment, loss: &Loss) -> Vec<Obstacle> {
    let mut obstacles = deployment.obstacles(loss);
    obstacles.retain(|obstacle| !matches!(obstacle, Obstacle::NoReplica { master } if deployment.nodes[*master] < 2));
    obstacles
}

fn effect(spec: &Spec, obstacle: Obstacle) -> String {
    match obstacle {
        Obstacle::Sentinels { left, needed } => {
            format!(
                "leaves {left} of {} Sentinels; a failover needs {needed}",
                spec.sentinel_instances()
            )
        }
        Obstacle::NoReplica { master } => {
            format!("can take every node of master `{}`", spec.spec.masters[master].name)
        }
    }
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
