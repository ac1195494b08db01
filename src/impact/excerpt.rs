//! The part of two long values that shows where they differ.

/// What stays of that which both begin with.
const CONTEXT: usize = 20;

/// Two values, without most of what both begin with if one is longer than may be shown; else nobody would see the difference.
#[must_use]
pub fn excerpt(before: &str, after: &str, longest: usize) -> [String; 2] {
    let values = [before, after];
    let same = before.chars().zip(after.chars()).take_while(|(old, new)| old == new).count();
    let skipped = same.saturating_sub(CONTEXT);
    let is_short = values.iter().all(|value| value.chars().count() <= longest);
    values.map(|value| match value.char_indices().nth(skipped) {
        Some((start, _)) if skipped > 0 && !is_short => format!("…{}", &value[start..]),
        _ => value.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn long_values_are_shown_where_they_differ_and_short_ones_whole() {
        let long = |end: &str| format!("{}{end}", "ä".repeat(300));
        let [before, after] = excerpt(&long("one"), &long("two, and more"), 60);
        assert_eq!(before, format!("…{}one", "ä".repeat(20)));
        assert_eq!(after, format!("…{}two, and more", "ä".repeat(20)));
        assert_eq!(excerpt("a".repeat(50).as_str(), "b", 60), ["a".repeat(50), "b".into()]);
        // One is where the other begins.
        let same = format!("…{}", "ä".repeat(20));
        assert_eq!(excerpt(&long(""), &long("x"), 60), [same.clone(), same + "x"]);
    }
}
