//! What can stand in redis.conf and sentinel.conf: every directive of every version, its values, and who writes it.

mod number;
mod ownership;
mod row;
mod spelling;
mod value;
mod versions;

pub use number::bytes;
pub use ownership::{owner, sentinel_owner};
pub(crate) use spelling::closest;
pub use versions::{Engine, Version};
pub(crate) use versions::{Range, Ranges, describe};

use row::{Row, SENTINEL, SERVER};
use value::Form;

/// Versions whose released sources were read. Any other one is judged by the rows that reach it.
const READ: [(Engine, Version); 6] = [
    (Engine::Redis, Version::new(6, 2)),
    (Engine::Redis, Version::new(7, 0)),
    (Engine::Redis, Version::new(7, 2)),
    (Engine::Redis, Version::new(7, 4)),
    (Engine::Valkey, Version::new(7, 2)),
    (Engine::Valkey, Version::new(8, 0)),
];

/// The directives of one file in one version. Directives with debugging or hidden flags are among them.
#[derive(Clone, Copy)]
pub struct Table {
    engine: Engine,
    version: Version,
    file: File,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    Server,
    Sentinel,
}

impl Table {
    /// What can stand in redis.conf.
    #[must_use]
    pub fn server(engine: Engine, version: Version) -> Self {
        Self { engine, version, file: File::Server }
    }

    /// What can stand in sentinel.conf: the names after the word `sentinel`, and those of redis.conf that a Sentinel acts on. It takes the
    /// others without a word and ignores them.
    #[must_use]
    pub fn sentinel(engine: Engine, version: Version) -> Self {
        Self { engine, version, file: File::Sentinel }
    }

    /// Whether this very version was read. If not, it is newer, and what the table says of a name or a value is only likely.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        READ.contains(&(self.engine, self.version))
    }

    /// The directive of that name or alias.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Directive> {
        self.rows(|row| row.is_called(name)).next().and_then(|row| self.directive(row))
    }

    /// The versions that know a name which this one does not, or the file it belongs to.
    #[must_use]
    pub fn elsewhere(&self, name: &str) -> Option<String> {
        if self.file == File::Sentinel
            && Self::server(self.engine, self.version).find(name).is_some()
        {
            return Some("redis.conf only; a Sentinel would ignore it".to_owned());
        }
        let rows = match self.file {
            File::Server => &SERVER,
            File::Sentinel => &SENTINEL,
        };
        describe(rows.iter().filter(|row| row.is_called(name)).map(Row::ranges))
    }

    /// The name that a misspelt one was meant to be.
    #[must_use]
    pub fn closest(&self, name: &str) -> Option<&'static str> {
        let name = name.strip_prefix("sentinel ").unwrap_or(name);
        let length = name.len();
        let may_be_near =
            |row: &Row| row.names().any(|own| spelling::may_be_near(own.len(), length));
        closest(name, self.rows(may_be_near).flat_map(Row::names))
    }

    /// Every name and alias.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.rows(|_| true).flat_map(Row::names)
    }

    fn rows(self, wanted: impl Fn(&Row) -> bool + Copy) -> impl Iterator<Item = &'static Row> {
        let own: &[Row] = if self.file == File::Sentinel { &SENTINEL } else { &[] };
        let own = own.iter().filter(move |row| row.scope != "server" && wanted(row));
        let shared = SERVER.iter().filter(move |row| wanted(row));
        let shared = shared.filter(move |row| self.file == File::Server || is_for_sentinel(row));
        own.chain(shared).filter(move |row| row.holds_for(self.engine, self.version))
    }

    fn directive(self, row: &'static Row) -> Option<Directive> {
        let scope = match row.scope {
            "server" => Scope::Server,
            "global" => Scope::Sentinel,
            "master" => Scope::Master,
            _ => return None,
        };
        let form =
            Form { kind: row.kind, values: row.values, engine: self.engine, version: self.version };
        Some(Directive { row, scope, form })
    }
}

fn is_for_sentinel(row: &Row) -> bool {
    SENTINEL.iter().any(|own| own.scope == "server" && own.name == row.name)
}

/// Whether a name has only the characters that directives have, so that it cannot smuggle a second line into a file. Names with a dot belong
/// to modules, and no table knows them.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name.bytes().all(part)
}

/// One directive as one version knows it.
#[derive(Clone, Copy)]
pub struct Directive {
    row: &'static Row,
    scope: Scope,
    form: Form,
}

impl Directive {
    /// The name, also when it was found by an alias.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.row.name
    }

    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What holds if no file says otherwise; empty for a list of nothing too.
    #[must_use]
    pub fn default(&self) -> &'static str {
        self.row.default
    }

    /// Whether only a restart brings a new value, not `CONFIG SET`.
    #[must_use]
    pub fn is_immutable(&self) -> bool {
        self.row.flags == "immutable"
    }

    /// Whether a file may hold it several times; of any other one the server silently keeps the last.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        let repeatable = ["client-output-buffer-limit", "loadmodule", "save"];
        repeatable.contains(&self.name())
            || matches!(self.name(), "include" | "rename-command" | "user" | "monitor")
            || self.name().starts_with("known-")
    }

    /// The words of a value as they must be written: one, quoted if it has blanks, or several.
    #[must_use]
    pub fn words<'a>(&self, value: &'a str) -> Vec<&'a str> {
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        if self.form.is_of_several_words() && !words.is_empty() { words } else { vec![value] }
    }

    /// Whether the server takes these words as the value. What only the machine can say (paths, addresses, locales) is not looked at.
    ///
    /// # Errors
    ///
    /// What is wrong with them and what is expected instead, to be read after the name: `` `abc` is not an integer from 0 to 10000 ``.
    pub fn check(&self, words: &[&str]) -> Result<(), String> {
        self.form.check(words)
    }
}

/// How a directive is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `NAME VALUE`, in redis.conf or sentinel.conf.
    Server,
    /// `sentinel NAME VALUE`, once a file.
    Sentinel,
    /// `sentinel NAME MASTER VALUE`, once a master.
    Master,
}

impl Scope {
    /// What stands before the value.
    #[must_use]
    pub fn before_value(self, name: &str, master: &str) -> String {
        match self {
            Self::Server => name.to_owned(),
            Self::Sentinel => format!("sentinel {name}"),
            Self::Master => format!("sentinel {name} {master}"),
        }
    }
}

#[cfg(test)]
mod tests;
