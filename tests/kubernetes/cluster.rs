//! What a cluster checks only when it runs the objects: names that must be valid, and references that must meet.

use std::collections::BTreeSet;

use redisforge::{kubernetes_names as names, topology::Topology};
use serde_json::Value;

use crate::{
    pods::check_containers,
    values::{Faults, check, check_labels, entries, has, keys, list, ports, text},
};

/// Most bytes of a `ConfigMap`.
const CONFIG_MAP: usize = 1 << 20;

pub struct Cluster<'a> {
    objects: Vec<Value>,
    pub topology: &'a Topology,
}

impl<'a> Cluster<'a> {
    pub fn new(objects: Vec<Value>, topology: &'a Topology) -> Self {
        Self { objects, topology }
    }

    /// Everything that a cluster would refuse or leave unused.
    pub fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        self.names(&mut faults);
        self.config_maps(&mut faults);
        for set in self.of("StatefulSet") {
            self.pods(set, &mut faults);
            check_containers(set, &mut faults);
            self.members(set, &mut faults);
            self.placement(set, &mut faults);
        }
        self.selectors(&mut faults);
        self.policies(&mut faults);
        self.certificates(&mut faults);
        faults
    }

    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    pub fn find(&self, kind: &str, name: &Value) -> Option<&Value> {
        self.of(kind).find(|object| object["metadata"]["name"] == *name)
    }

    fn names(&self, faults: &mut Faults) {
        let mut seen = BTreeSet::new();
        for object in &self.objects {
            let metadata = &object["metadata"];
            let (kind, name) = (text(&object["kind"]), text(&metadata["name"]));
            let at = format!("{kind} {name}");
            let is_name = if kind == "Service" { names::is_service } else { names::is_subdomain };
            check(faults, is_name(name) && seen.insert((kind, name)), || format!("{at}: name"));
            let namespace = metadata["namespace"].as_str();
            check(faults, namespace == self.topology.namespace.as_deref(), || {
                format!("{at}: namespace {namespace:?}")
            });
            for (key, value) in &self.topology.labels {
                check(faults, metadata["labels"][key] == **value, || format!("{at} lacks {key}"));
            }
            check_labels(&at, &metadata["labels"], faults);
            for key in keys(&metadata["annotations"]) {
                check(faults, names::is_label_key(key), || format!("{at}: annotation {key}"));
            }
            check(faults, kind != "Secret", || format!("{at}: a secret was rendered"));
        }
    }

    fn config_maps(&self, faults: &mut Faults) {
        for map in self.of("ConfigMap") {
            let name = &map["metadata"]["name"];
            let data = || entries(&map["data"]);
            let size: usize = data().map(|(key, value)| key.len() + text(value).len()).sum();
            check(faults, size < CONFIG_MAP, || format!("{name} has {size} bytes"));
            let valid = data().all(|(key, _)| names::is_data_key(key));
            check(faults, valid, || format!("{name}: keys"));
        }
    }

    /// The announced names are those that the set and its headless Service give to its pods.
    fn members(&self, set: &Value, faults: &mut Faults) {
        let name = text(&set["metadata"]["name"]);
        let service = self.find("Service", &set["spec"]["serviceName"]).unwrap();
        let names_pods = service["spec"]["clusterIP"] == "None"
            && service["spec"]["publishNotReadyAddresses"] == true;
        check(faults, names_pods, || format!("{name}: its Service gives no names to pods"));
        let members = self.of("ConfigMap").find_map(|map| map["data"]["members"].as_str()).unwrap();
        let domain = self.topology.namespace.as_ref().map_or_else(String::new, |namespace| {
            let kubernetes = self.topology.kubernetes.as_ref().unwrap();
            format!(".{namespace}.svc.{}", kubernetes.cluster_domain)
        });
        for ordinal in 0..set["spec"]["replicas"].as_u64().unwrap() {
            let host = format!("{name}-{ordinal}.{}{domain}", text(&service["metadata"]["name"]));
            let lines = members.lines().filter(|line| line.split(' ').any(|word| word == host));
            check(faults, lines.count() == 1, || format!("{host} is not one member"));
        }
    }

    /// Constraints look at the pods of their own set.
    fn placement(&self, set: &Value, faults: &mut Faults) {
        let pod = &set["spec"]["template"]["spec"];
        let affinity = &pod["affinity"]["podAntiAffinity"];
        let required = list(&affinity["requiredDuringSchedulingIgnoredDuringExecution"]);
        let preferred = list(&affinity["preferredDuringSchedulingIgnoredDuringExecution"]);
        let terms = required
            .chain(preferred.map(|term| &term["podAffinityTerm"]))
            .chain(list(&pod["topologySpreadConstraints"]));
        for selector in terms.map(|term| &term["labelSelector"]).chain([&set["spec"]["selector"]]) {
            check(faults, self.selected(&selector["matchLabels"]) == [set], || {
                format!("{}: {selector} does not find its own pods", set["metadata"]["name"])
            });
        }
    }

    /// Budgets and Services find the pods of one set, and its named ports.
    fn selectors(&self, faults: &mut Faults) {
        for budget in self.of("PodDisruptionBudget") {
            let selected = self.selected(&budget["spec"]["selector"]["matchLabels"]).len();
            check(faults, selected == 1, || {
                format!("budget {} finds {selected} sets", budget["metadata"]["name"])
            });
        }
        for service in self.of("Service") {
            let name = &service["metadata"]["name"];
            let selected = self.selected(&service["spec"]["selector"]);
            let [set] = selected[..] else {
                faults.push(format!("Service {name} finds {} sets", selected.len()));
                continue;
            };
            for port in list(&service["spec"]["ports"]) {
                let target = ports(set).get(text(&port["targetPort"])).copied();
                check(faults, target.is_some() && target == port["port"].as_u64(), || {
                    format!("Service {name}: {port}")
                });
            }
        }
    }

    /// Sets whose pods have these labels.
    fn selected(&self, labels: &Value) -> Vec<&Value> {
        self.of("StatefulSet").filter(|set| has(set, labels)).collect()
    }

    /// Every pod is behind one policy, which lets all pods of the topology through, both ways.
    fn policies(&self, faults: &mut Faults) {
        let policies: Vec<&Value> = self.of("NetworkPolicy").collect();
        check(faults, policies.is_empty() != self.topology.network.policy, || "policies".into());
        if policies.is_empty() {
            return;
        }
        for set in self.of("StatefulSet") {
            let name = &set["metadata"]["name"];
            let selects =
                |policy: &&&Value| has(set, &policy["spec"]["podSelector"]["matchLabels"]);
            let own: Vec<&&Value> = policies.iter().filter(selects).collect();
            let [policy] = own[..] else {
                faults.push(format!("{} policies for {name}", own.len()));
                continue;
            };
            for other in self.of("StatefulSet") {
                check(faults, opens(&policy["spec"]["egress"], "to", other, other), || {
                    format!("{name} cannot reach {}", other["metadata"]["name"])
                });
                check(faults, opens(&policy["spec"]["ingress"], "from", other, set), || {
                    format!("{} cannot reach {name}", other["metadata"]["name"])
                });
            }
        }
    }

    /// Certificates name every pod, and what probes and the exporter call their own.
    fn certificates(&self, faults: &mut Faults) {
        let masters = self.topology.masters.iter();
        let sentinel = &self.topology.sentinel;
        let data =
            masters.flat_map(|master| master.nodes.iter().map(|node| (&master.object, &node.host)));
        let all: Vec<(&String, &String)> =
            data.chain(sentinel.nodes.iter().map(|node| (&sentinel.object, &node.host))).collect();
        for certificate in self.of("Certificate") {
            let names: Vec<&str> = list(&certificate["spec"]["dnsNames"]).map(text).collect();
            let secret = &certificate["spec"]["secretName"];
            let own = all.iter().filter(|(object, _)| *secret == format!("{object}-tls"));
            for host in own.map(|(_, host)| host.as_str()).chain(["localhost"]) {
                let wildcard = host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
                // OpenSSL takes no wildcard with fewer than two dots.
                let wildcard = wildcard.filter(|wildcard| wildcard.matches('.').count() > 2);
                let covered = names.contains(&host)
                    || wildcard.is_some_and(|wildcard| names.contains(&wildcard.as_str()));
                check(faults, covered, || format!("certificate {secret} does not name {host}"));
            }
        }
    }
}

/// Whether rules of a policy let `peer` through by its labels, in this namespace, to every server port of `server`.
fn opens(rules: &Value, way: &str, peer: &Value, server: &Value) -> bool {
    let servers = ports(server).into_iter().filter(|(name, _)| *name != "metrics");
    servers.map(|(_, port)| port).all(|port| {
        list(rules).any(|rule| {
            list(&rule["ports"]).any(|open| open["port"] == port)
                && list(&rule[way]).any(|allowed| {
                    let labels = &allowed["podSelector"]["matchLabels"];
                    labels.is_object()
                        && allowed.get("namespaceSelector").is_none()
                        && has(peer, labels)
                })
        })
    })
}
