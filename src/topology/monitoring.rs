//! Who measures, and who is told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::master::Cpu;
use crate::spec::{Delivery, ScrapeType, Spec, Thresholds};

#[derive(Clone, Debug, Serialize)]
pub struct Monitoring {
    pub exporter_image: String,
    pub exporter_memory: String,
    pub exporter_cpu: Cpu,
    pub pod_monitor: bool,
    pub service_monitor: bool,
    pub scrape_labels: BTreeMap<String, String>,
    pub interval_seconds: u32,
    pub rule_labels: BTreeMap<String, String>,
    pub thresholds: Thresholds,
    pub runbook_url_prefix: String,
    pub disabled_alerts: Vec<String>,
    pub dashboard: bool,
    pub dashboard_config_map: bool,
    pub dashboard_labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dashboard_folder: Option<String>,
}

impl Monitoring {
    /// Nothing where nobody collects.
    pub(super) fn from_spec(spec: &Spec) -> Option<Self> {
        let scrape_type = spec.scrape_type();
        if scrape_type == ScrapeType::Disabled {
            return None;
        }
        let monitoring = &spec.spec.monitoring;
        let delivery = spec.dashboard_delivery();
        Some(Self {
            exporter_image: monitoring.exporter.image.clone(),
            exporter_memory: monitoring.exporter.memory.clone(),
            exporter_cpu: Cpu::from(&monitoring.exporter.cpu),
            pod_monitor: scrape_type == ScrapeType::PodMonitor,
            service_monitor: scrape_type == ScrapeType::ServiceMonitor,
            scrape_labels: monitoring.scrape.labels.clone(),
            interval_seconds: monitoring.scrape.interval_seconds,
            rule_labels: monitoring.alerts.labels.clone(),
            thresholds: monitoring.alerts.thresholds.clone(),
            runbook_url_prefix: monitoring.alerts.runbook_url_prefix.clone(),
            disabled_alerts: monitoring.alerts.disable.clone(),
            dashboard: delivery != Delivery::Disabled,
            dashboard_config_map: delivery == Delivery::ConfigMap,
            dashboard_labels: monitoring.dashboard.labels(),
            dashboard_folder: monitoring.dashboard.folder.clone(),
        })
    }
}
