//! Whether the server takes a value, judged by the type of its directive as config.c does.

mod words;

use super::{
    number,
    versions::{Engine, Version},
};

/// What the process title can name (`validateProcTitleTemplate`).
const TITLE_VARIABLES: [&str; 7] =
    ["title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"];

/// What a value must look like.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) kind: &'static str,
    /// Bounds `1..10` or a list of words, by kind.
    pub(super) values: &'static str,
    pub(super) engine: Engine,
    pub(super) version: Version,
}

impl Form {
    /// Whether blanks split the value into several words.
    pub(super) fn is_of_several_words(self) -> bool {
        matches!(
            self.kind,
            "bind"
                | "buffer-limits"
                | "flags"
                | "oom-scores"
                | "percentiles"
                | "replicaof"
                | "save"
                | "words"
        )
    }

    pub(super) fn check(self, words: &[&str]) -> Result<(), String> {
        if words.is_empty() {
            return Err("needs a value".to_owned());
        }
        if self.is_of_several_words() {
            return self.check_words(words);
        }
        let &[word] = words else {
            return Err(format!("takes one value, not {}", words.len()));
        };
        self.check_word(word)
    }

    fn check_word(self, word: &str) -> Result<(), String> {
        let (good, expected) = match self.kind {
            "bool" => (one_of(word, "yes no"), "yes or no".to_owned()),
            "enum" => {
                (one_of(word, self.values), format!("one of {}", self.values.replace(' ', ", ")))
            }
            "int" => (self.holds(number::integer(word)), self.integers()),
            "octal" => (
                number::octal(word).is_some_and(|mode| (0..=0o777).contains(&mode)),
                "an octal number from 0 to 777".to_owned(),
            ),
            "memory" => (self.holds(number::bytes(word).map(i128::from)), self.sizes()),
            "memory-or-percent" => (
                self.holds(number::bytes(word).map(i128::from)) || is_percentage(word),
                format!("{} or a percentage such as 5%", self.sizes()),
            ),
            "events" => {
                (self.are_events(word), format!("made of the letters {}", self.event_letters()))
            }
            "filename" => {
                (is_filename(word) && !word.is_empty(), "a file name without a path".to_owned())
            }
            "filename-or-empty" => (is_filename(word), "a file name without a path".to_owned()),
            "hostname" => (is_hostname(word), "a host name".to_owned()),
            "title-template" => (
                is_title_template(word),
                format!("some text with variables of {{{}}}", TITLE_VARIABLES.join("}, {")),
            ),
            "path" => (!word.is_empty(), "a path".to_owned()),
            _ => (true, String::new()),
        };
        if good { Ok(()) } else { Err(format!("`{word}` is not {expected}")) }
    }

    /// 7.0 gave configuration one parser for files, `CONFIG SET` and arguments.
    fn splits_words(self) -> bool {
        self.version >= Version::new(7, 0)
    }

    fn bounds(self) -> (i128, i128) {
        let (least, most) = self.values.split_once("..").unwrap_or_default();
        (least.parse().unwrap_or(i128::MIN), most.parse().unwrap_or(i128::MAX))
    }

    fn holds(self, value: Option<i128>) -> bool {
        let (least, most) = self.bounds();
        value.is_some_and(|value| least <= value && value <= most)
    }

    fn integers(self) -> String {
        let (least, most) = self.bounds();
        if most >= i128::from(i64::MAX) {
            format!("an integer of at least {least}")
        } else {
            format!("an integer from {least} to {most}")
        }
    }

    fn sizes(self) -> String {
        match self.bounds() {
            (..=0, _) => "a size such as 64mb".to_owned(),
            (least, _) => format!("a size such as 64mb, of at least {least} bytes"),
        }
    }

    fn event_letters(self) -> &'static str {
        match (self.engine, self.version) {
            (Engine::Redis, version) if version >= Version::new(8, 2) => "AKEg$lshzxetdmnoc",
            (_, version) if version >= Version::new(7, 0) => "AKEg$lshzxetdmn",
            _ => "AKEg$lshzxetdm",
        }
    }

    fn are_events(self, word: &str) -> bool {
        word.chars().all(|letter| self.event_letters().contains(letter))
    }
}

fn one_of(word: &str, words: &str) -> bool {
    words.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

fn is_percentage(word: &str) -> bool {
    let percent = word.strip_suffix('%').and_then(number::integer);
    percent.is_some_and(|percent| (0..=100).contains(&percent))
}

fn is_filename(word: &str) -> bool {
    !word.contains(['/', '\\'])
}

fn is_hostname(word: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    word.len() < 256 && word.bytes().all(part)
}

/// The server tries a template with an empty title and refuses it if the result is blank.
fn is_title_template(text: &str) -> bool {
    let mut is_blank = true;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        is_blank &= before.trim().is_empty();
        if let Some(literal) = after.strip_prefix('{') {
            is_blank = false;
            rest = literal;
            continue;
        }
        let Some((variable, after)) = after.split_once('}') else {
            return false;
        };
        if !TITLE_VARIABLES.contains(&variable) {
            return false;
        }
        is_blank &= matches!(variable, "title" | "server-mode" | "unixsocket");
        rest = after;
    }
    !(is_blank && rest.trim().is_empty())
}
