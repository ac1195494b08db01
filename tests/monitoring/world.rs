//! What Prometheus scrapes from the deployment of the tests, healthy until something is changed.

use std::collections::BTreeMap;

pub const MASTER: &str = "orders-0";
pub const REPLICA: &str = "orders-1";
pub const OTHER_REPLICA: &str = "orders-2";

/// Series with their values, in promtool's notation, one every 15 s.
#[derive(Clone)]
pub struct World(pub BTreeMap<String, String>);

fn constant(value: f64) -> String {
    format!("{value}+0x700")
}

fn data(master: &str, pod: &str) -> String {
    format!(r#"topology="shop",component="redis",master="{master}",instance="{pod}""#)
}

fn sentinel(ordinal: u32) -> String {
    format!(r#"topology="shop",component="sentinel",instance="sentinel-{ordinal}""#)
}

impl World {
    pub fn healthy() -> Self {
        let mut world = Self(BTreeMap::new());
        world.master(
            "orders",
            &[MASTER, REPLICA, OTHER_REPLICA],
            750_780_416.0,
            46_137_344.0,
            "noeviction",
            1.0,
        );
        world.master(
            "pages",
            &["pages-0", "pages-1"],
            750_780_416.0,
            46_137_344.0,
            "allkeys-lru",
            0.0,
        );
        for ordinal in 0..3 {
            world.sentinel(ordinal);
        }
        for name in ["shop-orders-tls", "shop-pages-tls", "shop-sentinel-tls"] {
            let labels =
                format!(r#"name="{name}",namespace="cert-manager",exported_namespace="prod""#);
            world.put("certmanager_certificate_expiration_timestamp_seconds", &labels, 9e6);
        }
        world
    }

    fn master(
        &mut self,
        master: &str,
        pods: &[&str],
        limit: f64,
        backlog: f64,
        policy: &str,
        aof: f64,
    ) {
        for pod in pods {
            let own = data(master, pod);
            let role = if *pod == pods[0] { "master" } else { "slave" };
            for (metric, value) in [
                ("up", 1.0),
                ("redis_up", 1.0),
                ("redis_memory_used_bytes", limit * 0.3),
                ("redis_mem_not_counted_for_eviction_bytes", 1000.0),
                ("redis_memory_max_bytes", limit),
                ("redis_memory_used_rss_bytes", limit * 0.4),
                ("redis_mem_fragmentation_ratio", 1.1),
                ("redis_mem_fragmentation_bytes", 2e6),
                ("redis_evicted_keys_total", 0.0),
                ("redis_connected_clients", 40.0),
                ("redis_max_clients", 10000.0),
                ("redis_rejected_connections_total", 0.0),
                ("redis_connections_received_total", 500.0),
                ("redis_slowlog_last_id", 3.0),
                ("redis_loading_dump_file", 0.0),
                ("redis_replication_backlog_bytes", backlog),
                ("redis_aof_enabled", aof),
                ("redis_aof_last_write_status", 1.0),
                ("redis_aof_last_bgrewrite_status", 1.0),
                ("redis_aof_delayed_fsync", 0.0),
                ("redis_rdb_last_bgsave_status", 1.0),
                ("redis_rdb_last_save_timestamp_seconds", 0.0),
                ("redis_rdb_changes_since_last_save", 0.0),
                ("redis_replica_resyncs_full", 2.0),
                ("redis_replica_partial_resync_denied", 0.0),
                ("redis_master_repl_offset", 5000.0),
            ] {
                self.put(metric, &own, value);
            }
            self.0.insert(format!("redis_uptime_in_seconds{{{own}}}"), "9000+15x700".into());
            self.role(master, pod, policy, role);
        }
        for replica in &pods[1..] {
            self.acknowledge(master, pods[0], replica, 1.0, 4900.0);
        }
        self.put(
            "redis_connected_slaves",
            &data(master, pods[0]),
            f64::from(u32::try_from(pods.len()).unwrap() - 1),
        );
    }

    /// Gives a pod a role, with the metrics that only this role has.
    pub fn role(&mut self, master: &str, pod: &str, policy: &str, role: &str) {
        let own = data(master, pod);
        let info =
            format!(r#"{own},role="{role}",redis_version="7.4.1",maxmemory_policy="{policy}""#);
        self.put("redis_instance_info", &info, 1.0);
        if role == "master" {
            return;
        }
        let followed = format!(r#"{own},master_host="{master}-0",master_port="6379""#);
        self.put("redis_master_link_up", &followed, 1.0);
        self.put("redis_master_sync_in_progress", &followed, 0.0);
        self.put("redis_slave_info", &format!(r#"{followed},read_only="1""#), 1.0);
        self.put("redis_slave_priority", &own, 100.0);
        self.put("redis_connected_slaves", &own, 0.0);
    }

    /// What a master says of a replica.
    pub fn acknowledge(&mut self, master: &str, pod: &str, replica: &str, lag: f64, offset: f64) {
        let labels = format!(
            r#"{},slave_ip="{replica}",slave_port="6379",slave_state="online""#,
            data(master, pod)
        );
        self.put("redis_connected_slave_lag_seconds", &labels, lag);
        self.put("redis_connected_slave_offset_bytes", &labels, offset);
    }

    fn sentinel(&mut self, ordinal: u32) {
        let own = sentinel(ordinal);
        for (metric, value) in [
            ("up", 1.0),
            ("redis_up", 1.0),
            ("redis_sentinel_masters", 2.0),
            ("redis_sentinel_tilt", 0.0),
            ("redis_sentinel_scripts_queue_length", 0.0),
        ] {
            self.put(metric, &own, value);
        }
        self.0.insert(format!("redis_uptime_in_seconds{{{own}}}"), "9000+15x700".into());
        let info = format!(r#"{own},role="",redis_version="7.4.1",maxmemory_policy="""#);
        self.put("redis_instance_info", &info, 1.0);
        for (master, replicas) in [("orders", 2.0), ("pages", 1.0)] {
            self.opinion(ordinal, master, &format!("{master}-0"), replicas);
        }
    }

    /// What a Sentinel says of a master that it takes for healthy.
    pub fn opinion(&mut self, ordinal: u32, master: &str, address: &str, replicas: f64) {
        let watched = format!(r#"{},master="{master}",master_name="{master}""#, sentinel(ordinal));
        let addressed = format!(r#"{watched},master_address="{address}""#);
        self.put(
            "redis_sentinel_master_ckquorum_status",
            &format!(r#"{watched},message="OK 3 usable""#),
            1.0,
        );
        self.put(
            "redis_sentinel_master_status",
            &format!(r#"{addressed},master_status="ok""#),
            1.0,
        );
        for (metric, value) in [
            ("ok_sentinels", 3.0),
            ("sentinels", 3.0),
            ("slaves", replicas),
            ("ok_slaves", replicas),
            ("config_epoch", 4.0),
            ("setting_ckquorum", 2.0),
            ("setting_down_after_milliseconds", 10000.0),
            ("setting_failover_timeout", 60000.0),
            ("setting_parallel_syncs", 1.0),
        ] {
            self.put(&format!("redis_sentinel_master_{metric}"), &addressed, value);
        }
    }

    pub fn put(&mut self, metric: &str, labels: &str, value: f64) {
        self.0.insert(format!("{metric}{{{labels}}}"), constant(value));
    }

    /// Changes the values of every series of a metric whose labels have this text.
    pub fn set(&mut self, metric: &str, text: &str, values: impl Into<String>) {
        let values = values.into();
        let values = if values.contains('x') || values.contains(' ') {
            values
        } else {
            format!("{values}+0x700")
        };
        let mut found = 0;
        for (series, old) in &mut self.0 {
            if is(series, metric, text) {
                old.clone_from(&values);
                found += 1;
            }
        }
        assert!(found > 0, "{metric} with {text} is there");
    }

    /// Takes every series of a metric away whose labels have this text.
    pub fn lose(&mut self, metric: &str, text: &str) {
        let before = self.0.len();
        self.0.retain(|series, _| !is(series, metric, text));
        assert!(self.0.len() < before, "{metric} with {text} is there");
    }

    /// A process that is down: its exporter answers, and knows nothing else.
    pub fn kill(&mut self, instance: &str) {
        let own = format!(r#"instance="{instance}""#);
        self.0.retain(|series, _| {
            !series.contains(&own) || series.starts_with("up{") || series.starts_with("redis_up{")
        });
        self.set("redis_up", &own, "0");
    }
}

/// An empty metric stands for all of them.
fn is(series: &str, metric: &str, text: &str) -> bool {
    (metric.is_empty() || series.split('{').next() == Some(metric)) && series.contains(text)
}
