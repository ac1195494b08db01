//! The embedded tables of directives, one row for each definition that some versions share.

use std::sync::LazyLock;

use super::versions::{Engine, Range, Ranges, Version};

/// Room for the larger table without growing.
const MOST_ROWS: usize = 256;

pub(super) static SERVER: LazyLock<Vec<Row>> =
    LazyLock::new(|| rows(include_str!("redis.tsv"), Row::server));
pub(super) static SENTINEL: LazyLock<Vec<Row>> =
    LazyLock::new(|| rows(include_str!("sentinel.tsv"), Row::sentinel));

/// One line, cut at its tabs; what a column means is read only when asked for, because most lines never are.
pub(super) struct Row {
    pub(super) name: &'static str,
    aliases: &'static str,
    redis: &'static str,
    valkey: &'static str,
    pub(super) scope: &'static str,
    pub(super) kind: &'static str,
    pub(super) values: &'static str,
    pub(super) flags: &'static str,
    pub(super) default: &'static str,
}

impl Row {
    fn server(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let row = Self {
            name: columns.next()?,
            aliases: columns.next()?,
            redis: columns.next()?,
            valkey: columns.next()?,
            scope: "server",
            kind: columns.next()?,
            values: columns.next()?,
            flags: columns.next()?,
            default: columns.next().map(|default| if default == "\"\"" { "" } else { default })?,
        };
        columns.next().is_none().then_some(row)
    }

    fn sentinel(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let row = Self {
            name: columns.next()?,
            aliases: columns.next()?,
            redis: columns.next()?,
            valkey: columns.next()?,
            scope: columns.next()?,
            kind: columns.next()?,
            values: columns.next()?,
            flags: "-",
            default: "",
        };
        columns.next().is_none().then_some(row)
    }

    pub(super) fn ranges(&self) -> Ranges {
        Ranges { redis: Range::parse(self.redis), valkey: Range::parse(self.valkey) }
    }

    pub(super) fn holds_for(&self, engine: Engine, version: Version) -> bool {
        self.ranges().contain(engine, version)
    }

    /// Its name, then its other names.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        [self.name].into_iter().chain(self.aliases())
    }

    fn aliases(&self) -> impl Iterator<Item = &'static str> + use<> {
        // Most have none.
        (self.aliases != "-").then(|| self.aliases.split(',')).into_iter().flatten()
    }

    /// Servers read names without regard to case.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self.aliases().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

fn rows(table: &'static str, row: fn(&'static str) -> Option<Row>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(MOST_ROWS);
    rows.extend(table.lines().filter(|line| !line.starts_with('#')).filter_map(row));
    rows
}

#[cfg(test)]
mod tests {
    use super::{Row, SENTINEL, SERVER};

    #[test]
    fn every_line_of_the_tables_is_a_row() {
        let lines = |table: &str| table.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(SERVER.len(), lines(include_str!("redis.tsv")));
        assert_eq!(SENTINEL.len(), lines(include_str!("sentinel.tsv")));
    }

    #[test]
    fn the_tables_are_sorted_by_name() {
        let names = |rows: &'static [Row]| rows.iter().map(|row| row.name);
        assert!(names(&SERVER).is_sorted());
        assert!(names(&SENTINEL).is_sorted());
    }

    #[test]
    fn what_a_sentinel_reads_as_a_server_is_in_the_table_of_servers() {
        for row in SENTINEL.iter().filter(|row| row.scope == "server") {
            assert!(SERVER.iter().any(|server| server.name == row.name), "{}", row.name);
        }
    }
}
