//! Series with the labels that they have when they are scraped.

use super::{
    scene::{Scene, address, seed},
    values::{Values, flat},
};
use crate::topology::{DataNode, Master};

/// Somebody outside of the topology.
pub const STRANGER: &str = "203.0.113.9:6379";
/// What cert-manager shows.
pub const CERTIFICATE: &str = "certmanager_certificate_expiration_timestamp_seconds";

#[derive(Clone)]
pub struct Series {
    pub metric: &'static str,
    pub master: String,
    pub instance: String,
    /// Every label, as between braces.
    pub labels: String,
    pub values: Values,
}

impl Series {
    pub fn matches(&self, master: &str, instance: &str) -> bool {
        (master.is_empty() || self.master == master)
            && (instance.is_empty() || self.instance == instance)
    }

    /// As promtool reads it, for so many samples.
    fn write(&self, text: &mut String, samples: u32) {
        for part in ["{series: '", self.metric, "{", &self.labels, "}', values: '"] {
            text.push_str(part);
        }
        self.values.write(text, samples);
        text.push_str("'}");
    }

    pub fn is(&self, other: &Self) -> bool {
        self.metric == other.metric && self.labels == other.labels
    }
}

/// A series in a situation; small, as there are thousands of them.
pub enum Shown<'a> {
    /// As where all is well, and which one of its metric it is there.
    Healthy(&'a Series, usize),
    Changed(Box<Series>),
}

impl Shown<'_> {
    pub fn series(&self) -> &Series {
        match self {
            Self::Healthy(series, _) => series,
            Self::Changed(series) => series,
        }
    }

    /// Makes it another than where all is well.
    pub fn change(&mut self, how: impl Fn(&mut Series)) {
        if let Self::Healthy(series, _) = self {
            *self = Self::Changed(Box::new(series.clone()));
        }
        if let Self::Changed(series) = self {
            how(series);
        }
    }
}

/// The name that a series has in the file.
fn write_name(text: &mut String, mark: char, metric: &str, number: usize) {
    text.push(mark);
    text.push_str(metric);
    text.push('-');
    text.push_str(itoa::Buffer::new().format(number));
}

/// Between two series of the template's list.
const NEXT: &str = ",\n      ";

