//! One panel as Grafana's JSON.

use serde_json::{Value, json};

use super::{Numbers, source};
use crate::topology::{Master, Topology};

/// A panel, but for what depends on the topology.
pub struct Panel {
    pub title: &'static str,
    pub description: &'static str,
    pub kind: Kind,
    pub width: u32,
    pub height: u32,
    pub unit: &'static str,
    pub steps: Steps,
    /// Texts of the values 0, 1, …, with a colour.
    pub words: Texts,
    /// Expression and legend. `<data>`, `<sentinel>`, `<watched>`, `<recorded>` and `<topology>` stand for label matchers. One
    /// with `<one>` is written once for each master, joined by `or`; there `<min_replicas>` is the master's own.
    pub queries: Texts,
    /// Where it can ever show anything.
    pub when: fn(&Topology) -> bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stat,
    TimeSeries,
    StateTimeline,
    /// With the labels that are its columns.
    Table(&'static [&'static str]),
}

/// Colours: the first below all values, the others from a value on.
pub type Steps = fn(&Numbers) -> Vec<(Option<f64>, &'static str)>;
type Texts = &'static [(&'static str, &'static str)];

const FULL_WIDTH: u32 = 24;

impl Panel {
    /// A figure.
    pub const fn stat(
        title: &'static str,
        description: &'static str,
        steps: Steps,
        queries: Texts,
    ) -> Self {
        Self {
            kind: Kind::Stat,
            width: 4,
            height: 4,
            steps,
            ..Self::graph(title, description, "short", queries)
        }
    }

    pub const fn graph(
        title: &'static str,
        description: &'static str,
        unit: &'static str,
        queries: Texts,
    ) -> Self {
        let (kind, steps): (Kind, Steps) = (Kind::TimeSeries, |_| vec![(None, "green")]);
        let (words, when): (Texts, fn(&Topology) -> bool) = (&[], |_| true);
        Self { title, description, kind, width: 8, height: 8, unit, steps, words, queries, when }
    }

    pub const fn table(
        title: &'static str,
        description: &'static str,
        columns: &'static [&'static str],
        queries: Texts,
    ) -> Self {
        Self {
            kind: Kind::Table(columns),
            width: 12,
            ..Self::graph(title, description, "short", queries)
        }
    }

    pub const fn timeline(
        title: &'static str,
        description: &'static str,
        words: Texts,
        queries: Texts,
    ) -> Self {
        let kind = Kind::StateTimeline;
        Self { kind, width: FULL_WIDTH, words, ..Self::graph(title, description, "short", queries) }
    }

    pub const fn steps(self, steps: Steps) -> Self {
        Self { steps, ..self }
    }

    pub const fn words(self, words: Texts) -> Self {
        Self { words, ..self }
    }

    pub const fn when(self, when: fn(&Topology) -> bool) -> Self {
        Self { when, ..self }
    }
}

pub fn red_above(value: f64) -> Vec<(Option<f64>, &'static str)> {
    vec![(None, "green"), (Some(value), "red")]
}

pub fn red_below(value: f64) -> Vec<(Option<f64>, &'static str)> {
    vec![(None, "red"), (Some(value), "green")]
}

/// Lines at what the spec says, without a judgement.
pub fn lines_at(values: &[f64]) -> Vec<(Option<f64>, &'static str)> {
    [None]
        .into_iter()
        .chain(values.iter().copied().map(Some))
        .map(|value| (value, "blue"))
        .collect()
}

pub fn has_replicas(topology: &Topology) -> bool {
    topology.masters.iter().any(|master| master.replicas > 0)
}

pub fn has_aof(topology: &Topology) -> bool {
    topology.masters.iter().any(|master| master.persistence.aof)
}

pub fn panel(
    panel: &Panel,
    topology: &Topology,
    numbers: &Numbers,
    id: u32,
    position: &Value,
) -> Value {
    let mut model = json!({
        "id": id,
        "type": panel.kind.plugin(),
        "title": panel.title,
        "description": panel.description,
        "datasource": source(),
        "gridPos": position,
        "fieldConfig": { "defaults": null, "overrides": [] },
        "options": null,
        "targets": null,
    });
    model["fieldConfig"]["defaults"] = defaults(panel, numbers);
    model["options"] = panel.kind.options();
    model["targets"] = Value::Array(targets(panel, topology));
    if let Kind::Table(columns) = panel.kind {
        model["transformations"] = columns_only(columns);
    }
    model
}

