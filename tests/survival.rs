//! What is left after a loss, compared with trying every case.

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use redisforge::{
    diagnostic::Severity,
    survival::{Deployment, Loss, Obstacle},
};
use support::load_text;

/// Every way to put `count` pods into `zones` zones that differ by one at most, as pods per zone.
fn even_spreads(count: u32, zones: u32) -> Vec<Vec<u32>> {
    let all = (0..(count + 1).pow(zones)).map(|mut code| {
        let mut digit = || {
            let digit = code % (count + 1);
            code /= count + 1;
            digit
        };
        (0..zones).map(|_| digit()).collect::<Vec<u32>>()
    });
    all.filter(|pods| {
        let (least, most) = (pods.iter().min(), pods.iter().max());
        pods.iter().sum::<u32>() == count
            && most.zip(least).is_some_and(|(most, least)| most - least <= 1)
    })
    .collect()
}

/// Whether the Sentinels that are left can elect a leader, counted vote by vote.
fn elects(sentinels: u32, lost: u32, quorum: u32) -> bool {
    let votes = (0..sentinels).filter(|sentinel| *sentinel >= lost).count();
    votes * 2 > sentinels as usize && votes >= quorum as usize
}

/// Its zone, whether it has a Sentinel, and whether it has a node of the first and of the second master.
type Host = (usize, bool, bool, bool);

/// A host of a written spec: its zone, and its role.
#[derive(Clone, Debug)]
struct Machine {
    zone: Option<usize>,
    redis: bool,
    sentinel: bool,
}

fn machines() -> impl Strategy<Value = Vec<Machine>> {
    let machine = (prop::option::weighted(0.8, 0..4_usize), 0..4_u32);
    let machine =
        machine.prop_map(|(zone, roles)| Machine { zone, redis: roles != 1, sentinel: roles != 2 });
    prop::collection::vec(machine, 3..8)
}

/// A spec of these machines; each master names its hosts, or leaves them to the rule's default.
fn written(machines: &[Machine], masters: &[Option<Vec<usize>>], spread: &str) -> String {
    let mut text = String::from(
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {name: cache}\nspec:\n",
    );
    text += &format!(
        "  placement: {{zones: {{{spread}}}}}\n  platform:\n    type: Hosts\n    hosts:\n"
    );
    for (index, machine) in machines.iter().enumerate() {
        let zone = machine.zone.map(|zone| format!(", zone: z{zone}")).unwrap_or_default();
        let roles = [(machine.redis, "Redis"), (machine.sentinel, "Sentinel")];
        let roles: Vec<&str> = roles.iter().filter(|role| role.0).map(|role| role.1).collect();
        text += &format!(
            "      - {{name: h{index}, address: 10.0.0.{}{zone}, roles: [{}]}}\n",
            index + 1,
            roles.join(", ")
        );
    }
    text += "  masters:\n";
    for (index, hosts) in masters.iter().enumerate() {
        let names = |hosts: &Vec<usize>| {
            let names: Vec<String> = hosts.iter().map(|host| format!("h{host}")).collect();
            format!(", hosts: [{}]", names.join(", "))
        };
        let hosts = hosts.as_ref().map(names).unwrap_or_default();
        text += &format!("    - {{name: m{index}{hosts}, redis: {{port: {}}}}}\n", 7000 + index);
    }
    text
}

/// What can fail together, by name: each zone, and each host that is not all of its zone.
fn losses(machines: &[Machine]) -> BTreeSet<(String, Vec<usize>)> {
    let mut losses = BTreeSet::new();
    for (index, machine) in machines.iter().enumerate() {
        let in_zone = |other: &usize| machines[*other].zone == machine.zone;
        let all: Vec<usize> = (0..machines.len()).filter(in_zone).collect();
        if machine.zone.is_none() || all.len() > 1 {
            losses.insert((format!("host `h{index}`"), vec![index]));
        }
        if let Some(zone) = machine.zone {
            losses.insert((format!("zone `z{zone}`"), all));
        }
    }
    losses
}

/// Every pair of a loss and what it stops, found by killing it under each node that could be master.
fn stopped(machines: &[Machine], masters: &[Option<Vec<usize>>]) -> BTreeSet<(String, String)> {
    let with = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..machines.len()).filter(|index| wanted(*index)).collect()
    };
    let voters = with(&|index| machines[index].sentinel);
    let mut stopped = BTreeSet::new();
    for (name, lost) in losses(machines) {
        let left = voters.iter().filter(|index| !lost.contains(index)).count();
        if left < voters.len() && left * 2 <= voters.len() {
            stopped.insert((name.clone(), "Sentinels".to_string()));
        }
        for (master, hosts) in masters.iter().enumerate() {
            let nodes = with(&|index| {
                machines[index].redis && hosts.as_ref().is_none_or(|hosts| hosts.contains(&index))
            });
            let is_stuck = |first: &usize| {
                lost.contains(first) && nodes.iter().all(|other| lost.contains(other))
            };
            // A master without any replica is another rule's.
            if nodes.len() > 1 && nodes.iter().any(is_stuck) {
                stopped.insert((name.clone(), format!("m{master}")));
            }
        }
    }
    stopped
}

