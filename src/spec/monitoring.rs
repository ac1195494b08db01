//! `spec.monitoring`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{redis::Cpu, thresholds::Thresholds};

/// Exporter, scraping, alerts and dashboard.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Monitoring {
    /// redis_exporter: a sidecar of every pod, or one process on every host.
    pub exporter: Exporter,
    /// How Prometheus finds the exporters.
    pub scrape: Scrape,
    /// The PrometheusRule.
    pub alerts: Alerts,
    /// The Grafana dashboard.
    pub dashboard: Dashboard,
}

/// redis_exporter.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Exporter {
    /// Container image; the alerts need 1.80.2 or later. Default: `oliver006/redis_exporter:v1.80.2`.
    pub image: String,
    /// Memory of one exporter: request and limit. Default: `64Mi`.
    pub memory: String,
    /// CPU of one exporter. Default: request `20m`, no limit.
    pub cpu: Cpu,
}

impl Default for Exporter {
    fn default() -> Self {
        Self {
            image: "oliver006/redis_exporter:v1.80.2".into(),
            memory: "64Mi".into(),
            cpu: Cpu { request: Some("20m".into()), limit: None },
        }
    }
}

/// How Prometheus finds the exporters.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scrape {
    /// `PodMonitor` (default on Kubernetes), `ServiceMonitor`, `Static` (default on hosts: a file of scrape configurations) or
    /// `Disabled`: nobody collects, so no rules and no dashboard are rendered either.
    pub r#type: Option<ScrapeType>,
    /// Seconds between two scrapes. Default: 15.
    pub interval_seconds: u32,
    /// Labels of the PodMonitor or ServiceMonitor: what the operator's selector asks for.
    pub labels: BTreeMap<String, String>,
}

impl Default for Scrape {
    fn default() -> Self {
        Self { r#type: None, interval_seconds: 15, labels: BTreeMap::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum ScrapeType {
    PodMonitor,
    ServiceMonitor,
    Static,
    Disabled,
}

/// The PrometheusRule.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Alerts {
    /// Labels of the PrometheusRule: what the operator's selector asks for.
    pub labels: BTreeMap<String, String>,
    /// The numbers in the alerts that are a matter of taste.
    pub thresholds: Thresholds,
    /// What stands before `operations/runbook.md#ALERT` in `runbook_url`.
    pub runbook_url_prefix: String,
    /// Names of alerts that are not rendered.
    pub disable: Vec<String>,
}

/// The Grafana dashboard.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Dashboard {
    /// `ConfigMap` (default on Kubernetes: what Grafana's sidecar collects), `File` (default on hosts) or `Disabled`.
    pub delivery: Option<Delivery>,
    /// Labels of the ConfigMap. Default: `grafana_dashboard: "1"`.
    pub labels: Option<BTreeMap<String, String>>,
    /// Grafana folder.
    pub folder: Option<String>,
}

impl Dashboard {
    /// The labels as written, else the one that Grafana's sidecar looks for.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        self.labels
            .clone()
            .unwrap_or_else(|| BTreeMap::from([("grafana_dashboard".into(), "1".into())]))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Delivery {
    ConfigMap,
    File,
    Disabled,
}