fn defaults(panel: &Panel, numbers: &Numbers) -> Value {
    let steps = (panel.steps)(numbers);
    let is_drawn = panel.kind == Kind::TimeSeries && steps.len() > 1;
    let steps: Vec<Value> =
        steps.iter().map(|(value, color)| json!({ "color": color, "value": value })).collect();
    let words = panel.words.iter().enumerate();
    let options: serde_json::Map<String, Value> = words
        .map(|(value, (text, color))| {
            (value.to_string(), json!({ "text": text, "color": color, "index": value }))
        })
        .collect();
    let mappings = if options.is_empty() {
        json!([])
    } else {
        json!([{ "type": "value", "options": options }])
    };
    let custom = match panel.kind {
        Kind::TimeSeries => json!({
            "lineWidth": 1, "fillOpacity": 5, "showPoints": "never",
            "thresholdsStyle": { "mode": if is_drawn { "dashed" } else { "off" } },
        }),
        _ => json!({}),
    };
    let color = if panel.kind == Kind::TimeSeries { "palette-classic" } else { "thresholds" };
    json!({
        "unit": panel.unit,
        "color": { "mode": color },
        "mappings": mappings,
        "thresholds": { "mode": "absolute", "steps": steps },
        "custom": custom,
    })
}

fn targets(panel: &Panel, topology: &Topology) -> Vec<Value> {
    let is_table = matches!(panel.kind, Kind::Table(_));
    let is_instant = is_table || panel.kind == Kind::Stat;
    let target = |((expression, legend), letter): (&(&str, &str), char)| {
        json!({
            "refId": letter.to_string(),
            "datasource": source(),
            "expr": matched(expression, topology),
            "legendFormat": legend,
            "instant": is_instant,
            "range": !is_instant,
            "format": if is_table { "table" } else { "time_series" },
        })
    };
    panel.queries.iter().zip('A'..='Z').map(target).collect()
}

fn matched(expression: &str, topology: &Topology) -> String {
    let name = format!(r#"topology="{}""#, topology.name);
    if expression.contains("<one>") {
        let of = |master: &Master| {
            let one = format!(r#"{name},master="{}""#, master.name);
            let number = master.min_replicas_to_write.to_string();
            expression.replace("<one>", &one).replace("<min_replicas>", &number)
        };
        return topology.masters.iter().map(of).collect::<Vec<_>>().join(" or ");
    }
    expression
        .replace(
            "<data>",
            &format!(r#"{name},component="redis",master=~"$master",instance=~"$instance""#),
        )
        .replace(
            "<watched>",
            &format!(r#"{name},component="sentinel",master=~"$master",instance=~"$instance""#),
        )
        .replace("<sentinel>", &format!(r#"{name},component="sentinel",instance=~"$instance""#))
        .replace("<recorded>", &format!(r#"{name},master=~"$master",instance=~"$instance""#))
        .replace("<topology>", &name)
}

/// Everything but these labels is left out, and they stand in this order.
fn columns_only(columns: &[&str]) -> Value {
    let order: serde_json::Map<String, Value> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| ((*column).into(), json!(index)))
        .collect();
    json!([
        { "id": "filterFieldsByName", "options": { "include": { "names": columns } } },
        { "id": "organize", "options": { "indexByName": order, "excludeByName": {}, "renameByName": {} } },
    ])
}

impl Kind {
    fn plugin(self) -> &'static str {
        match self {
            Self::Stat => "stat",
            Self::TimeSeries => "timeseries",
            Self::StateTimeline => "state-timeline",
            Self::Table(_) => "table",
        }
    }

    fn options(self) -> Value {
        let legend = json!({ "showLegend": true, "displayMode": "list", "placement": "bottom" });
        match self {
            Self::Stat => json!({
                "colorMode": "background", "graphMode": "none", "textMode": "auto",
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
            }),
            Self::TimeSeries => {
                json!({ "legend": legend, "tooltip": { "mode": "multi", "sort": "desc" } })
            }
            Self::StateTimeline => json!({
                "legend": legend, "mergeValues": true, "rowHeight": 0.8, "showValue": "auto", "tooltip": { "mode": "single" },
            }),
            Self::Table(_) => json!({ "showHeader": true }),
        }
    }
}
