//! JSON laid out as `to_string_pretty` of serde_json does it. Half of a dashboard is spaces before lines, which that writes two by
//! two.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};

/// A comma, the end of a line, and as many spaces as most lines need.
const SPACES: &[u8; 66] = b",\n                                                                ";

struct Pretty {
    margin: usize,
    depth: usize,
    has_value: bool,
}

/// A value as JSON with so many spaces before every line.
pub fn pretty(value: &impl Serialize, margin: usize) -> String {
    let mut text = vec![b' '; margin];
    let pretty = Pretty { margin, depth: 0, has_value: false };
    value
        .serialize(&mut Serializer::with_formatter(&mut text, pretty))
        .unwrap_or_else(|error| panic!("a value is JSON: {error}"));
    String::from_utf8(text).unwrap_or_else(|error| panic!("JSON is text: {error}"))
}

impl Pretty {
    fn begin<W: ?Sized + Write>(&mut self, output: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        output.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, output: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.line(output, true)?;
        }
        output.write_all(bracket)
    }

    fn line<W: ?Sized + Write>(&self, output: &mut W, is_first: bool) -> io::Result<()> {
        let start = usize::from(is_first);
        let spaces = self.margin + 2 * self.depth;
        let at_once = spaces.min(SPACES.len() - 2);
        output.write_all(&SPACES[start..2 + at_once])?;
        (at_once..spaces).try_for_each(|_| output.write_all(b" "))
    }
}

impl Formatter for Pretty {
    fn begin_array<W: ?Sized + Write>(&mut self, output: &mut W) -> io::Result<()> {
        self.begin(output, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, output: &mut W) -> io::Result<()> {
        self.end(output, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        output: &mut W,
        is_first: bool,
    ) -> io::Result<()> {
        self.line(output, is_first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, output: &mut W) -> io::Result<()> {
        self.begin(output, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, output: &mut W) -> io::Result<()> {
        self.end(output, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        output: &mut W,
        is_first: bool,
    ) -> io::Result<()> {
        self.line(output, is_first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, output: &mut W) -> io::Result<()> {
        output.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn json_is_laid_out_as_serde_json_does_it() {
        let mut deep =
            json!({ "empty": [{}, [], "a\nb"], "list": [1.5, null, [true, { "x": "\u{e9}" }]] });
        for _ in 0..40 {
            deep = json!({ "in": [deep, 1] });
        }
        for value in [json!([]), json!({}), json!("text"), json!([[[]], {}]), deep] {
            let expected = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(pretty(&value, 0), expected);
            let margin = format!("    {}", expected.replace('\n', "\n    "));
            assert_eq!(pretty(&value, 4), margin);
            assert_eq!(serde_json::from_str::<Value>(&expected).unwrap(), value);
        }
    }
}
