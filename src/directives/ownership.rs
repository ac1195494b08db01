//! Which directives redisforge writes itself, and what to change instead: a field of the spec, or why there is none.

const CLUSTER: &str = "Redis Cluster and Sentinel exclude each other";
const PROCESS: &str =
    "the start script and the service manager decide where a process runs and what it writes";
const PROMOTABLE: &str = "every replica stays visible to Sentinel and fit to be promoted";
const RENAMED: &str =
    "Sentinel and the scripts call commands by their own names; withhold them with spec.auth.users";
const STATE: &str = "Sentinel writes down its own state";

/// What owns a directive of redis.conf; nothing if `spec.redis.config` may set it. `save` is free here: it depends on the persistence.
#[must_use]
pub fn owner(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        "port" => "spec.redis.port",
        "bind" | "bind-source-addr" => "spec.platform.hosts[].bind",
        "protected-mode" => "spec.auth.enabled",
        "replica-announce-ip" | "slave-announce-ip" => "spec.network.announce",
        "replica-announce-port" | "slave-announce-port" => "spec.redis.announcePort",
        "replica-announced" | "replica-priority" | "slave-priority" => PROMOTABLE,
        "tls-auth-clients" => "spec.tls.clientCertificates",
        "tls-port" | "tls-replication" | "tls-cluster" => "spec.tls.mode",
        "logfile" | "syslog-enabled" | "syslog-ident" => "spec.logging.type",
        "syslog-facility" => "spec.logging.facility",
        "dir" | "include" | "daemonize" | "pidfile" | "supervised" | "dbfilename"
        | "appendfilename" | "appenddirname" | "unixsocket" | "unixsocketperm"
        | "unixsocketgroup" => PROCESS,
        "sentinel" => "spec.sentinel",
        "requirepass" => "spec.auth.password",
        "masterauth" | "primaryauth" => "spec.auth.replicationPassword",
        "masteruser" | "primaryuser" => "spec.auth.acl",
        "aclfile" | "user" => "spec.auth.users",
        "replicaof" | "slaveof" => "spec.masters[].initialMaster",
        "min-replicas-to-write" | "min-slaves-to-write" => "spec.redis.minReplicas.toWrite",
        "min-replicas-max-lag" | "min-slaves-max-lag" => "spec.redis.minReplicas.maxLagSeconds",
        "appendonly" => "spec.redis.persistence.type",
        "rename-command" => RENAMED,
        name if is_certificate(name) => "spec.tls.certificate",
        name if name.starts_with("cluster-") => CLUSTER,
        _ => return None,
    })
}

/// What owns a directive of sentinel.conf; nothing if `spec.sentinel.config` may set it.
#[must_use]
pub fn sentinel_owner(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        "port" => "spec.sentinel.port",
        "announce-port" => "spec.sentinel.announcePort",
        "announce-ip" | "announce-hostnames" | "resolve-hostnames" => "spec.network.announce",
        "monitor" => "spec.masters",
        "quorum" => "spec.sentinel.quorum",
        "down-after-milliseconds" => "spec.sentinel.downAfterMilliseconds",
        "failover-timeout" => "spec.sentinel.failoverTimeoutMilliseconds",
        "parallel-syncs" => "spec.sentinel.parallelSyncs",
        "auth-pass" => "spec.auth.sentinelAuthPassword",
        "requirepass" | "sentinel-pass" => "spec.auth.sentinelPassword",
        "auth-user" | "sentinel-user" | "user" | "aclfile" => "spec.auth.acl",
        "notification-script" | "client-reconfig-script" => "spec.notifications",
        "deny-scripts-reconfig" => {
            "a Sentinel that takes scripts over the network runs anybody's program"
        }
        "myid" | "config-epoch" | "leader-epoch" | "current-epoch" | "known-replica"
        | "known-slave" | "known-sentinel" => STATE,
        other => return owner(other),
    })
}

/// Files of certificates and keys, and their passwords; ciphers, protocols and session caching are free.
fn is_certificate(name: &str) -> bool {
    name.starts_with("tls-") && (name.contains("-file") || name == "tls-ca-cert-dir")
}

#[cfg(test)]
mod tests {
    use super::{owner, sentinel_owner};
    use crate::directives::{Engine, Table, Version};

    #[test]
    fn what_belongs_to_the_user_is_free() {
        let free = [
            "maxmemory",
            "maxmemory-policy",
            "maxclients",
            "appendfsync",
            "save",
            "tcp-keepalive",
            "loglevel",
            "loadmodule",
            "tls-ciphers",
            "tls-protocols",
            "notify-keyspace-events",
            "repl-backlog-size",
        ];
        for name in free {
            assert_eq!(owner(name), None, "{name}");
        }
        for name in ["master-reboot-down-after-period", "maxclients", "tcp-keepalive", "loglevel"] {
            assert_eq!(sentinel_owner(name), None, "{name}");
        }
    }

    #[test]
    fn an_owned_directive_names_its_field_whatever_the_case() {
        assert_eq!(owner("PORT"), Some("spec.redis.port"));
        assert_eq!(sentinel_owner("Port"), Some("spec.sentinel.port"));
        assert_eq!(owner("tls-key-file-pass"), Some("spec.tls.certificate"));
    }

    #[test]
    fn every_name_of_an_owned_directive_is_owned() {
        for (engine, version) in
            [(Engine::Redis, Version::new(7, 0)), (Engine::Valkey, Version::new(8, 0))]
        {
            let table = Table::server(engine, version);
            for name in table.names().filter(|name| owner(name).is_some()) {
                let directive = table.find(name).expect(name);
                assert!(
                    owner(directive.name()).is_some(),
                    "{name}, an alias of {}",
                    directive.name()
                );
            }
            for name in table.names().filter(|name| owner(name).is_none()) {
                let directive = table.find(name).expect(name);
                assert_eq!(
                    owner(directive.name()),
                    None,
                    "{name}, an alias of {}",
                    directive.name()
                );
            }
        }
    }
}