/// A line for each series: thousands of them, too many for a template's loop, and as deep as the template lists them. Those that
/// are as where all is well are named only, beside each other, but where the names are given.
pub fn lines(all: &[Shown<'_>], samples: u32, gives_names: bool) -> String {
    let mut lines = String::with_capacity(all.len() * if gives_names { 256 } else { 96 });
    let mut beside = "";
    for shown in all {
        let named_only = match shown {
            Shown::Healthy(series, _) if !gives_names => series.metric,
            _ => "",
        };
        lines.push_str(match named_only {
            _ if lines.is_empty() => &NEXT[2..],
            metric if !metric.is_empty() && metric == beside => ", ",
            _ => NEXT,
        });
        beside = named_only;
        match shown {
            Shown::Healthy(series, number) if gives_names => {
                write_name(&mut lines, '&', series.metric, *number);
                lines.push(' ');
                series.write(&mut lines, samples);
            }
            Shown::Healthy(series, number) => write_name(&mut lines, '*', series.metric, *number),
            Shown::Changed(series) => series.write(&mut lines, samples),
        }
    }
    lines
}

/// Of a data node.
pub fn data(
    scene: &Scene<'_>,
    metric: &'static str,
    master: &Master,
    instance: &str,
    more: &str,
    values: Values,
) -> Series {
    let (topology, name) = (scene.topology.name.as_str(), master.name.as_str());
    let (master, own) = (r#"",component="redis",master=""#, r#"",instance=""#);
    // There are hundreds, and `format!` takes twice the time.
    let labels = [r#"topology=""#, topology, master, name, own, instance, "\"", more].concat();
    Series { metric, master: name.into(), instance: instance.into(), labels, values }
}

/// Of a Sentinel.
pub fn sentinel(
    scene: &Scene<'_>,
    metric: &'static str,
    instance: &str,
    more: &str,
    values: Values,
) -> Series {
    let topology = scene.topology.name.as_str();
    let own = r#"",component="sentinel",instance=""#;
    let labels = [r#"topology=""#, topology, own, instance, "\"", more].concat();
    Series { metric, master: String::new(), instance: instance.into(), labels, values }
}

/// What a Sentinel says of a master.
pub fn opinion(
    scene: &Scene<'_>,
    metric: &'static str,
    instance: &str,
    master: &Master,
    address: &str,
    values: Values,
) -> Series {
    let more = [r#",master=""#, &master.name, r#"",master_address=""#, address, "\""].concat();
    let series = sentinel(scene, metric, instance, &more, values);
    Series { master: master.name.clone(), ..series }
}

/// What a data node says of each of the others if it is their master.
pub fn links(
    scene: &Scene<'_>,
    metric: &'static str,
    master: &Master,
    of: &DataNode,
    values: &Values,
) -> Vec<Series> {
    let others = master.nodes.iter().filter(|node| node.name != of.name);
    let link = |node: &DataNode| {
        let more =
            format!(r#",slave_ip="{}",slave_port="{}",slave_state="online""#, node.host, node.port);
        data(scene, metric, master, &address(of), &more, values.clone())
    };
    others.map(link).collect()
}

/// Labels of what a replica says of its link.
pub fn followed(master: &Master) -> String {
    following(seed(master))
}

pub fn following(node: &DataNode) -> String {
    format!(r#",master_host="{}",master_port="{}""#, node.host, node.port)
}

/// Role, version and policy of a data node.
pub fn info(
    scene: &Scene<'_>,
    master: &Master,
    instance: &str,
    role: &str,
    values: Values,
) -> Series {
    let (version, policy) = (version(scene), &master.maxmemory_policy);
    let more = format!(r#",role="{role}",{version},maxmemory_policy="{policy}""#);
    data(scene, "redis_instance_info", master, instance, &more, values)
}

/// Label of the version that runs.
fn version(scene: &Scene<'_>) -> String {
    let engine = &scene.topology.engine;
    format!(r#"redis_version="{}""#, engine.version)
}

/// Who is master, of all.
pub fn infos(scene: &Scene<'_>) -> Vec<Series> {
    let of_node = |(master, node): (&Master, &DataNode)| {
        let role = if node.name == seed(master).name { "master" } else { "slave" };
        info(scene, master, &address(node), role, flat(1.0))
    };
    let masters = scene.topology.masters.iter();
    let mut all: Vec<Series> = masters
        .flat_map(|master| master.nodes.iter().map(move |node| (master, node)))
        .map(of_node)
        .collect();
    let more = format!(r#",role="",{}"#, version(scene));
    let own =
        |instance: &String| sentinel(scene, "redis_instance_info", instance, &more, flat(1.0));
    all.extend(scene.sentinels().iter().map(own));
    all
}

/// How many replicas each master counts.
pub fn connected(scene: &Scene<'_>) -> Vec<Series> {
    let masters = scene.topology.masters.iter();
    masters
        .map(|master| {
            let values = flat(master.replicas.into());
            data(scene, "redis_connected_slaves", master, &address(seed(master)), "", values)
        })
        .collect()
}

/// Errors of long ago.
pub fn errors(scene: &Scene<'_>) -> Vec<Series> {
    let of_kind = |master, kind| error(scene, master, kind, flat(7.0));
    let masters = scene.topology.masters.iter();
    masters.flat_map(|master| ["OOM", "WRONGPASS"].map(|kind| of_kind(master, kind))).collect()
}

/// Errors of one kind that a master answered.
pub fn error(scene: &Scene<'_>, master: &Master, kind: &str, values: Values) -> Series {
    let more = format!(r#",err="{kind}""#);
    data(scene, "redis_errors_total", master, &address(seed(master)), &more, values)
}

/// A day longer than necessary, in both forms that the namespace has.
pub fn certificates(scene: &Scene<'_>) -> Vec<Series> {
    let topology = scene.topology;
    let seconds = f64::from(scene.thresholds.certificate_days) * 86400.0;
    let objects =
        topology.masters.iter().map(|master| &master.object).chain([&topology.sentinel.object]);
    let of_object = |(index, object): (usize, &String)| {
        let label = if index == 0 { "namespace" } else { "exported_namespace" };
        let namespace = topology.namespace.as_ref();
        let inside = namespace.map(|namespace| format!(r#",{label}="{namespace}""#));
        let labels = format!(r#"name="{object}-tls"{}"#, inside.unwrap_or_default());
        let values = flat(seconds + 864_000.0);
        Series {
            metric: CERTIFICATE,
            master: String::new(),
            instance: String::new(),
            labels,
            values,
        }
    };
    objects.enumerate().map(of_object).collect()
}
