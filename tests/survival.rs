//! What is left after a loss, compared with trying every case.

use proptest::prelude::*;
use redisforge::survival::{Deployment, Loss, Obstacle};

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

proptest! {
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
