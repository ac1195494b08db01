//! Every metric that the alerts read, with values as large as they may be where all is well.

use super::{
    levels::{
        MEBIBYTE, acknowledged, clients, evicted, float, offset, per_minute, per_second, resident,
        used,
    },
    scene::{Scene, address, replicas, seed},
    series::{
        Series, Shown, certificates, connected, data, errors, followed, infos, links, opinion,
        sentinel,
    },
    values::{Values, flat, rising},
};
use crate::{
    families::monitoring::limits,
    topology::{DataNode, Master, Topology},
};

/// Whom a metric is about, and what its series say.
enum Shape {
    /// Every process.
    Process(fn(&Scene<'_>) -> Values),
    /// Data nodes.
    Node(fn(&Scene<'_>, &Master) -> Option<Values>),
    /// The master's replicas as they see themselves, with further labels.
    Replica(fn(&Master) -> Values, &'static str),
    /// The master's replicas as it sees them.
    Link(fn(&Scene<'_>, &Master) -> Values),
    /// Sentinels.
    Sentinel(fn(&Scene<'_>) -> f64),
    /// What each Sentinel says of each master.
    Watched(fn(&Scene<'_>, &Master) -> f64),
    Special(fn(&Scene<'_>) -> Vec<Series>),
}

use Shape::{Link, Node, Process, Replica, Sentinel, Special, Watched};

const METRICS: &[(&str, Shape)] = &[
    ("up", Process(|_| flat(1.0))),
    ("redis_up", Process(|_| flat(1.0))),
    ("redis_uptime_in_seconds", Process(|scene| rising(9000.0, scene.step.into()))),
    ("redis_instance_info", Special(infos)),
    ("redis_connected_slaves", Special(connected)),
    (
        "redis_connected_slave_lag_seconds",
        Link(|_, master| flat(master.min_replicas_max_lag.into())),
    ),
    ("redis_connected_slave_offset_bytes", Link(acknowledged)),
    ("redis_master_repl_offset", Node(|scene, master| Some(offset(scene, master)))),
    ("redis_replica_resyncs_full", Node(|_, _| Some(flat(2.0)))),
    ("redis_replica_partial_resync_denied", Node(|_, _| Some(flat(0.0)))),
    ("redis_master_link_up", Replica(|_| flat(1.0), "")),
    ("redis_master_sync_in_progress", Replica(|_| flat(0.0), "")),
    ("redis_slave_info", Replica(|_| flat(1.0), r#",read_only="1""#)),
    ("redis_slave_priority", Replica(|_| flat(100.0), "")),
    ("redis_memory_used_bytes", Node(|scene, master| Some(flat(used(scene, master))))),
    ("redis_mem_not_counted_for_eviction_bytes", Node(|_, _| Some(flat(MEBIBYTE)))),
    ("redis_memory_max_bytes", Node(|_, master| Some(flat(float(master.maxmemory_bytes))))),
    ("redis_memory_used_rss_bytes", Node(|scene, master| Some(flat(resident(scene, master))))),
    (
        "redis_mem_fragmentation_ratio",
        Node(|scene, _| Some(flat(scene.thresholds.fragmentation_ratio))),
    ),
    (
        "redis_mem_fragmentation_bytes",
        Node(|scene, _| Some(flat(f64::from(scene.thresholds.fragmentation_mebibytes) * MEBIBYTE))),
    ),
    ("redis_evicted_keys_total", Node(|scene, master| Some(evicted(scene, master)))),
    ("redis_connected_clients", Node(|scene, master| Some(flat(clients(scene, master))))),
    ("redis_max_clients", Node(|_, master| Some(flat(float(master.maxclients))))),
    ("redis_rejected_connections_total", Node(|_, _| Some(flat(7.0)))),
    (
        "redis_connections_received_total",
        Node(|scene, _| Some(per_second(scene, scene.thresholds.connections_per_second))),
    ),
    (
        "redis_slowlog_last_id",
        Node(|scene, _| Some(per_minute(scene, scene.thresholds.slow_commands_per_minute))),
    ),
    ("redis_loading_dump_file", Node(|_, _| Some(flat(0.0)))),
    ("redis_replication_backlog_bytes", Node(|_, master| Some(flat(float(master.backlog_bytes))))),
    ("redis_aof_enabled", Node(|_, master| Some(flat(u32::from(master.persistence.aof).into())))),
    ("redis_aof_last_write_status", Node(|_, master| master.persistence.aof.then(|| flat(1.0)))),
    (
        "redis_aof_last_bgrewrite_status",
        Node(|_, master| master.persistence.aof.then(|| flat(1.0))),
    ),
    (
        "redis_aof_delayed_fsync",
        Node(|scene, master| {
            let limit = scene.thresholds.delayed_fsyncs_per_minute;
            master.persistence.aof.then(|| per_minute(scene, limit))
        }),
    ),
    ("redis_rdb_last_bgsave_status", Node(|_, master| master.persistence.rdb.then(|| flat(1.0)))),
    (
        "redis_rdb_last_save_timestamp_seconds",
        Node(|_, master| limits::save_seconds(master).map(|_| flat(0.0))),
    ),
    (
        "redis_rdb_changes_since_last_save",
        Node(|_, master| limits::save_seconds(master).map(|_| flat(0.0))),
    ),
    ("redis_errors_total", Special(errors)),
    ("redis_sentinel_masters", Sentinel(|scene| float(scene.topology.masters.len() as u64))),
    ("redis_sentinel_tilt", Sentinel(|_| 0.0)),
    (
        "redis_sentinel_scripts_queue_length",
        Sentinel(|scene| scene.thresholds.queued_scripts.into()),
    ),
    ("redis_sentinel_master_status", Watched(|_, _| 1.0)),
    ("redis_sentinel_master_ckquorum_status", Watched(|_, _| 1.0)),
    (
        "redis_sentinel_master_ok_sentinels",
        Watched(|scene, _| scene.topology.sentinel.majority.into()),
    ),
    (
        "redis_sentinel_master_sentinels",
        Watched(|scene, _| scene.topology.sentinel.instances.into()),
    ),
    ("redis_sentinel_master_slaves", Watched(|_, master| master.replicas.into())),
    ("redis_sentinel_master_ok_slaves", Watched(|_, master| master.replicas.into())),
    ("redis_sentinel_master_config_epoch", Watched(|_, _| 4.0)),
    (
        "redis_sentinel_master_setting_ckquorum",
        Watched(|scene, _| scene.topology.sentinel.quorum.into()),
    ),
    (
        "redis_sentinel_master_setting_down_after_milliseconds",
        Watched(|_, master| master.watch.down_after_milliseconds.into()),
    ),
    (
        "redis_sentinel_master_setting_failover_timeout",
        Watched(|_, master| master.watch.failover_timeout_milliseconds.into()),
    ),
    (
        "redis_sentinel_master_setting_parallel_syncs",
        Watched(|_, master| master.watch.parallel_syncs.into()),
    ),
    ("certmanager_certificate_expiration_timestamp_seconds", Special(certificates)),
];

/// The series of every metric where all is well.
pub struct Healthy {
    /// Addresses of the Sentinels.
    pub sentinels: Vec<String>,
    metrics: Vec<(&'static str, Vec<Series>)>,
}

impl Healthy {
    /// No series.
    pub fn nothing(topology: &Topology) -> Self {
        let nodes = topology.sentinel.nodes.iter();
        let sentinels = nodes.map(|node| format!("{}:{}", node.host, node.port)).collect();
        Self { sentinels, metrics: Vec::new() }
    }

    /// Made for a scene of which only the topology counts.
    pub fn new(scene: &Scene<'_>) -> Self {
        let all = METRICS.iter();
        Self {
            sentinels: scene.sentinels().to_vec(),
            metrics: all.map(|(metric, shape)| (*metric, series(scene, metric, shape))).collect(),
        }
    }

    pub fn metrics(&self) -> impl Iterator<Item = &'static str> {
        self.metrics.iter().map(|(metric, _)| *metric)
    }

    /// The series of a metric.
    pub fn of<'a>(&'a self, metric: &str) -> impl Iterator<Item = Shown<'a>> {
        let all = self.metrics.iter().filter(move |(name, _)| *name == metric);
        all.flat_map(|(_, series)| series)
            .zip(1..)
            .map(|(series, number)| Shown::Healthy(series, number))
    }
}

fn series(scene: &Scene<'_>, metric: &'static str, shape: &Shape) -> Vec<Series> {
    let masters = &scene.topology.masters;
    let of_node = |master: &Master, node: &DataNode, more: &str, values: Values| {
        data(scene, metric, master, &address(node), more, values)
    };
    match shape {
        Process(values) => masters
            .iter()
            .flat_map(|master| master.nodes.iter().map(move |node| (master, node)))
            .map(|(master, node)| of_node(master, node, "", values(scene)))
            .chain(
                scene.sentinels().iter().map(|own| sentinel(scene, metric, own, "", values(scene))),
            )
            .collect(),
        Node(values) => masters
            .iter()
            .filter_map(|master| Some((master, values(scene, master)?)))
            .flat_map(|(master, values)| {
                master.nodes.iter().map(move |node| of_node(master, node, "", values.clone()))
            })
            .collect(),
        Replica(values, more) => masters
            .iter()
            .flat_map(|master| replicas(master).into_iter().map(move |node| (master, node)))
            .map(|(master, node)| {
                of_node(master, node, &format!("{}{more}", followed(master)), values(master))
            })
            .collect(),
        Link(values) => masters
            .iter()
            .flat_map(|master| links(scene, metric, master, seed(master), &values(scene, master)))
            .collect(),
        Sentinel(value) => {
            let sentinels = scene.sentinels();
            sentinels
                .iter()
                .map(|own| sentinel(scene, metric, own, "", flat(value(scene))))
                .collect()
        }
        Watched(value) => scene
            .sentinels()
            .iter()
            .flat_map(|own| masters.iter().map(move |master| (own, master)))
            .map(|(own, master)| {
                let values = flat(value(scene, master));
                opinion(scene, metric, own, master, &address(seed(master)), values)
            })
            .collect(),
        Special(all) => all(scene),
    }
}
