//! The embedded table of commands.

use std::sync::LazyLock;

use crate::directives::{Engine, Range, Ranges, Version, closest, describe};

static COMMANDS: LazyLock<Vec<Command>> = LazyLock::new(|| {
    let lines = include_str!("commands.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(Command::parse).collect()
});

/// The newest version of each engine whose new commands are in the table.
const NEWEST: [(Engine, Version); 2] =
    [(Engine::Redis, Version::new(8, 6)), (Engine::Valkey, Version::new(9, 1))];

const CATEGORIES: &str = "all keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow \
     blocking dangerous connection transaction scripting";

/// Redis 8 brings its modules along (`ACL CAT` of the official image).
const CATEGORIES_OF_REDIS_8: &str =
    "search json timeseries bloom cuckoo cms topk tdigest vectorset";

struct Command {
    /// `get`, or `config|get`.
    name: &'static str,
    ranges: Ranges,
}

impl Command {
    fn parse(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let name = columns.next()?;
        let mut range = || columns.next().map(Range::parse);
        Some(Self { name, ranges: Ranges { redis: range()?, valkey: range()? } })
    }
}

/// The commands of one version.
#[derive(Clone, Copy)]
pub(super) struct Commands {
    pub(super) engine: Engine,
    pub(super) version: Version,
}

impl Commands {
    /// Whether the name is a command or, with a `|` inside, a subcommand. Names with a dot are commands of modules, which nobody can know; and
    /// a version newer than the table may know any.
    pub(super) fn has(self, name: &str) -> bool {
        let unknowable = is_plain(name) && (name.contains('.') || self.is_newer());
        unknowable || self.names().any(|known| known.eq_ignore_ascii_case(name))
    }

    pub(super) fn has_subcommands(self, command: &str) -> bool {
        self.names().any(|name| {
            name.split_once('|')
                .is_some_and(|(container, _)| container.eq_ignore_ascii_case(command))
        })
    }

    pub(super) fn has_category(self, category: &str) -> bool {
        let unknowable = is_plain(category) && self.is_newer();
        unknowable || self.categories().any(|known| known.eq_ignore_ascii_case(category))
    }

    /// That the name is unknown, and where it exists or what was probably meant.
    pub(super) fn unknown(self, name: &str) -> String {
        let same = COMMANDS.iter().filter(|command| command.name.eq_ignore_ascii_case(name));
        let fact = format!("`{name}` is no command of {} {}", self.engine, self.version);
        if let Some(places) = describe(same.map(|command| command.ranges)) {
            return format!("{fact}; it exists in {places}");
        }
        match closest(name, self.names()) {
            Some(close) => format!("{fact}; did you mean `{close}`?"),
            None => fact,
        }
    }

    pub(super) fn unknown_category(self, name: &str) -> String {
        let fact = format!("`@{name}` is no ACL category of {} {}", self.engine, self.version);
        match closest(name, self.categories()) {
            Some(close) => format!("{fact}; did you mean `@{close}`?"),
            None => fact,
        }
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        let known =
            COMMANDS.iter().filter(move |known| known.ranges.contain(self.engine, self.version));
        known.map(|command| command.name)
    }

    fn categories(self) -> impl Iterator<Item = &'static str> {
        let modules = self.engine == Engine::Redis && self.version >= Version::new(8, 0);
        let more = if modules { CATEGORIES_OF_REDIS_8 } else { "" };
        CATEGORIES.split_ascii_whitespace().chain(more.split_ascii_whitespace())
    }

    fn is_newer(self) -> bool {
        NEWEST.iter().any(|(engine, newest)| *engine == self.engine && self.version > *newest)
    }
}

fn is_plain(name: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'|');
    !name.is_empty() && name.bytes().all(part)
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Commands};
    use crate::directives::{Engine, Version};

    #[test]
    fn every_line_of_the_table_is_a_command_and_they_are_sorted() {
        let lines = include_str!("commands.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(COMMANDS.len(), lines.count());
        assert!(COMMANDS.iter().map(|command| command.name).is_sorted());
    }

    #[test]
    fn every_subcommand_has_its_command_in_the_same_versions() {
        for (engine, version) in [
            (Engine::Redis, Version::new(6, 2)),
            (Engine::Redis, Version::new(7, 0)),
            (Engine::Redis, Version::new(8, 6)),
            (Engine::Valkey, Version::new(7, 2)),
            (Engine::Valkey, Version::new(9, 1)),
        ] {
            let commands = Commands { engine, version };
            for (container, _) in commands.names().filter_map(|name| name.split_once('|')) {
                assert!(commands.has(container), "{container} in {engine} {version}");
            }
        }
    }
}
