//! The exporter of a host, as its unit starts it.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{cluster::Cluster, nodes::Nodes, support::installed::run};

struct Exporter(Child);

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the exporter of the first host and has it ask every process there.
pub fn sees_every_process(cluster: &Cluster) {
    let root = cluster.root(0);
    let unit =
        std::fs::read_to_string(root.join("etc/systemd/system/redis-exporter.service")).unwrap();
    let line = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)).unwrap().split(' ');
    std::fs::create_dir_all(root.join("run/redis-exporter")).unwrap();
    run(cluster.shell().args(line("ExecStartPre=/bin/sh ")));
    let start =
        cluster.shell().args(line("ExecStart=/bin/sh ")).stderr(Stdio::null()).spawn().unwrap();
    let _exporter = Exporter(start);
    let scheme = if cluster.topology.tls.is_some() { "rediss" } else { "redis" };
    let address = &cluster.topology.hosts[0].address;
    for place in cluster.places().iter().filter(|place| place.host == 0) {
        let target = cluster.announced(place);
        let url = format!("http://{address}:9121/scrape?target={scheme}://{target}");
        cluster.wait_for(&format!("metrics of {}", place.name), Duration::from_secs(10), |_| {
            let answer =
                Command::new("curl").args(["--silent", "--max-time", "5", &url]).output().unwrap();
            String::from_utf8_lossy(&answer.stdout).contains("\nredis_up 1\n")
        });
    }
}
