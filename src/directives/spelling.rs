//! "Did you mean": the name that differs from a misspelt one by the fewest slips of the keyboard.

/// More slips than this make another word.
const MOST_SLIPS: usize = 2;

/// The closest name; of equally close ones the first in the alphabet.
pub(crate) fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    // Two slips turn any word of three letters into almost any other.
    let most = MOST_SLIPS.min(name.len() / 3);
    names
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= most)
        .map(|candidate| (slips(name.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|(slips, _)| *slips <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Whether names of these lengths may be close at all.
pub(super) fn may_be_near(one: usize, other: usize) -> bool {
    one.abs_diff(other) <= MOST_SLIPS
}

/// Optimal string alignment distance: letters added, lost, changed or swapped with their neighbour.
fn slips(one: &[u8], two: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=two.len()).collect();
    for i in 1..=one.len() {
        let mut row = vec![i; two.len() + 1];
        for j in 1..=two.len() {
            let changed = usize::from(one[i - 1] != two[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + changed);
            if i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[two.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn the_closest_name_is_found_whatever_the_slip() {
        let names = ["maxclients", "maxmemory", "maxmemory-policy", "timeout"];
        let closest = |name| closest(name, names.iter().copied());
        assert_eq!(closest("maxmemroy"), Some("maxmemory"));
        assert_eq!(closest("max-memory"), Some("maxmemory"));
        assert_eq!(closest("maxmemory_policy"), Some("maxmemory-policy"));
        assert_eq!(closest("MaxClient"), Some("maxclients"));
        assert_eq!(closest("tiemout"), Some("timeout"));
        assert_eq!(closest("frobnicate"), None);
    }

    #[test]
    fn of_equally_close_names_the_first_in_the_alphabet_wins() {
        assert_eq!(closest("hgex", ["hset", "hget", "hgea"].into_iter()), Some("hgea"));
    }

    #[test]
    fn short_names_are_not_guessed_wildly() {
        assert_eq!(closest("ab", ["hz", "cd"].into_iter()), None);
    }
}
