//! The exporter beside each server of a pod, with the environment that its container has.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use redisforge::catalog::Artifact;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    programs::{Running, until},
    support::{installed::run, render},
};

const SPEC: &str = r#"
apiVersion: redisforge.dev/v1alpha1
kind: RedisTopology
metadata: {name: shop, namespace: prod}
spec:
  engine: {version: "7.0"}
"#;
const USERS_AND_TLS: &str = r"  tls: {mode: Required, clientCertificates: Required, certificate: {type: CertManager, issuerRef: {kind: Issuer, name: ca}}}
  auth:
    acl: LeastPrivilege
    password: {secretRef: {name: shop, key: password}}
    replicationPassword: {secretRef: {name: shop, key: replication}}
    sentinelAuthPassword: {secretRef: {name: shop, key: sentinel-auth}}
    sentinelPassword: {secretRef: {name: shop, key: sentinel}}
    exporterPassword: {secretRef: {name: shop, key: exporter}}
    nodePassword: {secretRef: {name: shop, key: node}}
    users: [{name: app, password: {secretRef: {name: shop, key: app}}, rules: ['~*', '+@all', '-@dangerous']}]
";
const PASSWORD_ONLY: &str = "  tls: {mode: Disabled}\n";

/// The first data node and the first Sentinel, in a network of their own that has their names; all others are away.
struct Pods {
    network: Running,
    inside: Vec<Running>,
    scratch: TempDir,
    artifacts: Vec<Artifact>,
}

/// A container of a pod: where its object and its files are, and at which port its exporter listens here.
struct Pod {
    set: &'static str,
    config: &'static str,
    name: &'static str,
    start: &'static str,
    ready: &'static str,
    listen: u32,
}

const DATA: Pod = Pod {
    set: "kubernetes/redis/shop/statefulset.yaml",
    config: "kubernetes/redis/shop/configmap.yaml",
    name: "shop-0",
    start: "start-redis.sh",
    ready: "redis_connected_slaves",
    listen: 9121,
};
const SENTINEL: Pod = Pod {
    set: "kubernetes/sentinel/statefulset.yaml",
    config: "kubernetes/sentinel/configmap.yaml",
    name: "shop-sentinel-0",
    start: "start-sentinel.sh",
    ready: "redis_sentinel_masters",
    listen: 9122,
};

