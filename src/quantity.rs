//! Quantities as Kubernetes writes them.

/// Bytes of a memory or volume size such as `512Mi`, `4Gi` or `1.5G`; nothing for what Kubernetes would refuse there.
#[must_use]
pub fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let factor: u128 = match suffix {
        "" => 1,
        "k" => 1000,
        "M" => 1000_u128.pow(2),
        "G" => 1000_u128.pow(3),
        "T" => 1000_u128.pow(4),
        "P" => 1000_u128.pow(5),
        "E" => 1000_u128.pow(6),
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        "Pi" => 1 << 50,
        "Ei" => 1 << 60,
        _ => return None,
    };
    let (whole, part) = decimal(number)?;
    let scale = 10_u128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let number: u128 = format!("{whole}{part}").parse().ok()?;
    u64::try_from(number.checked_mul(factor)?.div_ceil(scale)).ok()
}

/// Thousandths of a CPU of an amount such as `500m`, `2` or `0.5`.
#[must_use]
pub fn millicpu(text: &str) -> Option<u64> {
    if let Some(milli) = text.strip_suffix('m') {
        return milli.bytes().all(|b| b.is_ascii_digit()).then(|| milli.parse().ok())?;
    }
    let (whole, part) = decimal(text)?;
    let part = format!("{part:0<3}");
    if part.len() > 3 {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(part.parse().ok()?)
}

fn decimal(text: &str) -> Option<(&str, &str)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && digits(part) && part.len() <= 9).then_some((whole, part))
}

#[cfg(test)]
mod tests {
    use super::{bytes, millicpu};

    #[test]
    fn sizes_are_read_as_kubernetes_reads_them() {
        assert_eq!(bytes("1Gi"), Some(1 << 30));
        assert_eq!(bytes("1.5Gi"), Some(3 << 29));
        assert_eq!(bytes("2G"), Some(2_000_000_000));
        assert_eq!(bytes("1000"), Some(1000));
        for bad in ["", "Gi", "-1Gi", "1gb", "1 Gi", "1GiB", ".5Gi", "99999999Ei", "1..5Gi"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn cpu_is_read_as_kubernetes_reads_it() {
        assert_eq!(millicpu("500m"), Some(500));
        assert_eq!(millicpu("2"), Some(2000));
        assert_eq!(millicpu("0.5"), Some(500));
        for bad in ["", "m", "0.5m", "1 ", "half", "1.2345", "99999999999999999999"] {
            assert_eq!(millicpu(bad), None, "{bad}");
        }
    }
}
