//! What a cluster checks only when it starts a pod.

use std::collections::BTreeSet;

use redisforge::{kubernetes_names as names, quantity};
use serde_json::Value;

use crate::{
    cluster::Cluster,
    values::{Faults, all_containers, check, check_labels, entries, list, secrets, text},
};

const CONFIG: &str = "/etc/redisforge/config/";

impl Cluster<'_> {
    /// Volumes, scripts, account and Secrets exist; nothing that a user labels reaches what cannot change.
    pub fn pods(&self, set: &Value, faults: &mut Faults) {
        let (name, pod) = (text(&set["metadata"]["name"]), &set["spec"]["template"]["spec"]);
        check_volumes(set, faults);
        let account = self.find("ServiceAccount", &pod["serviceAccountName"]);
        let mounts_no_token =
            account.is_some_and(|account| account["automountServiceAccountToken"] == false);
        check(faults, mounts_no_token, || format!("{name}: account"));
        self.scripts(set, faults);
        check_labels(name, &set["spec"]["template"]["metadata"]["labels"], faults);
        for key in self.topology.labels.keys() {
            let lasting = ["selector", "template", "volumeClaimTemplates"];
            let reaches = lasting.iter().any(|part| set["spec"][part].to_string().contains(key));
            check(faults, !reaches, || format!("{name}: label {key} in what cannot change"));
        }
        let expected = self.topology.expectations().join("\n");
        for secret in secrets(pod) {
            let is_issued = self
                .of("Certificate")
                .any(|certificate| certificate["spec"]["secretName"] == *secret);
            let is_told = expected.contains(&format!("Secret {secret} key "));
            check(faults, is_issued || is_told, || {
                format!("{name}: nobody is told of Secret {secret}")
            });
        }
    }

    /// What containers, probes and hooks run lies in the `ConfigMap` that is mounted for it.
    fn scripts(&self, set: &Value, faults: &mut Faults) {
        let (name, pod) = (text(&set["metadata"]["name"]), &set["spec"]["template"]["spec"]);
        let rendered = list(&pod["volumes"]).find(|volume| volume["name"] == "rendered").unwrap();
        let Some(map) = self.find("ConfigMap", &rendered["configMap"]["name"]) else {
            return faults.push(format!("{name}: no ConfigMap {}", rendered["configMap"]["name"]));
        };
        let commands = all_containers(pod).flat_map(|container| {
            let probes = ["startupProbe", "livenessProbe", "readinessProbe"];
            let probes = probes.map(|probe| &container[probe]["exec"]["command"]);
            let hook = &container["lifecycle"]["preStop"]["exec"]["command"];
            [&container["command"], hook].into_iter().chain(probes)
        });
        let scripts: Vec<&str> =
            commands.flat_map(list).filter_map(|word| text(word).strip_prefix(CONFIG)).collect();
        check(faults, scripts.len() >= 4, || format!("{name}: runs only {scripts:?}"));
        for script in scripts {
            check(faults, map["data"][script].is_string(), || format!("{name}: no {script}"));
        }
    }
}

fn check_volumes(set: &Value, faults: &mut Faults) {
    let (name, pod) = (text(&set["metadata"]["name"]), &set["spec"]["template"]["spec"]);
    let claims = list(&set["spec"]["volumeClaimTemplates"]).map(|claim| &claim["metadata"]["name"]);
    let volumes = list(&pod["volumes"]).map(|volume| &volume["name"]);
    let volumes: BTreeSet<&str> = volumes.chain(claims).map(text).collect();
    let mounts = all_containers(pod).flat_map(|container| list(&container["volumeMounts"]));
    let mounted: BTreeSet<&str> = mounts.map(|mount| text(&mount["name"])).collect();
    check(faults, volumes == mounted, || {
        format!("{name}: volumes {volumes:?}, mounted {mounted:?}")
    });
}

/// Pod Security `restricted`, valid ports and amounts, no secret in the environment.
pub fn check_containers(set: &Value, faults: &mut Faults) {
    let (name, pod) = (text(&set["metadata"]["name"]), &set["spec"]["template"]["spec"]);
    let context = &pod["securityContext"];
    let restricted = context["runAsNonRoot"] == true
        && context["seccompProfile"]["type"] == "RuntimeDefault"
        && pod["automountServiceAccountToken"] == false;
    check(faults, restricted, || format!("{name}: not restricted"));
    let names: BTreeSet<&str> =
        all_containers(pod).map(|container| text(&container["name"])).collect();
    check(faults, names.len() == all_containers(pod).count(), || {
        format!("{name}: containers of one name")
    });
    for container in all_containers(pod) {
        check_container(&format!("{name}/{}", text(&container["name"])), container, faults);
    }
}

fn check_container(at: &str, container: &Value, faults: &mut Faults) {
    let context = &container["securityContext"];
    let restricted = context["allowPrivilegeEscalation"] == false
        && context["readOnlyRootFilesystem"] == true
        && list(&context["capabilities"]["drop"]).any(|dropped| dropped == "ALL");
    check(faults, restricted, || format!("{at}: not restricted"));
    let (requests, limits) =
        (&container["resources"]["requests"], &container["resources"]["limits"]);
    let memory = &requests["memory"];
    check(faults, memory.is_string() && *memory == limits["memory"], || format!("{at}: memory"));
    for (kind, amount) in entries(requests).chain(entries(limits)) {
        let read = if kind == "cpu" { quantity::millicpu } else { quantity::bytes };
        let valid = read(text(amount)).is_some_and(|amount| amount > 0);
        check(faults, valid, || format!("{at}: {kind} {amount}"));
    }
    for variable in list(&container["env"]) {
        let plain = variable.get("valueFrom").is_none() && variable["value"].is_string();
        check(faults, plain, || format!("{at}: {variable}"));
    }
    for port in list(&container["ports"]) {
        let name = text(&port["name"]);
        let valid = (1..65536).contains(&port["containerPort"].as_u64().unwrap())
            && name.len() <= 15
            && names::is_label(name);
        check(faults, valid, || format!("{at}: {port}"));
    }
}
