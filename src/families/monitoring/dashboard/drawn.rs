//! One panel as Grafana's JSON.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    DataSource, Numbers, Position, SOURCE,
    panels::{Kind, Panel},
};
use crate::topology::{Master, Topology};

/// A panel as Grafana reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drawn {
    id: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    description: &'static str,
    datasource: DataSource,
    grid_pos: Position,
    field_config: FieldConfig,
    options: Value,
    targets: Vec<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transformations: Option<Value>,
}

#[derive(Serialize)]
struct FieldConfig {
    defaults: Defaults,
    overrides: [(); 0],
}

#[derive(Serialize)]
struct Defaults {
    unit: &'static str,
    color: Mode,
    mappings: Value,
    thresholds: Thresholds,
    custom: Value,
}

#[derive(Serialize)]
struct Mode {
    mode: &'static str,
}

#[derive(Serialize)]
struct Thresholds {
    mode: &'static str,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    color: &'static str,
    value: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    ref_id: char,
    datasource: DataSource,
    expr: String,
    legend_format: &'static str,
    instant: bool,
    range: bool,
    format: &'static str,
}

impl Drawn {
    pub fn new(
        panel: &Panel,
        topology: &Topology,
        numbers: &Numbers,
        id: u32,
        position: Position,
    ) -> Self {
        let transformations = match panel.kind {
            Kind::Table(columns) => Some(columns_only(columns)),
            _ => None,
        };
        Self {
            id,
            kind: panel.kind.plugin(),
            title: panel.title,
            description: panel.description,
            datasource: SOURCE,
            grid_pos: position,
            field_config: FieldConfig { defaults: defaults(panel, numbers), overrides: [] },
            options: panel.kind.options(),
            targets: targets(panel, topology),
            transformations,
        }
    }
}

fn defaults(panel: &Panel, numbers: &Numbers) -> Defaults {
    let steps = (panel.steps)(numbers).into_iter().map(|(value, color)| Step { color, value });
    let steps: Vec<Step> = steps.collect();
    let is_drawn = panel.kind == Kind::TimeSeries && steps.len() > 1;
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
    Defaults {
        unit: panel.unit,
        color: Mode { mode: color },
        mappings,
        thresholds: Thresholds { mode: "absolute", steps },
        custom,
    }
}

fn targets(panel: &Panel, topology: &Topology) -> Vec<Target> {
    let is_table = matches!(panel.kind, Kind::Table(_));
    let is_instant = is_table || panel.kind == Kind::Stat;
    let target = |((expression, legend), letter): (&(&str, &'static str), char)| Target {
        ref_id: letter,
        datasource: SOURCE,
        expr: matched(expression, topology),
        legend_format: legend,
        instant: is_instant,
        range: !is_instant,
        format: if is_table { "table" } else { "time_series" },
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