/// The same as the finding says it: `losing A or B leaves …`, `losing A or B can take every node of master …`.
fn told(message: &str) -> BTreeSet<(String, String)> {
    let message = message.strip_prefix("losing ").unwrap();
    let (names, what) = match message.split_once(" leaves ") {
        Some((names, _)) => (names, "Sentinels"),
        None => message.split_once(" can take every node of master ").unwrap(),
    };
    names.split(" or ").map(|name| (name.into(), what.trim_matches('`').into())).collect()
}

proptest! {
    #[test]
    fn the_rule_names_every_zone_and_host_whose_loss_stops_a_failover_and_no_other(
        machines in machines(),
        chosen in prop::collection::vec(prop::option::of(prop::collection::btree_set(0..7_usize, 1..7)), 1..4),
        required: bool,
    ) {
        let within = |hosts: BTreeSet<usize>| -> Vec<usize> {
            hosts.into_iter().filter(|host| *host < machines.len()).collect()
        };
        let masters: Vec<Option<Vec<usize>>> =
            chosen.into_iter().map(|hosts| hosts.map(within)).collect();
        let spread = if required { "spread: Required" } else { "" };
        let text = written(&machines, &masters, spread);
        let mut found = BTreeSet::new();
        for diagnostic in load_text(&text).diagnostics {
            let shape = ["yaml-syntax", "unknown-field", "wrong-type", "unknown-value"];
            prop_assert!(!shape.contains(&diagnostic.id), "{}\n{text}", diagnostic.message);
            if diagnostic.id == "zone-loss-stops-failover" {
                let severity = if required { Severity::Error } else { Severity::Warning };
                prop_assert_eq!(diagnostic.severity, severity);
                found.extend(told(&diagnostic.message));
            }
        }
        prop_assert_eq!(found, stopped(&machines, &masters), "{}", text);
    }

    #[test]
    fn the_worst_zone_is_the_worst_of_all_even_spreads(sentinels in 1..8_u32, nodes in 1..6_u32, zones in 1..5_u32) {
        let deployment = Deployment { sentinels, quorum: sentinels / 2 + 1, nodes: vec![nodes] };
        let worst = |count| even_spreads(count, zones).into_iter().flatten().max().unwrap();
        let loss = deployment.worst_zone(zones);
        prop_assert_eq!(&loss, &Loss { sentinels: worst(sentinels), nodes: vec![worst(nodes)] });
        let obstacles = deployment.obstacles(&loss);
        let fails = obstacles.iter().any(|obstacle| matches!(obstacle, Obstacle::Sentinels { .. }));
        let some_spread_fails = even_spreads(sentinels, zones)
            .iter()
            .flatten()
            .any(|lost| !elects(sentinels, *lost, deployment.quorum));
        prop_assert_eq!(fails, some_spread_fails);
    }

    #[test]
    fn an_obstacle_is_one_for_some_host_as_master(
        hosts in prop::collection::vec((0..3_usize, any::<bool>(), any::<bool>(), any::<bool>()), 1..8),
        zone in 0..3_usize,
        more in 0..2_u32,
    ) {
        let in_zone: Vec<_> = hosts.iter().filter(|host| host.0 == zone).collect();
        let count = |number: usize| u32::try_from(number).unwrap();
        let sentinels = count(hosts.iter().filter(|host| host.1).count());
        let quorum = sentinels / 2 + 1 + more;
        let first = |host: &&Host| host.2;
        let second = |host: &&Host| host.3;
        let nodes = vec![count(hosts.iter().filter(first).count()), count(hosts.iter().filter(second).count())];
        let loss = Loss {
            sentinels: count(in_zone.iter().filter(|host| host.1).count()),
            nodes: vec![
                count(in_zone.iter().filter(|host| host.2).count()),
                count(in_zone.iter().filter(|host| host.3).count()),
            ],
        };
        let mut expected = Vec::new();
        if loss.sentinels > 0 && !elects(sentinels, loss.sentinels, quorum) {
            expected.push(Obstacle::Sentinels { left: sentinels - loss.sentinels, needed: quorum });
        }
        for master in 0..2 {
            let runs = |host: &&Host| if master == 0 { host.2 } else { host.3 };
            let stuck = hosts.iter().filter(runs).any(|first| {
                first.0 == zone && !hosts.iter().filter(runs).any(|other| other.0 != zone)
            });
            if stuck {
                expected.push(Obstacle::NoReplica { master });
            }
        }
        prop_assert_eq!(Deployment { sentinels, quorum, nodes }.obstacles(&loss), expected);
    }

    #[test]
    fn no_number_is_too_large(
        sentinels: u32,
        quorum: u32,
        nodes in prop::collection::vec(any::<u32>(), 0..4),
        zones: u32,
    ) {
        let deployment = Deployment { sentinels, quorum, nodes };
        let loss = deployment.worst_zone(zones);
        prop_assert!(loss.sentinels <= sentinels);
        prop_assert!(deployment.obstacles(&loss).len() <= deployment.nodes.len() + 1);
    }
}
