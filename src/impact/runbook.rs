//! The commands that take a running set through a change, with its own names.

use serde_json::Value;

use crate::topology::Topology;

/// Where the secrets of a pod lie, each as SECRET/KEY.
const SECRETS: &str = "/etc/redisforge/secrets/";

/// Whose commands they are.
#[derive(Clone, Copy)]
pub(super) struct Runbook<'a> {
    pub(super) topology: Option<&'a Topology>,
    pub(super) before: Option<Before<'a>>,
}

/// What runs before the change, and may have another name afterwards.
#[derive(Clone, Copy)]
pub(super) enum Before<'a> {
    Pods { set: &'a str, namespace: Option<&'a str> },
    Process { host: &'a str, name: &'a str },
}

/// A StatefulSet and its pods.
pub(super) struct Set<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: Option<&'a str>,
    pub(super) replicas: u64,
    pub(super) file: &'a str,
}

/// `kubectl` for a namespace.
pub(super) fn kubectl(namespace: Option<&str>) -> String {
    namespace.map_or("kubectl".into(), |namespace| format!("kubectl -n {namespace}"))
}

impl Runbook<'_> {
    fn on_hosts(self) -> bool {
        self.topology.is_some_and(Topology::on_hosts)
    }

    fn kubectl(self) -> String {
        kubectl(self.topology.and_then(|topology| topology.namespace.as_deref()))
    }

    /// Names of all StatefulSets; data first, because a Sentinel is needed until the last one stopped.
    fn sets(self) -> Vec<String> {
        let Some(topology) = self.topology else { return Vec::new() };
        let data = topology.masters.iter().map(|master| master.object.clone());
        data.chain([topology.sentinel.object.clone()]).collect()
    }

    fn units(self) -> String {
        let Some(topology) = self.topology else { return String::new() };
        let data = topology.masters.iter().map(|master| format!("redis-{}.service", master.name));
        data.chain(["redis-sentinel.service".into()]).collect::<Vec<_>>().join(" ")
    }

    /// How Sentinels are made to forget a node.
    pub(super) fn forget(self) -> String {
        match self.topology {
            Some(topology) if topology.on_kubernetes() => format!(
                "{} rollout restart statefulset {}",
                self.kubectl(),
                topology.sentinel.object
            ),
            _ => "systemctl restart redis-sentinel on each host, one after the other".into(),
        }
    }

    /// Everything stops, the change is applied, everything starts.
    pub(super) fn stop_and_start(self) -> Vec<String> {
        if self.on_hosts() {
            return vec![
                "# 1. stop the clients' writes, and change the clients".into(),
                "# 2. on every host".into(),
                format!("systemctl stop {}", self.units()),
                "# 3. on every host, in its tree below hosts/; --no-start until all are installed"
                    .into(),
                "sh install.sh --no-start".into(),
                "# 4. on every host".into(),
                format!("systemctl start {}", self.units()),
            ];
        }
        let kubectl = self.kubectl();
        let mut lines = vec!["# 1. stop the clients' writes, and change the clients".to_string()];
        lines.push("# 2. stop every node".into());
        for set in self.sets() {
            lines.push(format!("{kubectl} scale statefulset {set} --replicas=0"));
        }
        for set in self.sets() {
            lines.push(format!("{kubectl} rollout status statefulset {set}"));
        }
        lines.push("# 3. apply, which starts every node again; in the topology's directory".into());
        lines.push(format!("{kubectl} apply -k kubernetes"));
        for set in self.sets() {
            lines.push(format!("{kubectl} rollout status statefulset {set}"));
        }
        lines
    }

    /// Clients change before the servers do.
    pub(super) fn clients_first(self) -> Vec<String> {
        let mut lines =
            vec!["# 1. change every client so that it works before and after".to_string()];
        lines.extend(self.apply("# 2. "));
        lines
    }

    /// The new place of a password holds the old value first. Places are files of a node.
    pub(super) fn same_password(self, old: &str, new: &str) -> Vec<String> {
        let key = |file: &'_ str| -> Option<(String, String)> {
            let (secret, key) = file.strip_prefix(SECRETS)?.split_once('/')?;
            Some((secret.into(), key.into()))
        };
        let mut lines = Vec::new();
        if let (Some((old, old_key)), Some((new, new_key))) = (key(old), key(new)) {
            let kubectl = self.kubectl();
            lines.push(format!("# 1. put the present password into key {new_key} of Secret {new}"));
            if old != new {
                lines.push(format!("{kubectl} create secret generic {new}   # if it is not there"));
            }
            let template =
                format!("{{\"data\":{{\"{new_key}\":\"{{{{index .data \"{old_key}\"}}}}\"}}}}");
            lines.push(format!(
                "{kubectl} get secret {old} -o go-template='{template}' | \
                 {kubectl} patch secret {new} --type merge --patch-file /dev/stdin"
            ));
        } else {
            lines.push("# 1. on every host, put the present password into the new file".into());
            lines.push(format!("install -o root -g redis -m 0640 {old} {new}"));
        }
        lines.extend(self.apply("# 2. "));
        lines.push("# 3. change the value afterwards, as any password is changed".into());
        lines
    }

    fn apply(self, number: &str) -> Vec<String> {
        if self.on_hosts() {
            return vec![
                format!(
                    "{number}on every host, in its tree below hosts/; it names what to restart"
                ),
                "sh install.sh".into(),
            ];
        }
        vec![
            format!("{number}in the topology's directory"),
            format!("{} apply -k kubernetes", self.kubectl()),
        ]
    }

    /// What keeps a copy before anything is lost: of what runs, by its names of before.
    pub(super) fn keep_the_data(self) -> Vec<String> {
        let mut lines = vec!["# keep a copy before; stop the clients' writes first".to_string()];
        let auth = self.topology.and_then(|topology| topology.auth.as_ref());
        // None of our users may copy over the network, but every server writes all it has as it stops.
        let has_users = auth.is_some_and(|auth| auth.acl);
        let copy = |here: &str| copy(here, auth.is_some());
        match self.before {
            Some(Before::Pods { set, namespace }) => {
                let kubectl = kubectl(namespace);
                if has_users {
                    lines.push(format!("{kubectl} delete pod {set}-0"));
                    lines.push(format!("{kubectl} rollout status statefulset {set}"));
                    lines.push(format!(
                        "{kubectl} exec {set}-0 -c redis -- tar -C /data -cf - . >{set}.tar"
                    ));
                } else {
                    lines.push(format!(
                        "{kubectl} exec {set}-0 -c redis -- {} >{set}.rdb",
                        copy("/etc/redisforge/config")
                    ));
                }
            }
            Some(Before::Process { host, name }) => {
                lines.push(format!("# on {host}"));
                if has_users {
                    lines.push(format!("systemctl stop redis-{name}.service"));
                    lines.push(format!("tar -C /var/lib/redis -cf {name}.tar {name}"));
                    lines.push(format!("systemctl start redis-{name}.service"));
                } else {
                    lines.push(format!("{} >{name}.rdb", copy(&format!("/etc/redis/{name}"))));
                }
            }
            None => {}
        }
        lines.push("# see that it is complete, and only then go on".into());
        lines
    }
}

