//! Values as YAML that every reader reads the same, each with a comment behind it.

use serde_json::Value;

/// Comments start in this column, unless their line is longer.
const COMMENT_COLUMN: usize = 48;

/// A document. The comment of a value is asked for by its path and its text.
pub fn write(value: &Value, comment: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let mut writer = Writer { text: String::new(), comment };
    writer.below(value, "", 0, "");
    writer.text
}

struct Writer<'a> {
    text: String,
    comment: &'a dyn Fn(&str, &str) -> Option<String>,
}

impl Writer<'_> {
    /// The fields or items of a value, each from a new line; `lead` stands before the first.
    fn below(&mut self, value: &Value, path: &str, indent: usize, lead: &str) {
        match value {
            Value::Object(fields) => {
                for (index, (key, field)) in fields.iter().enumerate() {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    let margin = margin(indent, if index == 0 { lead } else { "" });
                    let start = format!("{margin}{}:", text(key));
                    self.field(&start, field, &path, indent);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    if item.is_object() && is_open(item) {
                        self.below(item, &path, indent + 2, "- ");
                    } else {
                        self.line(&format!("{}-", " ".repeat(indent)), &scalar(item), &path);
                    }
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, start: &str, field: &Value, path: &str, indent: usize) {
        if is_open(field) {
            self.text += start;
            self.text.push('\n');
            self.below(field, path, indent + 2, "");
        } else {
            self.line(start, &scalar(field), path);
        }
    }

    fn line(&mut self, start: &str, value: &str, path: &str) {
        let line = format!("{start} {value}");
        self.text += &line;
        if let Some(comment) = (self.comment)(path, value) {
            let gap = COMMENT_COLUMN.saturating_sub(line.chars().count()).max(2);
            self.text += &format!("{}# {comment}", " ".repeat(gap));
        }
        self.text.push('\n');
    }
}

fn margin(indent: usize, lead: &str) -> String {
    " ".repeat(indent - lead.len()) + lead
}

/// Whether it has lines of its own.
fn is_open(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// On one line, a list in a list too.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(word) => text(word),
        other => escaped(&other.to_string()),
    }
}

/// Bare where YAML 1.1 and 1.2 agree that it is text, else quoted.
fn text(word: &str) -> String {
    if is_bare(word) { word.into() } else { escaped(&Value::from(word).to_string()) }
}

/// JSON leaves characters as they are that YAML does not.
fn escaped(json: &str) -> String {
    let odd = |c: char| c.is_control() || "\u{2028}\u{2029}\u{feff}".contains(c);
    json.chars().fold(String::new(), |mut text, c| {
        if odd(c) {
            text += &format!("\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
        text
    })
}

fn is_bare(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_quantity = !word.starts_with('0')
        && digits.len() < word.len()
        && ["Ki", "Mi", "Gi", "Ti", "m"].contains(&digits);
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte));
    let means_more = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    is_quantity || is_word && !means_more.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::write;
    use crate::source::Source;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let value = json!({
            "words": ["no", "Y", "12:30", "1e3", "7.4", "a: b", "- c", "", " ", "4Gi", "0m", "#", "/etc/a", "\u{1}\u{7f}\u{85}\u{2028}\u{feff}ü\"'\\", "two\nlines"],
            "no": {"a.b/c": 1, "nested": [{"x": [[1, 2.5], []], "y": {}}, true]},
            "empty": [],
            "last": -3,
        });
        for comment in [None, Some("a: b # c".to_string())] {
            let text = write(&value, &|_, _| comment.clone());
            let (source, diagnostics) = Source::read("x", text.clone());
            assert_eq!(diagnostics, [], "{text}");
            assert_eq!(source.root.to_json(), value, "{text}");
            assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value, "{text}");
        }
    }
}
