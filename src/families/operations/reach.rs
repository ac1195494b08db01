//! How a person reaches the processes of a topology: words of commands, with the names of the first node and Sentinel.

use tera::{Context, Value};

use crate::{families::monitoring, topology::Topology};

/// Puts them into a context. They are commands made of names that rules have checked.
pub fn insert(context: &mut Context, topology: &Topology) {
    let words = if topology.on_hosts() { on_hosts(topology) } else { on_kubernetes(topology) };
    for (key, words) in words.into_iter().chain(everywhere(topology)) {
        context.insert_value(key, Value::safe_string(&words));
    }
}

type Words = Vec<(&'static str, String)>;

fn on_hosts(topology: &Topology) -> Words {
    let name = topology.masters.first().map_or("", |master| master.name.as_str());
    let (data_log, sentinel_log) =
        (format!("journalctl -u redis-{name}"), String::from("journalctl -u redis-sentinel"));
    let server_log = |name: &str, otherwise: &String| {
        let logging = &topology.logging;
        if logging.file {
            format!("tail -n 200 /var/log/redis/{name}.log")
        } else if logging.syslog.is_some() {
            format!("journalctl -t redis-{name}")
        } else {
            otherwise.clone()
        }
    };
    let (data_server_log, sentinel_server_log) =
        (server_log(name, &data_log), server_log("sentinel", &sentinel_log));
    let own_logs = if data_server_log == data_log {
        String::new()
    } else {
        format!("`{data_server_log}`, `{sentinel_server_log}`")
    };
    vec![
        ("data", name.into()),
        ("sentinel", "sentinel".into()),
        ("own_logs", own_logs),
        ("status", "systemctl status 'redis-*'".into()),
        ("data_server_log", data_server_log),
        ("sentinel_server_log", sentinel_server_log),
        ("data_log_before", data_log.clone()),
        ("sentinel_log_before", sentinel_log.clone()),
        ("data_log", data_log),
        ("sentinel_log", sentinel_log),
        ("exporter_log", "journalctl -u redis-exporter".into()),
        ("sentinel_exporter_log", "journalctl -u redis-exporter".into()),
        ("machines", "machines".into()),
        ("secret", "password file".into()),
        ("storage", "disk".into()),
        ("restart_exporter", "`systemctl restart redis-exporter`".into()),
        ("restart_data", format!("systemctl restart redis-{name}")),
        ("restart_sentinel", "systemctl restart redis-sentinel".into()),
        ("volume", format!("/var/lib/redis/{name}")),
        ("on_node", String::new()),
        ("in_namespace", String::new()),
        ("certificates", String::new()),
        ("rollouts", String::new()),
    ]
}

fn on_kubernetes(topology: &Topology) -> Words {
    let object = topology.masters.first().map_or("", |master| master.object.as_str());
    let sentinel = &topology.sentinel.object;
    let namespace = topology.namespace.as_ref();
    let inside = namespace.map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    let log = |pod: &str, container: &str| format!("kubectl logs{inside} {pod}-0 -c {container}");
    let (data_log, sentinel_log) = (log(object, "redis"), log(sentinel, "sentinel"));
    let objects =
        || [sentinel].into_iter().chain(topology.masters.iter().map(|master| &master.object));
    let rollouts: Vec<String> = objects()
        .map(|object| format!("`kubectl rollout restart{inside} statefulset/{object}`"))
        .collect();
    let restart_exporter =
        "Kubernetes restarts it if it hangs; deleting the pod would restart Redis too";
    vec![
        ("data", format!("{object}-0")),
        ("sentinel", format!("{sentinel}-0")),
        (
            "status",
            format!(
                "kubectl get pods{inside} -o wide -l app.kubernetes.io/instance={}",
                topology.name
            ),
        ),
        ("own_logs", String::new()),
        ("data_server_log", data_log.clone()),
        ("sentinel_server_log", sentinel_log.clone()),
        ("data_log_before", format!("{data_log} --previous")),
        ("sentinel_log_before", format!("{sentinel_log} --previous")),
        ("data_log", data_log),
        ("sentinel_log", sentinel_log),
        ("exporter_log", log(object, "exporter")),
        ("sentinel_exporter_log", log(sentinel, "exporter")),
        ("machines", "nodes of the cluster".into()),
        ("secret", "Secret".into()),
        ("storage", "storage class".into()),
        ("restart_exporter", restart_exporter.into()),
        ("restart_data", format!("kubectl delete pod{inside} {object}-0")),
        ("restart_sentinel", format!("kubectl delete pod{inside} {sentinel}-0")),
        ("volume", "/data".into()),
        ("on_node", format!("kubectl exec{inside} {object}-0 -c redis -- ")),
        ("certificates", objects().map(|object| format!(" {object}-tls")).collect()),
        ("rollouts", rollouts.join(", ")),
        ("in_namespace", inside),
    ]
}

/// What is asked where no user of ours may, and what finds the targets.
fn everywhere(topology: &Topology) -> Words {
    let has_users = topology.auth.as_ref().is_some_and(|auth| auth.acl);
    let object = topology.masters.first().map_or("", |master| master.object.as_str());
    let name = topology.masters.first().map_or("", |master| master.name.as_str());
    let data = if topology.on_hosts() { name.into() } else { format!("{object}-0") };
    let namespace = topology.namespace.as_ref();
    let inside = namespace.map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    let monitor = |kind: &str| {
        format!(
            "`kubectl get {kind}{inside} {} -o yaml`, with the labels that the operator selects",
            topology.name
        )
    };
    let finder = if monitoring::has_pod_monitor(topology) {
        monitor("podmonitor")
    } else if monitoring::has_service_monitor(topology) {
        monitor("servicemonitor")
    } else {
        "the rendered `monitoring/scrape.yaml` in the configuration of Prometheus".into()
    };
    let version = if topology.engine.name == "Valkey" { "valkey_version" } else { "redis_version" };
    vec![
        ("version_field", version.into()),
        ("inspect", if has_users { String::new() } else { format!("ask {data} ") }),
        ("inspector", if has_users { " with a user that may".into() } else { String::new() }),
        ("finder", finder),
    ]
}
