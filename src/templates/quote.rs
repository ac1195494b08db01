//! Free text, quoted for the language around it.

use memchr::memchr_iter;
use tera::Value;

/// One word of a .conf file: bare where Redis reads it back as it is, else quoted with every odd byte as `\xHH`.
pub fn conf(text: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_graphic() && !b"\"'\\".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_bare) && !text.starts_with('#') {
        return text.into();
    }
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => quoted += &format!("\\x{byte:02x}"),
        }
    }
    quoted + "\""
}

/// One word of a shell script.
pub fn sh(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A JSON value on one line.
pub fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| panic!("a value is JSON: {error}"))
}

/// A YAML scalar on its line, quoted wherever YAML 1.1 or 1.2 could misread it.
pub fn yaml(value: Value) -> Value {
    if value.as_str().is_some_and(is_plain_value) {
        return value.mark_safe();
    }
    let text = write_yaml(&value, Blocks::Never);
    Value::safe_string(text.trim_end_matches('\n'))
}

/// Words that YAML 1.1 or 1.2 may take for something else than text, in whatever case.
const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// Longer text may be written on several lines.
const LONGEST_LINE: usize = 64;

/// Whether nobody could misread some text, told at a glance: most of what is rendered are names. The writer of YAML looks closer
/// at everything else.
fn is_plain(text: &str) -> bool {
    is_plain_with(text, b"-_./")
}

/// The same for the value of a key, which may be a URL.
fn is_plain_value(text: &str) -> bool {
    is_plain_with(text, b"-_./:#") && !text.ends_with(':')
}

fn is_plain_with(text: &str, marks: &[u8]) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A YAML mapping or sequence in block form; every line but the first indented.
pub fn yaml_block(value: &Value, indent: usize) -> String {
    let margin = format!("\n{}", " ".repeat(indent));
    if let Some(text) = flat_mapping(value, &margin) {
        return text;
    }
    let text = write_yaml(value, Blocks::Allowed);
    text.trim_end_matches('\n').replace('\n', &margin)
}

/// A mapping of names to what needs one line each, as labels are.
fn flat_mapping(value: &Value, margin: &str) -> Option<String> {
    let entries = value.as_map().filter(|entries| !entries.is_empty())?;
    let mut lines = String::with_capacity(entries.len() * 2 * LONGEST_LINE);
    for (key, value) in entries {
        let key = key.as_str().filter(|key| is_plain(key))?;
        let text = value.as_str().filter(|text| text.len() <= LONGEST_LINE)?;
        let between = if lines.is_empty() { "" } else { margin };
        lines.extend([between, key, ": "]);
        if is_plain_value(text) {
            lines += text;
        } else {
            let written = write_yaml(value, Blocks::Allowed);
            lines += written.strip_suffix('\n').filter(|line| !line.contains('\n'))?;
        }
    }
    Some(lines)
}

/// The body of a `|` block: every line indented, none for nothing.
pub fn literal(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut body = String::with_capacity(text.len() * 5 / 4);
    let mut start = 0;
    // As `lines` does it, and faster: rules and configuration files come through here.
    for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = &text[start..end];
        let ends_in_two = end < text.len() && line.as_bytes().last() == Some(&b'\r');
        let line = if ends_in_two { &line[..line.len() - 1] } else { line };
        start = end + 1;
        if !line.is_empty() {
            body += &margin;
            body += line;
        }
        body.push('\n');
    }
    // The end of the last line, and the line after the end of the text.
    body.pop();
    if text.ends_with('\n') {
        body.pop();
    }
    body
}

/// Whether text of several lines, or of a long one, may stand in lines of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blocks {
    Allowed,
    Never,
}

fn write_yaml(value: &Value, blocks: Blocks) -> String {
    let options = serde_saphyr::ser_options! {
        min_fold_chars: usize::MAX,
        prefer_block_scalars: blocks == Blocks::Allowed,
    };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options)
        .unwrap_or_else(|error| panic!("a value is YAML: {error}"));
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// As the writer of YAML writes it, without a look at whether it is plain.
    fn written(value: &Value, blocks: Blocks) -> String {
        write_yaml(value, blocks).trim_end_matches('\n').into()
    }

    #[test]
    fn words_that_yaml_misreads_are_written_as_its_writer_does() {
        let words = "y Y n N yes Yes YES no No NO on On ON off Off OFF true True TRUE false False FALSE \
                     null Null NULL none None nan NaN NAN inf Inf INF infinity Infinity e e1 o7 x1 b1";
        for word in words.split_ascii_whitespace() {
            let value = Value::from(word);
            assert_eq!(yaml(value.clone()).to_string(), written(&value, Blocks::Never), "{word}");
            for entry in [("key", word), (word, "text")] {
                let mapping = Value::from_serializable(&BTreeMap::from([entry]));
                assert_eq!(yaml_block(&mapping, 0), written(&mapping, Blocks::Allowed), "{word}");
            }
        }
        assert_eq!(yaml(Value::from("off")).to_string(), "\"off\"");
    }

    #[test]
    fn a_scalar_stays_on_its_line() {
        for text in ["one\ntwo\n", "\n", "a\r\n\tb", &"long ".repeat(40), "\u{2028}\u{feff}\u{7}"] {
            let quoted = yaml(Value::from(text)).to_string();
            assert!(!quoted.contains(['\n', '\u{2028}']), "{quoted}");
            assert_eq!(serde_yaml::from_str::<String>(&quoted).unwrap(), text, "{quoted}");
        }
    }

    proptest! {
        #[test]
        fn plain_text_is_what_the_writer_of_yaml_leaves_bare(
            text in "[a-zA-Z][-_./:#a-zA-Z0-9]{0,12}|[a-z]{1,5}://[-_./:#a-z0-9]{60,120}|[nyNYeEoOtTfFxXiI][a-zA-Z0-9.]{0,4}"
        ) {
            let value = Value::from(text.as_str());
            prop_assert_eq!(yaml(value.clone()).to_string(), written(&value, Blocks::Never));
        }

        #[test]
        fn mappings_of_text_are_as_the_writer_of_yaml_writes_them(
            entries in proptest::collection::btree_map("[a-z./-]{1,6}", "[a-z0-9./-]{1,6}|.{0,70}|[ :#'\"\\n-]{1,6}", 1..4)
        ) {
            let value = Value::from_serializable(&entries);
            prop_assert_eq!(yaml_block(&value, 2), written(&value, Blocks::Allowed).replace('\n', "\n  "));
        }

        #[test]
        fn blocks_have_the_lines_of_their_text(text in "[a \r\n]{0,20}") {
            let lines: Vec<String> = text
                .lines()
                .map(|line| if line.is_empty() { String::new() } else { format!("  {line}") })
                .collect();
            prop_assert_eq!(literal(&text, 2), lines.join("\n"));
        }
    }
}
