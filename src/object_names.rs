//! Names of the Kubernetes objects that a deployment consists of.

use crate::spec::{Master, Spec};

/// Name of a master's `StatefulSet` and headless Service.
#[must_use]
pub fn data(spec: &Spec, master: &Master) -> String {
    let name = &spec.metadata.name;
    if master.name == *name { name.clone() } else { format!("{name}-{}", master.name) }
}

/// Name of the Sentinels' `StatefulSet` and headless Service.
#[must_use]
pub fn sentinel(spec: &Spec) -> String {
    format!("{}-sentinel", spec.metadata.name)
}
