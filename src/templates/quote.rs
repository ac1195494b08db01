//! Free text, quoted for the language around it.

use memchr::memchr;
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

/// A YAML scalar, quoted wherever YAML 1.1 or 1.2 could misread it.
pub fn yaml(value: &Value) -> String {
    let text = write_yaml(value);
    let text = text.trim_end_matches('\n');
    match value.as_str() {
        // Such text would become a block scalar; JSON's form stays on the line.
        Some(original) if text.contains('\n') => yaml_double_quoted(original),
        _ => text.into(),
    }
}

/// A YAML mapping or sequence in block form; every line but the first indented.
pub fn yaml_block(value: &Value, indent: usize) -> String {
    let text = write_yaml(value);
    text.trim_end_matches('\n').replace('\n', &format!("\n{}", " ".repeat(indent)))
}

/// The body of a `|` block: every line indented, none for nothing.
pub fn literal(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut body = String::with_capacity(text.len() * 5 / 4);
    let mut rest = text;
    // As `lines` does it, and faster: half of all that is rendered comes through here.
    while !rest.is_empty() {
        let (line, after) = match memchr(b'\n', rest.as_bytes()) {
            Some(end) => (rest[..end].strip_suffix('\r').unwrap_or(&rest[..end]), &rest[end + 1..]),
            None => (rest, ""),
        };
        rest = after;
        if !line.is_empty() {
            body += &margin;
            body += line;
        }
        body.push('\n');
    }
    body.pop();
    body
}

fn write_yaml(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { min_fold_chars: usize::MAX };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options)
        .unwrap_or_else(|error| panic!("a value is YAML: {error}"));
    text
}

fn yaml_double_quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\n' => "\\n".into(),
            '\t' => "\\t".into(),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            '\u{2028}' | '\u{2029}' | '\u{feff}' => format!("\\u{:04x}", u32::from(c)),
            c => c.into(),
        })
        .collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
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
