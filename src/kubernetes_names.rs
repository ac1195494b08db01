//! What a Kubernetes API server accepts as names, labels and annotations.

/// A DNS label (RFC 1123): the name of a namespace or a container.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 63 && text.bytes().all(inner) && has_edges(text, |byte| byte != b'-')
}

/// A DNS label that begins with a letter (RFC 1035): the name of a Service.
#[must_use]
pub fn is_service(text: &str) -> bool {
    is_label(text) && text.starts_with(|first: char| first.is_ascii_lowercase())
}

/// A DNS subdomain (RFC 1123): the name of most objects.
#[must_use]
pub fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// A key of a label or an annotation: a name, or `PREFIX/NAME`.
#[must_use]
pub fn is_label_key(text: &str) -> bool {
    let (prefix, name) =
        text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

/// A label's value; it may be empty.
#[must_use]
pub fn is_label_value(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.is_empty()
        || text.len() <= 63
            && text.bytes().all(inner)
            && has_edges(text, |byte| byte.is_ascii_alphanumeric())
}

/// A key of a Secret or a `ConfigMap`.
#[must_use]
pub fn is_data_key(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=253).contains(&text.len())
        && text.bytes().all(inner)
        && text != "."
        && !text.starts_with("..")
}

fn has_edges(text: &str, edge: impl Fn(u8) -> bool) -> bool {
    matches!(text.as_bytes(), [first, .., last] if edge(*first) && edge(*last))
        || matches!(text.as_bytes(), [only] if edge(*only))
}

#[cfg(test)]
mod tests {
    use super::{is_data_key, is_label, is_label_key, is_label_value, is_service, is_subdomain};

    #[test]
    fn labels_are_judged_as_the_api_server_judges_them() {
        for good in ["a", "0", "a-b", "7-cache", &"a".repeat(63)] {
            assert!(is_label(good), "{good}");
        }
        for bad in ["", "-", "-a", "a-", "A", "a_b", "a.b", "é", &"a".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
        assert!(is_service("a7") && !is_service("7a"));
        assert!(
            is_subdomain("a.b-c.7")
                && !is_subdomain("a..b")
                && !is_subdomain("a.")
                && !is_subdomain("")
        );
    }

    #[test]
    fn keys_and_values_are_judged_as_the_api_server_judges_them() {
        for good in ["team", "example.com/Team_1", "a.b/c"] {
            assert!(is_label_key(good), "{good}");
        }
        for bad in ["", "/a", "a/", "a/b/c", "Example.com/a", "a b", "-a", "a/-b"] {
            assert!(!is_label_key(bad), "{bad}");
        }
        assert!(
            is_label_value("")
                && is_label_value("V1.2_x")
                && !is_label_value("v1.")
                && !is_label_value("a b")
        );
        assert!(
            is_data_key("tls.crt")
                && is_data_key(".a")
                && !is_data_key("..a")
                && !is_data_key("a/b")
        );
    }
}
