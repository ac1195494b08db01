//! A set of the examples with its exporters.

use std::{fs, net::Ipv4Addr, time::Duration};

use redisforge::{
    catalog::{self, Artifact},
    templates::Templates,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    cluster::Cluster,
    nodes::Nodes,
    programs::{Running, get, until},
    support::installed::run,
};

/// The processes of a topology and the exporter of each of its hosts.
pub struct Set {
    pub exporters: Vec<Running>,
    pub cluster: Cluster,
    pub artifacts: Vec<Artifact>,
    pub scratch: TempDir,
}

/// One page of an exporter, as the rendered scrape file asks for it.
pub struct Page {
    pub url: String,
    pub target: String,
    pub is_sentinel: bool,
}

impl Set {
    /// Starts everything that is rendered from a spec and waits until it is well.
    pub fn start(spec: &str) -> Self {
        Self::start_changed(spec, |_| ())
    }

    /// The same, with what was written changed before anything starts.
    pub fn start_changed(spec: &str, change: impl Fn(&Cluster)) -> Self {
        let mut cluster = Cluster::new(spec);
        change(&cluster);
        for index in 0..cluster.processes.len() {
            cluster.start(index);
        }
        let master = cluster.topology.masters[0].name.clone();
        cluster.wait_until_well(&master);
        let artifacts = catalog::plan(&cluster.topology, &Templates::parse());
        Self { exporters: Vec::new(), cluster, artifacts, scratch: tempfile::tempdir().unwrap() }
    }

    /// Starts the exporter of every host, as its unit does, and waits until each page is there.
    pub fn export(&mut self) {
        for host in 0..self.cluster.topology.hosts.len() {
            let root = self.cluster.root(host);
            let unit = root.join("etc/systemd/system/redis-exporter.service");
            let unit = fs::read_to_string(unit).unwrap();
            let line = |key: &str| {
                unit.lines().find_map(|line| line.strip_prefix(key)).unwrap().split(' ')
            };
            fs::create_dir_all(root.join("run/redis-exporter")).unwrap();
            run(self.cluster.shell().args(line("ExecStartPre=/bin/sh ")));
            let mut start = self.cluster.shell();
            start.args(line("ExecStart=/bin/sh "));
            let log = self.scratch.path().join(format!("exporter-{host}.log"));
            self.exporters.push(Running::start(&mut start, &log));
        }
        for page in self.pages() {
            until(&format!("a page about {}", page.target), 20, || {
                let text = get(&page.url, &[("target", &page.target)]);
                (!text.contains("\nredis_up 1\n")).then_some(text)
            });
        }
    }

    pub fn file(&self, path: &str) -> &str {
        let found = self.artifacts.iter().find(|artifact| artifact.path == path);
        &found.unwrap_or_else(|| panic!("no {path}")).content
    }

    pub fn pages(&self) -> Vec<Page> {
        let scrape: Value = serde_yaml::from_str(self.file("monitoring/scrape.yaml")).unwrap();
        let scrape = &scrape["scrape_configs"][0];
        let path = scrape["metrics_path"].as_str().unwrap();
        let page = |config: &Value| Page {
            url: format!("http://{}{path}", config["targets"][0].as_str().unwrap()),
            target: config["labels"]["__param_target"].as_str().unwrap().into(),
            is_sentinel: config["labels"]["component"] == "sentinel",
        };
        scrape["static_configs"].as_array().unwrap().iter().map(page).collect()
    }

    /// What Prometheus waits for a page.
    pub fn scrape_timeout(&self) -> Duration {
        let scrape: Value = serde_yaml::from_str(self.file("monitoring/scrape.yaml")).unwrap();
        let text = scrape["scrape_configs"][0]["scrape_timeout"].as_str().unwrap();
        Duration::from_secs(text.strip_suffix('s').unwrap().parse().unwrap())
    }

    /// The index of the process that a page is about.
    pub fn process_of(&self, page: &Page) -> usize {
        let is_it =
            |place: &_| page.target.ends_with(&format!("//{}", self.cluster.announced(place)));
        self.cluster.places().iter().position(is_it).unwrap()
    }

    /// An address of this set at which nothing else listens.
    pub fn spare_address(&self) -> Ipv4Addr {
        let first: Ipv4Addr = self.cluster.topology.hosts[0].address.parse().unwrap();
        let [a, b, c, _] = first.octets();
        Ipv4Addr::new(a, b, c, 200)
    }
}

pub const MOMENT: Duration = Duration::from_millis(200);
