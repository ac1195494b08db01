//! Changes of the examples, and what each does.

use redisforge::impact::{
    Impact::{self, DataLoss, Failover, Live, None, Outage, Recreate, Rolling},
    Scope::{self, Clients, Data, Monitoring, Sentinels, Storage},
};

/// Texts of an example to replace.
type Edits = &'static [(&'static str, &'static str)];

pub struct Case {
    pub example: &'static str,
    /// What the spec before has otherwise than the example.
    pub before: Edits,
    pub after: Edits,
    pub impact: Impact,
    pub scope: Scope,
    /// Where it is seen: part of file and place.
    pub at: (&'static str, &'static str),
}

const fn case(
    example: &'static str,
    after: Edits,
    impact: Impact,
    scope: Scope,
    at: (&'static str, &'static str),
) -> Case {
    Case { example, before: &[], after, impact, scope, at }
}

const fn back(
    example: &'static str,
    before: Edits,
    impact: Impact,
    scope: Scope,
    at: (&'static str, &'static str),
) -> Case {
    Case { example, before, after: &[], impact, scope, at }
}

const SHOP: &str = "production-kubernetes";
const QUEUE: Edits =
    &[("  sentinel:\n    instances: 5", "    - name: shop-queue\n  sentinel:\n    instances: 5")];
