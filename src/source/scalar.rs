//! What a plain scalar means in YAML 1.2, and which ones two readers would take differently.

use serde_json::{Number, Value};

/// The value of a plain scalar, or why it must be quoted.
pub fn plain(text: &str) -> Result<Value, &'static str> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => return number(text),
    })
}

fn number(text: &str) -> Result<Value, &'static str> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_integer && digits.len() > 1 && digits.starts_with('0') {
        return Err("a leading zero makes it octal for some YAML readers and decimal for others");
    }
    if is_integer {
        let integer = text.strip_prefix('+').unwrap_or(text);
        let value = integer
            .parse::<i64>()
            .map(Number::from)
            .or_else(|_| integer.parse::<u64>().map(Number::from));
        return Ok(value.map_or_else(|_| Value::String(text.into()), Value::Number));
    }
    if let Some(hex) = text.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok()) {
        return Ok(Value::from(hex));
    }
    let looks_like_float = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(['.', 'e', 'E'])
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let float =
        looks_like_float.then(|| text.parse::<f64>().ok().and_then(Number::from_f64)).flatten();
    Ok(float.map_or_else(|| Value::String(text.into()), Value::Number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plain;

    #[test]
    fn plain_scalars_mean_what_yaml_1_2_says() {
        for (text, value) in [
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("true", json!(true)),
            ("12", json!(12)),
            ("-3", json!(-3)),
            ("1.5", json!(1.5)),
            ("1e3", json!(1000.0)),
            ("0x10", json!(16)),
            ("7.2.5", json!("7.2.5")),
            ("1:30", json!("1:30")),
            ("1_000", json!("1_000")),
            ("~", json!(null)),
            ("4Gi", json!("4Gi")),
            ("18446744073709551615", json!(u64::MAX)),
            ("99999999999999999999", json!("99999999999999999999")),
            (".", json!(".")),
            ("1-2", json!("1-2")),
        ] {
            assert_eq!(plain(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_leading_zero_must_be_quoted() {
        assert!(plain("0644").is_err());
        assert_eq!(plain("0"), Ok(json!(0)));
    }
}