impl Pods {
    fn new(spec: &str) -> Self {
        let scratch = TempDir::new().unwrap();
        let artifacts = render(spec);
        let members = object(&artifacts, "kubernetes/members.yaml")["data"]["members"].clone();
        let members = members.as_str().unwrap();
        let names: String = members
            .lines()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                let (name, host) =
                    if words[0] == "data" { (words[2], words[3]) } else { (words[1], words[2]) };
                let here = [DATA.name, SENTINEL.name].contains(&name);
                format!("{} {host}\n", if here { "127.0.0.1" } else { "192.0.2.1" })
            })
            .collect();
        let hosts = scratch.path().join("hosts");
        fs::write(&hosts, format!("127.0.0.1 localhost\n{names}")).unwrap();
        let ready = scratch.path().join("ready");
        let script = format!(
            "ip link set lo up && mount --bind {} /etc/hosts && touch {} && exec sleep 600",
            hosts.display(),
            ready.display()
        );
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "sh", "-c", &script]);
        let network = Running::start(&mut command, &scratch.path().join("network.log"));
        until("the network is there", 10, || (!ready.exists()).then(String::new));
        let pods = Self { network, inside: Vec::new(), scratch, artifacts };
        for pod in [&DATA, &SENTINEL] {
            pods.put(pod, members);
        }
        pods
    }

    fn home(&self, pod: &Pod) -> PathBuf {
        self.scratch.path().join(pod.name)
    }

    /// What lies in a container is in a directory here.
    fn here(&self, pod: &Pod, text: &str) -> String {
        let home = self.home(pod);
        text.replace("/etc/redisforge", &home.join("etc").display().to_string())
            .replace("'/data'", &format!("'{}'", home.join("data").display()))
            .replace("/run/redis-exporter", &home.join("run").display().to_string())
    }

    fn put(&self, pod: &Pod, members: &str) {
        let home = self.home(pod);
        for folder in ["etc/config", "etc/members", "etc/tls", "run", "data/live"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::write(home.join("etc/members/members"), members).unwrap();
        let config = object(&self.artifacts, pod.config);
        for (file, text) in config["data"].as_object().unwrap() {
            let mut text = self.here(pod, text.as_str().unwrap());
            if file == "users"
                && let Some(node) = text.lines().find(|line| line.starts_with("node "))
            {
                let secret = node.split(' ').nth(1).unwrap();
                text = format!("{text}auditor {secret} on ~* &* +@all\n");
            }
            let is_secret = |word: &&str| word.contains("/etc/secrets/");
            for path in text.split([' ', '\'', '\n']).filter(is_secret).map(Path::new) {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, format!("secret-of-{}", path.file_name().unwrap().display()))
                    .unwrap();
            }
            fs::write(home.join("etc/config").join(file), text).unwrap();
        }
        // Nobody else is there to say who is master.
        if pod.name == DATA.name {
            fs::write(home.join("data/live/force-master"), "").unwrap();
        }
        let certificate = pod.config.replace("configmap", "certificate");
        if let Some(found) = self.artifacts.iter().find(|artifact| artifact.path == certificate) {
            let object: Value = serde_yaml::from_str(&found.content).unwrap();
            self.sign(&home.join("etc/tls"), &object["spec"]["dnsNames"]);
        }
    }

    /// What cert-manager would: a certificate with the names that the object asks for.
    fn sign(&self, folder: &Path, names: &Value) {
        let authority = self.scratch.path();
        let openssl = |words: &str| {
            let words = format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 {words}"
            );
            run(Command::new("openssl").args(words.split(' ')).current_dir(folder));
        };
        if !authority.join("ca.crt").exists() {
            let at = authority.display();
            openssl(&format!("-subj /CN=ca -keyout {at}/ca.key -out {at}/ca.crt"));
        }
        for file in ["ca.crt", "ca.key"] {
            fs::copy(authority.join(file), folder.join(file)).unwrap();
        }
        let names: Vec<String> = names
            .as_array()
            .unwrap()
            .iter()
            .map(|name| format!("DNS:{}", name.as_str().unwrap()))
            .collect();
        openssl(&format!(
            "-subj /CN=redis -keyout tls.key -out tls.crt -CA ca.crt -CAkey ca.key -addext subjectAltName={}",
            names.join(",")
        ));
    }

    /// A command on the pods' network, as the host that a pod is.
    fn command(&self, pod: &Pod) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.network.0.id())).args(["--net", "--mount"]);
        let rename = "hostname \"$1\" && shift && exec \"$@\"";
        command.args(["unshare", "--uts", "sh", "-c", rename, "sh", pod.name]);
        command
    }

    fn start(&mut self, pod: &Pod) {
        let home = self.home(pod);
        let mut server = self.command(pod);
        server.arg("sh").arg(home.join("etc/config").join(pod.start));
        self.inside.push(Running::start(&mut server, &home.join("log")));
        // As its init container does.
        run(self.command(pod).arg("sh").arg(home.join("etc/config/exporter-passwords.sh")));
        let set = object(&self.artifacts, pod.set);
        let containers = set["spec"]["template"]["spec"]["containers"].as_array().unwrap();
        let container =
            containers.iter().find(|container| container["name"] == "exporter").unwrap();
        let mut exporter = self.command(pod);
        exporter.arg("prometheus-redis-exporter");
        for variable in container["env"].as_array().unwrap() {
            let value = self.here(pod, variable["value"].as_str().unwrap());
            exporter.env(variable["name"].as_str().unwrap(), value);
        }
        exporter.env("REDIS_EXPORTER_WEB_LISTEN_ADDRESS", format!("127.0.0.1:{}", pod.listen));
        self.inside.push(Running::start(&mut exporter, &home.join("exporter.log")));
        until(&format!("the exporter of {} sees its server", pod.name), 60, || {
            let page = self.page(pod, "/metrics");
            let is_there = page.contains("\nredis_up 1\n") && page.contains(pod.ready);
            (!is_there).then(|| page + &fs::read_to_string(home.join("log")).unwrap())
        });
    }

    fn page(&self, pod: &Pod, path: &str) -> String {
        let mut command = self.command(pod);
        command.args(["curl", "--silent", "--max-time", "20"]);
        let answer =
            command.arg(format!("http://127.0.0.1:{}{path}", pod.listen)).output().unwrap();
        String::from_utf8(answer.stdout).unwrap()
    }

    /// What the server of a pod answers to the auditor.
    fn audit(&self, pod: &Pod, port: u32, words: &[&str]) -> String {
        let tls = self.home(pod).join("etc/tls");
        let mut command = self.command(pod);
        command.args(["redis-cli", "-p", &port.to_string(), "--tls", "--cacert"]);
        command.arg(tls.join("ca.crt")).arg("--cert").arg(tls.join("tls.crt"));
        command.arg("--key").arg(tls.join("tls.key")).args(["--user", "auditor"]).args(words);
        command.env("REDISCLI_AUTH", "secret-of-node");
        String::from_utf8(run(&mut command).stdout).unwrap().trim().into()
    }
}

fn object(artifacts: &[Artifact], path: &str) -> Value {
    let found = artifacts.iter().find(|artifact| artifact.path == path);
    serde_yaml::from_str(&found.unwrap_or_else(|| panic!("no {path}")).content).unwrap()
}

#[test]
fn the_exporter_of_a_pod_logs_in_by_tls_with_its_rights() {
    let mut pods = Pods::new(&format!("{SPEC}{USERS_AND_TLS}"));
    for (pod, port) in [(&DATA, 6379), (&SENTINEL, 26379)] {
        pods.start(pod);
        // Before it looked there was nothing to refuse; what the scripts do is refused nothing either.
        assert_eq!(pods.audit(pod, port, &["ACL", "LOG"]), "", "{}", pod.name);
        let page = pods.page(pod, "/metrics");
        assert!(!page.contains(r#"err="NOPERM""#), "{page}");
    }
}

#[test]
fn the_exporter_of_a_pod_says_in_time_why_its_server_is_down() {
    let mut pods = Pods::new(&format!("{SPEC}{PASSWORD_ONLY}"));
    for pod in [&DATA, &SENTINEL] {
        pods.start(pod);
    }
    let monitor = object(&pods.artifacts, "kubernetes/monitoring/podmonitor.yaml");
    let timeout = monitor["spec"]["podMetricsEndpoints"][0]["scrapeTimeout"].as_str().unwrap();
    let timeout = Duration::from_secs(timeout.trim_end_matches('s').parse().unwrap());
    let id = pods.inside[0].0.id().to_string();
    run(Command::new("kill").args(["-STOP", &id]));
    let began = Instant::now();
    let page = pods.page(&DATA, "/metrics");
    let took = began.elapsed();
    run(Command::new("kill").args(["-CONT", &id]));
    assert!(page.contains("\nredis_up 0\n") && page.contains("timeout"), "{took:?}: {page}");
    assert!(took < timeout, "{took:?}: the scrape is given up after {timeout:?}");
}
