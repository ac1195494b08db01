//! How much memory a data node gives to data: as `config.maxmemory` says, else by `maxmemoryPercent`.

use crate::{
    directives, quantity,
    spec::{Redis, Value},
};

/// Bytes of `maxmemory`; 0 means no limit. Nothing where a value is no size.
#[must_use]
pub fn bytes(redis: &Redis) -> Option<u64> {
    if let Some((_, value)) = written(redis) {
        return directives::bytes(value.texts().last()?);
    }
    let share =
        u128::from(quantity::bytes(&redis.memory)?) * u128::from(redis.maxmemory_percent) / 100;
    u64::try_from(share).ok()
}

/// Where it is set, below the master's `redis`.
#[must_use]
pub fn field(redis: &Redis) -> String {
    written(redis).map_or_else(|| "maxmemoryPercent".into(), |(name, _)| format!("config.{name}"))
}

fn written(redis: &Redis) -> Option<(&String, &Value)> {
    redis.config.iter().find(|(name, _)| name.eq_ignore_ascii_case("maxmemory"))
}

#[cfg(test)]
mod tests {
    use super::{bytes, field};
    use crate::spec::{Redis, Value};

    #[test]
    fn a_written_size_wins_over_the_percentage() {
        let mut redis = Redis { memory: "4Gi".into(), maxmemory_percent: 50, ..Redis::default() };
        assert_eq!((bytes(&redis), field(&redis)), (Some(2 << 30), "maxmemoryPercent".into()));
        redis.config.insert("MaxMemory".into(), Value::Text("1gb".into()));
        assert_eq!((bytes(&redis), field(&redis)), (Some(1 << 30), "config.MaxMemory".into()));
    }
}