/// A shell that prints a snapshot of the node whose configuration lies in a directory.
fn copy(here: &str, with_password: bool) -> String {
    let password = if with_password { " --askpass" } else { "" };
    let from = if with_password { " <\"$password_file\"" } else { "" };
    format!(
        "sh -c 'here={here}; . \"$here/node.sh\"; . \"$here/ask.sh\"; set -- -h \"$(own_host)\" -p \"$port\"; \
         [ -z \"$tls\" ] || set -- \"$@\" --tls --cacert \"$tls_ca\"; \
         [ -z \"$tls_cert\" ] || set -- \"$@\" --cert \"$tls_cert\" --key \"$tls_key\"; \
         \"$cli\" \"$@\"{password} --rdb -{from}'"
    )
}

impl Set<'_> {
    /// All objects of its own.
    fn folder(&self) -> &str {
        self.file.rsplit_once('/').map_or(self.file, |(folder, _)| folder)
    }

    /// A StatefulSet is made anew around its running pods.
    pub(super) fn recreate(&self) -> Vec<String> {
        let kubectl = kubectl(self.namespace);
        vec![
            "# the pods and their volumes stay; do not let anything scale in between; in the topology's directory".into(),
            format!("{kubectl} delete statefulset {} --cascade=orphan", self.name),
            // Its ConfigMap with it: pods that read the old one under the new checksum would never read the new one. And the list
            // of members: a pod that is new waits until it is in it.
            format!("{kubectl} apply -f kubernetes/members.yaml -f {}", self.folder()),
            format!("{kubectl} rollout status statefulset {}", self.name),
        ]
    }

    /// Larger volumes first, then the StatefulSet that knows of them.
    pub(super) fn grow(&self, claim: &str, size: &str, class: Option<&Value>) -> Vec<String> {
        let kubectl = kubectl(self.namespace);
        let mut lines = vec![match class.and_then(Value::as_str) {
            Some(class) => format!(
                "kubectl get storageclass {class} -o jsonpath='{{.allowVolumeExpansion}}'   # must say true"
            ),
            None => "kubectl get storageclass   # the default one must allow expansion".into(),
        }];
        for pod in 0..self.replicas {
            lines.push(format!(
                "{kubectl} patch pvc {claim}-{}-{pod} --type merge -p '{{\"spec\":{{\"resources\":{{\"requests\":{{\"storage\":\"{size}\"}}}}}}}}'",
                self.name
            ));
        }
        lines.extend(self.recreate());
        lines
    }

    /// Each volume is replaced while the other nodes have the data.
    pub(super) fn replace_volumes(&self, claim: &str) -> Vec<String> {
        let kubectl = kubectl(self.namespace);
        let mut lines = self.recreate();
        lines.push("# one pod after the other, replicas first, each only when all others are ready: it gets a new volume and a full copy".into());
        for pod in (0..self.replicas).rev() {
            let name = self.name;
            lines.push(format!("{kubectl} delete pvc {claim}-{name}-{pod} --wait=false"));
            lines.push(format!("{kubectl} delete pod {name}-{pod}"));
            lines.push(format!("{kubectl} rollout status statefulset {name}"));
        }
        lines
    }
}