const FOURTH: Edits = &[(
    "  engine:",
    "      - {name: redis-4.example.internal, address: 192.168.1.14, zone: room-1, roles: [Redis]}\n  engine:",
)];

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    // Neither Redis nor Sentinel nor a client can notice
    case(SHOP, &[("{team: checkout}", "{team: sales}")], None, Data, ("redis/shop-cache/statefulset", "metadata.labels.team")),
    case(SHOP, &[("runbooks.example.com/redis", "runbooks.example.com/keys")], None, Data, ("redis/shop-cache/service.yaml", "metadata.annotations")),
    case(SHOP, &[("memoryUsedPercent: 85", "memoryUsedPercent: 80")], None, Monitoring, ("prometheusrule", "spec.groups")),
    case(SHOP, &[("intervalSeconds: 15, labels: {release: prometheus}", "intervalSeconds: 15, labels: {release: other}")], None, Monitoring, ("podmonitor", "metadata.labels.release")),
    case(SHOP, &[("folder: Redis", "folder: Caches")], None, Monitoring, ("dashboard", "metadata.annotations.grafana_folder")),
    case(SHOP, &[("delivery: ConfigMap", "delivery: File")], None, Monitoring, ("kubernetes/monitoring/dashboard", "")),
    case(SHOP, &[("thresholds: {", "disable: [RedisSlowCommands]\n      thresholds: {")], None, Monitoring, ("prometheusrule", "RedisSlowCommands")),
    case("hosts", &[("  logging:", "  monitoring: {alerts: {thresholds: {memoryUsedPercent: 75}}}\n  logging:")], None, Monitoring, ("monitoring/rules.yaml", "groups")),
    // Something running changes without a restart
    case(SHOP, &[("replicasPerMaster: 2", "replicasPerMaster: 3")], Live, Data, ("redis/shop-cache/statefulset", "spec.replicas")),
    case(SHOP, &[("10.40.0.0/16", "10.41.0.0/16")], Live, Clients, ("redis/networkpolicy", "spec.ingress")),
    case(SHOP, &[("    policy:\n", "    policy:\n      enabled: false\n")], Live, Clients, ("sentinel/networkpolicy", "")),
    case("cache", &[("policy: {enabled: false}", "policy: {enabled: true}")], Live, Clients, ("redis/networkpolicy", "")),
    case("cache", &[("readService: false", "readService: true")], Live, Data, ("service-read", "")),
    case("edge", &[("readService: false", "readService: true")], Live, Data, ("service-read", "")),
    case("hosts", &[("secrets/chat-url", "secrets/room-url")], Live, Sentinels, ("etc/redis/sentinel/webhooks", "chat")),
    // Sentinels restart
    case(SHOP, &[("downAfterMilliseconds: 10000", "downAfterMilliseconds: 15000")], Rolling, Sentinels, ("sentinel/configmap", "down-after-milliseconds shop-cache")),
    case(SHOP, &[("failoverTimeoutMilliseconds: 60000", "failoverTimeoutMilliseconds: 120000")], Rolling, Sentinels, ("sentinel/configmap", "failover-timeout shop-sessions")),
    case(SHOP, &[("alertmanager-1.alertmanager", "alertmanager-2.alertmanager")], Rolling, Sentinels, ("sentinel/configmap", "settings: alertmanagers")),
    case(SHOP, &[("git.example.com/redis", "git.example.com/caches")], Rolling, Sentinels, ("sentinel/configmap", "settings: runbook_url")),
    case(SHOP, &[("name: oncall, url", "name: pager, url")], Rolling, Sentinels, ("sentinel/configmap", "webhooks: pager")),
    case(SHOP, &[("cpu: {request: 100m, limit: \"1\"}", "cpu: {request: 200m, limit: \"1\"}")], Rolling, Sentinels, ("sentinel/statefulset", "template.spec.containers[sentinel].resources")),
    case(SHOP, &[("instances: 5\n    quorum: 3", "instances: 7\n    quorum: 4")], Rolling, Sentinels, ("sentinel/configmap", "monitor shop-cache")),
    case(SHOP, &[("instances: 5\n    quorum: 3", "instances: 3\n    quorum: 2")], Rolling, Sentinels, ("sentinel/configmap", "monitor shop-cache")),
    case(SHOP, &[("size: 1Gi, storageClassName: fast-ssd}", "size: 1Gi, storageClassName: fast-ssd}\n    config: {loglevel: verbose}")], Rolling, Sentinels, ("sentinel/configmap", "loglevel")),
    case(SHOP, QUEUE, Rolling, Sentinels, ("sentinel/configmap", "monitor shop-queue")),
    case("cache", &[("sentinel: {memory: 256Mi}", "sentinel: {memory: 512Mi}")], Rolling, Sentinels, ("sentinel/statefulset", "template.spec.containers[sentinel]")),
    case("hosts", &[("parallelSyncs: 2", "parallelSyncs: 1")], Rolling, Sentinels, ("sentinel.conf", "parallel-syncs orders")),
    case("hosts", &[("\"+sdown\", \"-sdown\"", "\"+sdown\"")], Rolling, Sentinels, ("sentinel/settings", "events")),
    case("hosts", FOURTH, Rolling, Sentinels, ("etc/redis/sentinel/members", "data orders redis-4.example.internal")),
    // Data nodes restart
    case(SHOP, &[("redis:7.2.5-alpine", "redis:7.2.6-alpine")], Failover, Data, ("redis/shop-cache/statefulset", "containers[redis].image")),
    case(SHOP, &[("redis_exporter:v1.80.2", "redis_exporter:v1.81.0")], Failover, Data, ("redis/shop-cache/statefulset", "containers[exporter].image")),
    case(SHOP, &[("maxclients: 15000", "maxclients: 14000")], Failover, Data, ("redis/shop-cache/configmap", "redis.conf: maxclients")),
    case(SHOP, &[("tcp-keepalive: 300", "tcp-keepalive: 60")], Failover, Data, ("redis/shop-cache/configmap", "redis.conf: tcp-keepalive")),
    case(SHOP, &[("allkeys-lru", "allkeys-lfu")], Failover, Data, ("redis/shop-cache/configmap", "redis.conf: maxmemory-policy")),
    case(SHOP, &[("value: redis, effect", "value: caches, effect")], Failover, Data, ("redis/shop-cache/statefulset", "template.spec.tolerations")),
    case(SHOP, &[("{workload: redis}", "{workload: caches}")], Failover, Data, ("redis/shop-cache/statefulset", "nodeSelector.workload")),
    case(SHOP, &[("example.com/logs: redis", "example.com/logs: caches")], Failover, Data, ("redis/shop-cache/statefulset", "template.metadata.annotations")),
    case(SHOP, &[("Seconds: 120", "Seconds: 180")], Failover, Data, ("redis/shop-cache/statefulset", "terminationGracePeriodSeconds")),
    case(SHOP, &[("maxLagSeconds: 10", "maxLagSeconds: 20")], Failover, Data, ("redis/shop-cache/configmap", "min-replicas-max-lag")),
    case(SHOP, &[("type: RDB, size", "type: AOFAndRDB, size")], Failover, Data, ("redis/shop-cache/configmap", "redis.conf: appendonly")),
    case(SHOP, &[("\"+@connection\"", "\"+@connection\", \"+@scripting\"")], Failover, Data, ("redis/shop-cache/configmap", "users: app")),
    case(SHOP, &[("data-critical", "cache-critical")], Failover, Data, ("redis/shop-cache/statefulset", "priorityClassName")),
    case(SHOP, &[("zones: {spread: Required", "zones: {spread: Preferred")], Failover, Data, ("redis/shop-cache/statefulset", "topologySpreadConstraints")),
    case(SHOP, &[("cpu: {request: 500m}", "cpu: {request: 750m}")], Failover, Data, ("redis/shop-sessions/statefulset", "containers[redis].resources")),
    case("cache", &[("maxmemoryPercent: 75", "maxmemoryPercent: 70")], Failover, Data, ("redis/pages/configmap", "redis.conf: maxmemory")),
    case("edge", &[("memory: 256Mi", "memory: 512Mi")], Failover, Data, ("redis/till/configmap", "redis.conf: maxmemory")),
    case("sandbox", &[("nodes: Disabled", "nodes: Preferred")], Failover, Data, ("redis/sandbox/statefulset", "affinity")),
    back("edge", &[("replicasPerMaster: 1", "replicasPerMaster: 2")], Failover, Data, ("redis/till/statefulset", "spec.replicas")),
    case("hosts", &[("memory: 8Gi", "memory: 12Gi")], Failover, Data, ("redis-1.example.internal/etc/redis/orders/redis.conf", "maxmemory")),
    case("hosts", &[("version: \"7.0\"", "version: \"7.2\"")], Failover, Data, ("redis-1.example.internal/install.sh", "version")),
    case("hosts", &[("facility: local0", "facility: local1")], Failover, Data, ("orders/redis.conf", "syslog-facility")),
    case("hosts", &[("192.168.1.12", "192.168.1.13")], Failover, Data, ("redis-3.example.internal/etc/redis/orders/redis.conf", "bind")),
    case("hosts", &[("type: AOFAndRDB", "type: AOF")], Failover, Data, ("orders/redis.conf", "save")),
    case("valkey", &[("clientCertificates: Required", "clientCertificates: Optional")], Failover, Data, ("ledger/redis.conf", "tls-auth-clients")),
    back("hosts", FOURTH, Failover, Data, ("hosts/redis-4.example.internal/etc/redis/orders/settings", "")),
    // A StatefulSet is made anew
    case(SHOP, &[("size: 20Gi", "size: 30Gi")], Recreate, Storage, ("redis/shop-cache/statefulset", "volumeClaimTemplates[data].spec.resources.requests.storage")),
    case(SHOP, &[("size: 1Gi", "size: 2Gi")], Recreate, Storage, ("sentinel/statefulset", "volumeClaimTemplates[data].spec.resources.requests.storage")),
    case("edge", &[("size: 2Gi", "size: 4Gi")], Recreate, Storage, ("redis/till/statefulset", "volumeClaimTemplates[data].spec.resources.requests.storage")),
    case("cache", &[("{type: None, cacheOnly: true}", "{type: AOF}")], Recreate, Storage, ("redis/pages/statefulset", "volumeClaimTemplates")),
    // Clients cannot go on as they are, or nodes disagree
    case(SHOP, &[("    replicasPerMaster: 2", "    port: 6380\n    replicasPerMaster: 2")], Outage, Clients, ("redis/shop-cache/configmap", "redis.conf: tls-port")),
    case(SHOP, &[("    instances: 5", "    port: 26380\n    instances: 5")], Outage, Clients, ("sentinel/configmap", "sentinel.conf: tls-port")),
    case(SHOP, &[("clientCertificates: Optional", "clientCertificates: Required")], Outage, Clients, ("redis/shop-cache/configmap", "tls-auth-clients")),
    case(SHOP, &[("\"+@write\", ", "")], Outage, Clients, ("redis/shop-cache/configmap", "users: app")),
    case(SHOP, &[("key: password}}\n        rules", "key: other}}\n        rules")], Outage, Clients, ("redis/shop-cache/configmap", "users: app")),
    case(SHOP, &[("key: sentinel}", "key: lookups}")], Outage, Clients, ("sentinel/configmap", "sentinel_password_file")),
    case(SHOP, &[("key: replication}", "key: copies}")], Outage, Data, ("redis/shop-cache/configmap", "replication_password_file")),
    case(SHOP, &[("  network:\n", "  network:\n    readService: false\n")], Outage, Clients, ("redis/shop-cache/service-read", "")),
    case(SHOP, &[("cluster: eu-1}", "cluster: eu-1, clusterDomain: prod.local}")], Outage, Clients, ("kubernetes/members", "data shop-cache shop-shop-cache-0")),
    case(SHOP, &[("name: internal-ca", "name: other-ca")], Outage, Clients, ("sentinel/certificate", "spec.issuerRef.name")),
    case(SHOP, &[("version: \"7.2\"", "version: \"7.0\""), ("redis:7.2.5-alpine", "redis:7.0.15-alpine")], Outage, Data, ("redis/shop-cache/statefulset", "containers[redis].image")),
    case("edge", &[("tls: {mode: Disabled}", "tls: {mode: Required, certificate: {type: Secret, secretName: till-tls}}")], Outage, Clients, ("redis/till/configmap", "settings: tls")),
    case("edge", &[("key: redis}", "key: data}")], Outage, Clients, ("redis/till/configmap", "settings: password_file")),
    case("sandbox", &[("auth: {enabled: false}", "auth: {enabled: true}")], Outage, Clients, ("redis/sandbox/configmap", "settings: password_file")),
    case("hosts", &[("announce: Hostname", "announce: Address")], Outage, Clients, ("etc/redis/orders/members", "data orders redis-1.example.internal")),
    case("hosts", &[("secrets/password", "secrets/redis")], Outage, Clients, ("etc/redis/orders/settings", "password_file")),
    // A volume must be deleted, or an empty set takes over
    case(SHOP, &[("name: shop\n", "name: store\n")], DataLoss, Data, ("redis/shop-cache/statefulset", "metadata.name")),
    case(SHOP, &[("namespace: redis-prod", "namespace: redis-live")], DataLoss, Data, ("redis/shop-cache/statefulset", "metadata.namespace")),
    case(SHOP, &[("name: shop-sessions", "name: shop-users")], DataLoss, Data, ("redis/shop-sessions/statefulset", "")),
    case(SHOP, &[("size: 20Gi", "size: 10Gi")], DataLoss, Storage, ("redis/shop-cache/statefulset", "volumeClaimTemplates[data].spec.resources.requests.storage")),
    case(SHOP, &[("fast-ssd", "slow-ssd")], DataLoss, Storage, ("sentinel/statefulset", "volumeClaimTemplates[data].spec.storageClassName")),
    case("edge", &[("{type: AOF, size: 2Gi}", "{type: None, cacheOnly: true}")], DataLoss, Storage, ("redis/till/statefulset", "volumeClaimTemplates")),
    back(SHOP, QUEUE, DataLoss, Data, ("redis/shop-queue/statefulset", "")),
    case("hosts", &[("- {name: orders,", "- {name: invoices,")], DataLoss, Data, ("etc/redis/orders/settings", "")),
];
