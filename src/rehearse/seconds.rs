//! Durations in a report: seconds, to the millisecond.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

/// Durations as seconds, to the millisecond.
pub mod single {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    pub fn rounded(duration: &Duration) -> f64 {
        (duration.as_secs_f64() * 1000.0).round() / 1000.0
    }

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(rounded(duration))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        f64::deserialize(deserializer).map(Duration::from_secs_f64)
    }
}

/// The same for several.
pub mod several {
    use super::{Deserialize, Deserializer, Duration, Serializer, single};

    pub fn serialize<S: Serializer>(
        durations: &[Duration],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(durations.iter().map(single::rounded))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Duration>, D::Error> {
        let seconds = Vec::<f64>::deserialize(deserializer)?;
        Ok(seconds.into_iter().map(Duration::from_secs_f64).collect())
    }
}
