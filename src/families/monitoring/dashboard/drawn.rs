//! One panel as Grafana's JSON.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    DataSource, Filling, Numbers, Position, SOURCE,
    matchers::Matchers,
    panels::{Kind, Panel},
};

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
    options: &'static Value,
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
    custom: &'static Value,
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

/// Options of each kind of panel.
struct Options {
    stat: Value,
    time_series: Value,
    state_timeline: Value,
    table: Value,
    /// How lines are drawn, with thresholds among them or without; nothing where there are no lines.
    dashed: Value,
    plain: Value,
    nothing: Value,
}

static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
    let lines = |thresholds: &str| {
        json!({
            "lineWidth": 1, "fillOpacity": 5, "showPoints": "never", "thresholdsStyle": { "mode": thresholds },
        })
    };
    let legend = json!({ "showLegend": true, "displayMode": "list", "placement": "bottom" });
    Options {
        stat: json!({
            "colorMode": "background", "graphMode": "none", "textMode": "auto",
            "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        }),
        time_series: json!({ "legend": legend, "tooltip": { "mode": "multi", "sort": "desc" } }),
        state_timeline: json!({
            "legend": legend, "mergeValues": true, "rowHeight": 0.8, "showValue": "auto", "tooltip": { "mode": "single" },
        }),
        table: json!({ "showHeader": true }),
        dashed: lines("dashed"),
        plain: lines("off"),
        nothing: json!({}),
    }
});

impl Drawn {
    pub fn new(panel: &Panel, filling: &Filling<'_>, id: u32, position: Position) -> Self {
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
            field_config: FieldConfig {
                defaults: defaults(panel, &filling.numbers),
                overrides: [],
            },
            options: panel.kind.options(),
            targets: targets(panel, &filling.matchers),
            transformations,
        }
    }
}

fn defaults(panel: &Panel, numbers: &Numbers) -> Defaults {
    let steps = (panel.steps)(numbers).into_iter().map(|(value, color)| Step { color, value });
    let steps: Vec<Step> = steps.collect();
    let has_thresholds = steps.len() > 1;
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
        Kind::TimeSeries if has_thresholds => &OPTIONS.dashed,
        Kind::TimeSeries => &OPTIONS.plain,
        _ => &OPTIONS.nothing,
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

fn targets(panel: &Panel, matchers: &Matchers) -> Vec<Target> {
    let is_table = matches!(panel.kind, Kind::Table(_));
    let is_instant = is_table || panel.kind == Kind::Stat;
    let target = |((expression, legend), letter): (&(&str, &'static str), char)| Target {
        ref_id: letter,
        datasource: SOURCE,
        expr: matchers.fill(expression),
        legend_format: legend,
        instant: is_instant,
        range: !is_instant,
        format: if is_table { "table" } else { "time_series" },
    };
    panel.queries.iter().zip('A'..='Z').map(target).collect()
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

    fn options(self) -> &'static Value {
        match self {
            Self::Stat => &OPTIONS.stat,
            Self::TimeSeries => &OPTIONS.time_series,
            Self::StateTimeline => &OPTIONS.state_timeline,
            Self::Table(_) => &OPTIONS.table,
        }
    }
}
