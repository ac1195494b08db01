//! Numbers as the C functions of the server read them.

/// `string2ll`: the digits and nothing else, no `+`, no leading zero.
pub(super) fn integer(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let zero = digits == "0" && text == "0";
    let plain =
        zero || (digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// `strtoll` that must end at the end of the text: blanks and a sign may lead, zeros too. Saturates as C does.
pub(super) fn lenient_integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(limit))
}

/// `memtoull`, but for what it lets overflow: digits, then a unit. `k`, `m`, `g` are powers of 1000, `kb`, `mb`, `gb` of 1024.
#[must_use]
pub fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// Octal digits such as `0770`, as lenient.
pub(super) fn octal(text: &str) -> Option<i128> {
    i128::from_str_radix(text.trim_start(), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::{bytes, integer, lenient_integer, octal};

    #[test]
    fn integers_have_one_spelling() {
        assert_eq!(integer("10"), Some(10));
        assert_eq!(integer("-1"), Some(-1));
        assert_eq!(integer("0"), Some(0));
        for bad in ["", "-", "-0", "+1", "01", " 1", "1 ", "1k", "0x1", "1.0"] {
            assert_eq!(integer(bad), None, "{bad}");
        }
    }

    #[test]
    fn lenient_integers_may_have_blanks_sign_and_zeros_in_front() {
        assert_eq!(lenient_integer(" +007"), Some(7));
        assert_eq!(lenient_integer("99999999999999999999"), Some(i64::MAX));
        assert_eq!(lenient_integer("-99999999999999999999"), Some(i64::MIN));
        for bad in ["", "-", "1 ", "1x", "+-1"] {
            assert_eq!(lenient_integer(bad), None, "{bad}");
        }
    }

    #[test]
    fn one_letter_is_a_power_of_1000_and_two_of_1024() {
        assert_eq!(bytes("1m"), Some(1_000_000));
        assert_eq!(bytes("1MB"), Some(1 << 20));
        assert_eq!(bytes("7b"), Some(7));
        for bad in ["", "mb", "-1", "1tb", "1.5gb", "1 mb", "1mi", "99999999999999gb"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn octal_numbers_have_octal_digits() {
        assert_eq!(octal("0770"), Some(0o770));
        assert_eq!(octal("8"), None);
        assert_eq!(octal(""), None);
    }
}
