//! Objects through the types that are generated from the API.

use k8s_openapi::api::{
    apps::v1::StatefulSet,
    core::v1::{ConfigMap, Service, ServiceAccount},
    networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The object after its type; nothing for what the API does not define itself.
pub fn round_trip(object: &Value) -> Option<Value> {
    let again = match object["kind"].as_str().unwrap() {
        "ConfigMap" => through::<ConfigMap>(object),
        "NetworkPolicy" => through::<NetworkPolicy>(object),
        "PodDisruptionBudget" => through::<PodDisruptionBudget>(object),
        "Service" => through::<Service>(object),
        "ServiceAccount" => through::<ServiceAccount>(object),
        "StatefulSet" => through::<StatefulSet>(object),
        "Certificate" | "PodMonitor" | "PrometheusRule" | "ServiceMonitor" => return None,
        kind => panic!("no type for {kind}"),
    };
    Some(again)
}

fn through<T: Serialize + DeserializeOwned>(object: &Value) -> Value {
    let typed: T = serde_json::from_value(object.clone()).unwrap();
    serde_json::to_value(typed).unwrap()
}
