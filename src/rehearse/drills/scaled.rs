//! Drill 17: add a data node to a running set, have it become the master, and take it out again.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::Drill;
use crate::{
    rehearse::stage::Stage,
    topology::{DataNode, Topology},
};

pub const DRILL: Drill = Drill {
    number: 17,
    name: "scaled",
    does: "add a data node to a running set, have it become the master, and take it out again",
    holds: "a good end both times, the node hands over as it goes, and no Sentinel remembers it; nothing lost",
    needs: &[],
    run,
    leaves_set_as_it_was: false,
};

fn run(stage: &mut Stage) -> Result<()> {
    stage.write()?;
    let before = stage.lab.topology.clone();
    let larger = with_one_more(&before);
    stage.lab.change(larger)?;
    stage.watch_anew()?;
    let added = *stage.nodes().last().context("there is no node")?;
    stage.start(added)?;
    let began = Instant::now();
    stage.good_end(Duration::from_mins(1))?;
    stage.tell(format!("it takes part after {:.1} s", began.elapsed().as_secs_f64()));

    make_master(stage, added)?;
    // The member list comes first, as a ConfigMap may.
    stage.lab.change(before)?;
    let said = stage.stop(added)?;
    stage.check(said.contains("handed over"), format!("the stop script did not hand over: {said}"));
    stage.lab.drop_the_gone();
    stage.watch_anew()?;
    for sentinel in stage.sentinels() {
        stage.stop(sentinel)?;
        stage.start(sentinel)?;
        stage.until("the Sentinel is back", Duration::from_secs(30), |stage| {
            stage.sentinel(sentinel, 0).is_some_and(|view| view.has_quorum)
        })?;
    }
    stage.good_end(Duration::from_mins(1))?;
    stage.read_back()?;
    Ok(())
}

/// Has the next failover take this node, and waits for that.
fn make_master(stage: &mut Stage, node: usize) -> Result<()> {
    let old = stage.master()?;
    let others: Vec<usize> = stage.replicas()?.into_iter().filter(|other| *other != node).collect();
    for other in &others {
        stage.order(*other, &["CONFIG", "SET", "replica-priority", "0"])?;
    }
    stage.settle()?;
    stage.stop(old)?;
    stage.start(old)?;
    for other in &others {
        stage.order(*other, &["CONFIG", "SET", "replica-priority", "100"])?;
    }
    stage.good_end(Duration::from_mins(1))?;
    let now = stage.master()?;
    stage.check(now == node, format!("{} is master instead", stage.title(now)));
    stage.settle()
}

/// The topology with one more data node of the first master, and a host for it.
fn with_one_more(topology: &Topology) -> Topology {
    let mut larger = topology.clone();
    let nodes = &mut larger.masters[0].nodes;
    let Some(last) = nodes.last().cloned() else { return larger };
    let (number, more) = (nodes.len() - 1, nodes.len());
    let mut node = DataNode { seed: false, ..last.clone() };
    if let Some(host) = larger.hosts.iter().find(|host| host.name == last.name) {
        let mut host = host.clone();
        host.name = format!("one-more-{}", last.name);
        let taken = larger.hosts.iter().filter_map(|host| host.address.parse::<Ipv4Addr>().ok());
        let free = taken.map(u32::from).max().unwrap_or(0) + 1;
        host.address = Ipv4Addr::from(free).to_string();
        host.bind.clone_from(&vec![host.address.clone(), "127.0.0.1".into()]);
        host.has_sentinel = false;
        host.masters = vec![larger.masters[0].name.clone()];
        node.name.clone_from(&host.name);
        node.host = if larger.network.announce_hostnames {
            host.name.clone()
        } else {
            host.address.clone()
        };
        larger.hosts.push(host);
    } else {
        let other = |text: &str| text.replacen(&format!("-{number}"), &format!("-{more}"), 1);
        let object = &larger.masters[0].object;
        let own = node.name[object.len()..].to_string();
        node.name = format!("{object}{}", other(&own));
        node.host = node.host.replacen(&format!("{object}{own}"), &node.name, 1);
    }
    larger.masters[0].nodes.push(node);
    larger.masters[0].replicas += 1;
    larger
}
