//! The spec as it takes effect: every value, written or not, and where it comes from.

mod yaml;

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    load::{self, Loaded, inherited},
    schema, secret_fields,
    source::Source,
    spec::{SecretSource, Spec},
};

/// How often what a rule finds about defaults may lead to further findings.
const ROUNDS: usize = 8;

/// What takes effect, as YAML that is a spec again and renders the same; nothing for a spec with errors.
/// With origins, each value has a comment that says where it is written, or that it is a default and why.
#[must_use]
pub fn resolve(loaded: &Loaded, with_origins: bool) -> Option<String> {
    let spec = loaded.spec.as_ref()?.as_spec();
    let source = &loaded.source;
    let mut value = serde_json::to_value(effective(spec)).unwrap_or_default();
    if let Some(Value::Object(body)) = value.get_mut("spec") {
        body.remove("basedOn");
    }
    let is_written = |path: &str| source.place(path).is_some();
    prune(&mut value, "", &|path, is_empty| !is_empty || is_written(path));
    let known: HashSet<(&str, &str)> =
        loaded.diagnostics.iter().map(|found| (found.id, found.path.as_str())).collect();
    for _ in 0..ROUNDS {
        let (again, read) = Source::read("resolved", yaml::write(&value, &|_, _| None));
        let again = load::load(vec![(again, read)]);
        let is_new = |id: &str, path: &str| {
            let above = inherited(path);
            !known.contains(&(id, path)) && above.is_none_or(|path| !known.contains(&(id, &path)))
        };
        let found = again.iter().flat_map(|again| &again.diagnostics);
        let unwanted: Vec<&str> = found
            .filter(|found| is_new(found.id, &found.path))
            .map(|found| found.path.as_str())
            .collect();
        // A default that says nothing here, such as a port that nobody opens.
        let is_unwanted = |path: &str| {
            unwanted.iter().any(|above| {
                let below = |above: &str, path: &str| {
                    let rest = path.strip_prefix(above);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                };
                below(above, path) || above.ends_with(']') && below(path, above)
            })
        };
        let before = value.clone();
        prune(&mut value, "", &|path, is_empty| {
            is_written(path) || !is_empty && !is_unwanted(path)
        });
        if value == before {
            break;
        }
    }
    let origin = |path: &str, text: &str| with_origins.then(|| origin(source, path, text));
    Some(yaml::write(&value, &origin))
}

/// The spec with what it leaves open filled in, as the rest of the program takes it.
fn effective(spec: &Spec) -> Spec {
    let mut full = spec.clone();
    let password =
        |field: &Option<SecretSource>| Some(secret_fields::password(spec, field.as_ref()));
    let (body, auth) = (&mut full.spec, &spec.spec.auth);
    body.engine.version = Some(spec.spec.engine.version().into());
    body.engine.image = Some(spec.image());
    body.sentinel.instances = Some(spec.sentinel_instances());
    body.sentinel.quorum = Some(spec.quorum());
    body.network.announce = Some(spec.announce());
    body.notifications.events = Some(spec.spec.notifications.events());
    body.monitoring.scrape.r#type = Some(spec.scrape_type());
    body.monitoring.dashboard.delivery = Some(spec.dashboard_delivery());
    body.monitoring.dashboard.labels = Some(spec.spec.monitoring.dashboard.labels());
    body.placement.nodes = Some(spec.spec.placement.nodes());
    body.placement.zones.spread = Some(spec.spec.placement.zones.spread());
    body.auth.password = password(&auth.password);
    body.auth.replication_password = password(&auth.replication_password);
    body.auth.sentinel_auth_password = password(&auth.sentinel_auth_password);
    body.auth.sentinel_password = password(&auth.sentinel_password);
    body.auth.exporter_password = password(&auth.exporter_password);
    body.auth.node_password = password(&auth.node_password);
    for host in &mut body.platform.hosts {
        host.bind = Some(host.bind());
    }
    for (master, written) in body.masters.iter_mut().zip(&spec.spec.masters) {
        master.redis.replicas_per_master = Some(spec.replicas_of(written));
        master.redis.min_replicas.to_write = Some(spec.min_replicas_of(written));
    }
    full
}

/// Takes away what is unset, and what is not to stay: values by their path, and lists and mappings that are empty.
fn prune(value: &mut Value, path: &str, stays: &dyn Fn(&str, bool) -> bool) -> bool {
    match value {
        Value::Object(fields) => {
            let below = |key: &str| {
                if path.is_empty() { key.to_string() } else { format!("{path}.{key}") }
            };
            fields.retain(|key, field| prune(field, &below(key), stays));
            !fields.is_empty() || path == "spec" || stays(path, true)
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                prune(item, &format!("{path}[{index}]"), stays);
            }
            stays(path, items.is_empty())
        }
        Value::Null => false,
        Value::String(text) => stays(path, text.is_empty()),
        _ => stays(path, false),
    }
}

/// Where a value is written, or that it is a default, and what is said about that.
fn origin(source: &Source, path: &str, text: &str) -> String {
    if let Some(place) = source.place(path) {
        let (line, column) = source.position(place.start);
        let file = source.file(place.start).replace(char::is_control, "?");
        return format!("{file}:{line}:{column}");
    }
    match told_default(path) {
        Some(told) if told.trim_start_matches(": ") != text.trim_matches('"') => {
            format!("default{told}")
        }
        _ => "default".into(),
    }
}

/// What the documentation says of a default; of a default that is a mapping, the field above says it.
fn told_default(path: &str) -> Option<String> {
    let path =
        path.strip_suffix(']').and_then(|item| item.rsplit_once('[')).map_or(path, |list| list.0);
    let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
    let fields: Vec<&str> = ends.map(|end| &path[..end]).collect();
    fields.into_iter().rev().take(3).find_map(|field| {
        let about = schema::field(field)?.description;
        let (_, told) = about.split_once("Default")?;
        let told = told
            .split(". ")
            .next()?
            .trim_end_matches('.')
            .replace(['`', '"'], "")
            .replace('\n', " ");
        told.starts_with([':', ',']).then_some(told)
    })
}
