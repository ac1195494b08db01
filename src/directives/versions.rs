//! Which versions of which engine a row of a table holds for.

use std::{fmt, str::FromStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    Redis,
    Valkey,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "Redis",
            Self::Valkey => "Valkey",
        })
    }
}

/// A version without its patch level, which never adds or removes a directive or a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
}

impl Version {
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = &'static str;

    /// Reads `7.2`: two plain numbers.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            if plain { digits.parse().ok() } else { None }
        };
        let version = text
            .split_once('.')
            .and_then(|(major, minor)| Some(Self { major: number(major)?, minor: number(minor)? }));
        version.ok_or("not a version such as 7.2")
    }
}

/// From one version to another, both included; without an end, every later version too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    since: Version,
    until: Option<Version>,
}

impl Range {
    /// Reads `6.2-7.0`, `6.2-`, `6.2`; nothing for `-`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Some((since, until)) = text.split_once('-') else {
            let only = text.parse().ok()?;
            return Some(Self { since: only, until: Some(only) });
        };
        Some(Self { since: since.parse().ok()?, until: until.parse().ok() })
    }

    pub(crate) fn contains(self, version: Version) -> bool {
        self.since <= version && self.until.is_none_or(|until| version <= until)
    }

    /// The smallest range with both in it.
    fn and(self, other: Self) -> Self {
        let until = self.until.zip(other.until).map(|(one, two)| one.max(two));
        Self { since: self.since.min(other.since), until }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            None => write!(f, "{} and later", self.since),
            Some(until) if until == self.since => write!(f, "{until}"),
            Some(until) => write!(f, "{} to {until}", self.since),
        }
    }
}

/// The versions of both engines that a row holds for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranges {
    pub(crate) redis: Option<Range>,
    pub(crate) valkey: Option<Range>,
}

impl Ranges {
    pub(crate) fn contain(self, engine: Engine, version: Version) -> bool {
        let range = match engine {
            Engine::Redis => self.redis,
            Engine::Valkey => self.valkey,
        };
        range.is_some_and(|range| range.contains(version))
    }
}

/// Where something exists: `Redis 7.0 and later, Valkey 8.0 and later`; nothing if nowhere.
pub(crate) fn describe(all: impl Iterator<Item = Ranges>) -> Option<String> {
    let union = |one: Option<Range>, two: Option<Range>| match (one, two) {
        (Some(one), Some(two)) => Some(one.and(two)),
        (one, two) => one.or(two),
    };
    let ranges = all.reduce(|one, two| Ranges {
        redis: union(one.redis, two.redis),
        valkey: union(one.valkey, two.valkey),
    })?;
    let redis = ranges.redis.map(|range| format!("{} {range}", Engine::Redis));
    let valkey = ranges.valkey.map(|range| format!("{} {range}", Engine::Valkey));
    let places: Vec<String> = [redis, valkey].into_iter().flatten().collect();
    (!places.is_empty()).then(|| places.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Range, Ranges, Version, describe};

    #[test]
    fn a_version_is_two_plain_numbers() {
        assert_eq!("7.2".parse(), Ok(Version::new(7, 2)));
        for bad in ["7", "7.", ".2", "7.2.1", "+7.2", "7.x", "", "99999.0"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_open_range_holds_for_every_later_version() {
        let contains = |range: &str, version: &str| {
            Range::parse(range)
                .zip(version.parse().ok())
                .is_some_and(|(range, version)| range.contains(version))
        };
        assert!(contains("7.0-", "9.9"));
        assert!(!contains("7.0-", "6.2"));
        assert!(contains("7.0-7.2", "7.2"));
        assert!(!contains("7.0-7.2", "7.4"));
        assert!(contains("6.2", "6.2"));
        assert!(!contains("-", "6.2"));
    }

    #[test]
    fn places_are_described_by_engine_and_version() {
        let ranges =
            |redis, valkey| Ranges { redis: Range::parse(redis), valkey: Range::parse(valkey) };
        let describe = |all: &[Ranges]| describe(all.iter().copied());
        assert_eq!(describe(&[ranges("7.0-", "-")]).as_deref(), Some("Redis 7.0 and later"));
        assert_eq!(
            describe(&[ranges("6.2", "-"), ranges("7.0-7.2", "8.0-")]).as_deref(),
            Some("Redis 6.2 to 7.2, Valkey 8.0 and later")
        );
        assert_eq!(describe(&[]), None);
    }
}
