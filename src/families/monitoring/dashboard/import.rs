//! The form that Grafana's import page and grafana.com want: it asks for the data source, where provisioning has a variable.

use serde_json::{Map, Value, json};

use super::Model;

/// The name that Grafana itself gives this input when it exports a dashboard.
const INPUT: &str = "DS_PROMETHEUS";
/// Data sources are named by type and uid, as Grafana 8 began to do.
const OLDEST: &str = "9.0.0";
const PANELS: [(&str, &str); 4] = [
    ("stat", "Stat"),
    ("state-timeline", "State timeline"),
    ("table", "Table"),
    ("timeseries", "Time series"),
];

/// A bare model with an input in place of the variable `datasource`.
#[must_use]
pub fn for_import(model: &Model) -> Value {
    let mut form = Map::new();
    form.insert("__inputs".into(), inputs());
    form.insert("__elements".into(), json!({}));
    form.insert("__requires".into(), requires());
    form.insert("id".into(), Value::Null);
    if let Value::Object(model) = asking(json!(model)) {
        form.extend(model);
    }
    if let Some(variables) = form["templating"]["list"].as_array_mut() {
        variables.retain(|variable| variable["name"] != "datasource");
    }
    Value::Object(form)
}

fn inputs() -> Value {
    json!([{
        "name": INPUT, "label": "Prometheus", "description": "The Prometheus that has the recording rules too",
        "type": "datasource", "pluginId": "prometheus", "pluginName": "Prometheus",
    }])
}

fn requires() -> Value {
    let needed = |kind: &str, id: &str, name: &str, version: &str| json!({ "type": kind, "id": id, "name": name, "version": version });
    let first = [
        needed("grafana", "grafana", "Grafana", OLDEST),
        needed("datasource", "prometheus", "Prometheus", "1.0.0"),
    ];
    first.into_iter().chain(PANELS.map(|(id, name)| needed("panel", id, name, ""))).collect()
}

/// Every reference to the variable as one to the input.
fn asking(value: Value) -> Value {
    match value {
        Value::String(text) => text.replace("${datasource}", &format!("${{{INPUT}}}")).into(),
        Value::Array(values) => values.into_iter().map(asking).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, asking(value))).collect()
        }
        other => other,
    }
}
