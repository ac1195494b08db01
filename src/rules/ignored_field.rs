mod monitoring;

use crate::{
    diagnostic::{Finding, Severity},
    maxmemory,
    rules::{Check, Rule},
    spec::{
        Acl, ClientCertificates, Cpu, Facility, Kubernetes, LoggingType, PersistenceType, Redis,
        Sentinel, Spec, Spread,
    },
};

pub const RULE: Rule = Rule {
    id: "ignored-field",
    severity: Severity::Warning,
    allowable: false,
    why: "Whoever wrote it expects an effect, and nothing that is rendered has it.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
  placement: { priorityClassName: data-critical }
",
    good: "
metadata: { name: cache }
spec:
  placement: { priorityClassName: data-critical }
",
    check: Check::Spec(check),
};

const NOT_ON_HOSTS: &str = "is not read on Hosts";
const NOT_ON_KUBERNETES: &str = "is not read on Kubernetes";

/// Fields that differ from their default and have no effect, each with the reason.
struct Ignored(Vec<(String, &'static str)>);

impl Ignored {
    fn note(&mut self, path: impl Into<String>, is_written: bool, why: &'static str) {
        if is_written {
            self.0.push((path.into(), why));
        }
    }
}

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut ignored = Ignored(Vec::new());
    if spec.on_hosts() {
        objects_on_hosts(spec, &mut ignored);
        pods_on_hosts(spec, &mut ignored);
    } else {
        kubernetes(spec, &mut ignored);
    }
    security(spec, &mut ignored);
    monitoring::judge(spec, &mut ignored);
    for (index, master) in spec.spec.masters.iter().enumerate() {
        storage(&format!("spec.masters[{index}].redis"), &master.redis, &mut ignored);
    }
    for (path, why) in ignored.0 {
        let field = path.rsplit('.').next().unwrap_or_default();
        findings.push(Finding::at(path.as_str(), format!("`{field}` {why}")).help("remove it"));
    }
}

fn kubernetes(spec: &Spec, ignored: &mut Ignored) {
    ignored.note("spec.platform.hosts", !spec.spec.platform.hosts.is_empty(), NOT_ON_KUBERNETES);
    for (index, master) in spec.spec.masters.iter().enumerate() {
        ignored.note(
            format!("spec.masters[{index}].hosts"),
            master.hosts.is_some(),
            NOT_ON_KUBERNETES,
        );
        ignored.note(
            format!("spec.masters[{index}].initialMaster"),
            master.initial_master.is_some(),
            NOT_ON_KUBERNETES,
        );
    }
}

fn objects_on_hosts(spec: &Spec, ignored: &mut Ignored) {
    let (metadata, body) = (&spec.metadata, &spec.spec);
    let (kubernetes, default) = (&body.platform.kubernetes, Kubernetes::default());
    let fields = [
        ("metadata.labels", !metadata.labels.is_empty()),
        ("metadata.annotations", !metadata.annotations.is_empty()),
        ("spec.platform.kubernetes.version", kubernetes.version != default.version),
        ("spec.platform.kubernetes.cluster", kubernetes.cluster.is_some()),
        (
            "spec.platform.kubernetes.clusterDomain",
            kubernetes.cluster_domain != default.cluster_domain,
        ),
        ("spec.engine.image", body.engine.image.is_some()),
        ("spec.engine.imagePullSecrets", !body.engine.image_pull_secrets.is_empty()),
        ("spec.placement.nodes", body.placement.nodes.is_some()),
        ("spec.placement.zones.names", !body.placement.zones.names.is_empty()),
        ("spec.placement.nodeSelector", !body.placement.node_selector.is_empty()),
        ("spec.placement.tolerations", !body.placement.tolerations.is_empty()),
        ("spec.placement.priorityClassName", body.placement.priority_class_name.is_some()),
        ("spec.network.policy.enabled", !body.network.policy.enabled),
        ("spec.network.policy.allowFrom", !body.network.policy.allow_from.is_empty()),
        ("spec.network.readService", !body.network.read_service),
    ];
    for (path, is_written) in fields {
        ignored.note(path, is_written, NOT_ON_HOSTS);
    }
    ignored.note(
        "spec.placement.zones.spread",
        body.placement.zones.spread() == Spread::Disabled,
        "has no effect as `Disabled` on Hosts, where every host has its place",
    );
}

fn pods_on_hosts(spec: &Spec, ignored: &mut Ignored) {
    let default = Redis::default();
    for (index, master) in spec.spec.masters.iter().enumerate() {
        let redis = &master.redis;
        let fields = [
            ("cpu", differs(&redis.cpu, &default.cpu)),
            ("persistence.size", redis.persistence.size != default.persistence.size),
            ("persistence.storageClassName", redis.persistence.storage_class_name.is_some()),
            (
                "terminationGracePeriodSeconds",
                redis.termination_grace_period_seconds != default.termination_grace_period_seconds,
            ),
            ("podLabels", !redis.pod_labels.is_empty()),
            ("podAnnotations", !redis.pod_annotations.is_empty()),
        ];
        for (field, is_written) in fields {
            ignored.note(format!("spec.masters[{index}].redis.{field}"), is_written, NOT_ON_HOSTS);
        }
    }
    let (sentinel, default) = (&spec.spec.sentinel, Sentinel::default());
    ignored.note("spec.sentinel.memory", sentinel.memory != default.memory, NOT_ON_HOSTS);
    ignored.note("spec.sentinel.cpu", differs(&sentinel.cpu, &default.cpu), NOT_ON_HOSTS);
    let size = &sentinel.persistence.size;
    ignored.note("spec.sentinel.persistence.size", *size != default.persistence.size, NOT_ON_HOSTS);
    let storage_class = &sentinel.persistence.storage_class_name;
    ignored.note(
        "spec.sentinel.persistence.storageClassName",
        storage_class.is_some(),
        NOT_ON_HOSTS,
    );
}

fn security(spec: &Spec, ignored: &mut Ignored) {
    let body = &spec.spec;
    let (auth, tls) = (&body.auth, &body.tls);
    for (field, source) in
        [("exporterPassword", &auth.exporter_password), ("nodePassword", &auth.node_password)]
    {
        let why = "has no effect without `acl: LeastPrivilege`";
        ignored.note(
            format!("spec.auth.{field}"),
            source.is_some() && auth.acl == Acl::Disabled,
            why,
        );
    }
    let off = !auth.enabled;
    ignored.note(
        "spec.auth.acl",
        off && auth.acl != Acl::Disabled,
        "has no effect with `enabled: false`",
    );
    ignored.note(
        "spec.auth.users",
        off && !auth.users.is_empty(),
        "has no effect with `enabled: false`",
    );
    let why = "has no effect without `mode: Required`";
    ignored.note("spec.tls.certificate", tls.certificate.is_some() && !spec.has_tls(), why);
    let clients = tls.client_certificates != ClientCertificates::Optional;
    ignored.note("spec.tls.clientCertificates", clients && !spec.has_tls(), why);
    let peers = !body.network.policy.allow_from.is_empty()
        && !body.network.policy.enabled
        && spec.on_kubernetes();
    ignored.note("spec.network.policy.allowFrom", peers, "has no effect with `enabled: false`");
    let facility =
        body.logging.facility != Facility::default() && body.logging.r#type != LoggingType::Syslog;
    ignored.note("spec.logging.facility", facility, "has no effect without `type: Syslog`");
}

fn storage(at: &str, redis: &Redis, ignored: &mut Ignored) {
    let persistence = &redis.persistence;
    let is_none = persistence.r#type == PersistenceType::None;
    ignored.note(
        format!("{at}.persistence.cacheOnly"),
        persistence.cache_only && !is_none,
        "has no effect without `type: None`",
    );
    let percent = redis.maxmemory_percent != Redis::default().maxmemory_percent;
    ignored.note(
        format!("{at}.maxmemoryPercent"),
        percent && maxmemory::field(redis) != "maxmemoryPercent",
        "has no effect beside `config.maxmemory`",
    );
}

fn differs(cpu: &Cpu, default: &Cpu) -> bool {
    cpu.request != default.request || cpu.limit != default.limit
}
