//! Values of several words.

use super::{Form, number, one_of};

/// At most this many addresses fit into one `bind` (`CONFIG_BINDADDR_MAX`).
const MOST_ADDRESSES: usize = 16;
/// Bounds of a score in `oom-score-adj-values`.
const OOM_SCORES: std::ops::RangeInclusive<i64> = -2000..=2000;
const CLIENT_CLASSES: [&str; 4] = ["normal", "replica", "slave", "pubsub"];

impl Form {
    pub(super) fn check_words(self, words: &[&str]) -> Result<(), String> {
        let split: Vec<&str>;
        let mut words = words;
        // From 7.0 on a quoted value of several words is split at its blanks.
        if let &[word] = words
            && self.kind != "words"
            && self.splits_words()
        {
            split = word.split(' ').collect();
            words = &split;
        }
        match self.kind {
            "bind" => at_most_sixteen(words),
            "buffer-limits" => self.buffer_limits(words),
            "flags" => self.flags(words),
            "oom-scores" => oom_scores(words),
            "percentiles" => percentiles(words),
            "replicaof" => replicaof(words),
            "save" => self.save(words),
            _ => self.count(words),
        }
    }

    fn count(self, words: &[&str]) -> Result<(), String> {
        let (least, most) = self.bounds();
        let given = words.len();
        let count = i128::try_from(given).unwrap_or(i128::MAX);
        if least <= count && count <= most {
            return Ok(());
        }
        Err(if least == most {
            format!("takes {least} values, not {given}")
        } else {
            format!("takes at least {least} values, not {given}")
        })
    }

    fn flags(self, words: &[&str]) -> Result<(), String> {
        for word in words {
            if !one_of(word, self.values) {
                return Err(format!("`{word}` is not one of {}", self.values.replace(' ', ", ")));
            }
        }
        let given = |flag: &str| words.iter().any(|word| word.eq_ignore_ascii_case(flag));
        if given("save") && given("nosave") {
            return Err("`save` and `nosave` exclude each other".to_owned());
        }
        Ok(())
    }

    /// 6.2 ignores a line with another number of words, and with it drops every save point.
    fn save(self, words: &[&str]) -> Result<(), String> {
        if words == [""] {
            return Ok(());
        }
        let counted =
            if self.splits_words() { words.len().is_multiple_of(2) } else { words.len() == 2 };
        let good = |(index, word): (usize, &&str)| {
            let least = i64::from(index % 2 == 0);
            number::lenient_integer(word).is_some_and(|number| number >= least)
        };
        if counted && words.iter().enumerate().all(good) {
            return Ok(());
        }
        let several = if self.splits_words() { ", repeated as needed" } else { "" };
        Err(format!(
            "`{}` is not seconds and changes such as `900 1`{several}, or empty",
            words.join(" ")
        ))
    }

    fn buffer_limits(self, words: &[&str]) -> Result<(), String> {
        let one = |limit: &[&str]| match limit {
            [class, hard, soft, seconds] => {
                CLIENT_CLASSES.iter().any(|known| known.eq_ignore_ascii_case(class))
                    && number::bytes(hard).is_some()
                    && number::bytes(soft).is_some()
                    && number::lenient_integer(seconds).is_some_and(|seconds| seconds >= 0)
            }
            _ => false,
        };
        let counted = self.splits_words() || words.len() == 4;
        if counted && words.chunks(4).all(one) {
            return Ok(());
        }
        Err(format!(
            "`{}` is not a class (normal, replica, pubsub), hard limit, soft limit and seconds such as `replica 256mb 64mb 60`",
            words.join(" ")
        ))
    }
}

fn at_most_sixteen(addresses: &[&str]) -> Result<(), String> {
    if addresses.len() <= MOST_ADDRESSES {
        return Ok(());
    }
    Err(format!("takes at most {MOST_ADDRESSES} addresses, not {}", addresses.len()))
}

fn oom_scores(words: &[&str]) -> Result<(), String> {
    let good = |word: &&str| {
        number::lenient_integer(word).is_some_and(|score| OOM_SCORES.contains(&score))
    };
    if words.len() == 3 && words.iter().all(good) {
        return Ok(());
    }
    Err(format!("`{}` is not three integers from -2000 to 2000", words.join(" ")))
}

fn percentiles(words: &[&str]) -> Result<(), String> {
    if words == [""] {
        return Ok(());
    }
    let good =
        |word: &&str| word.parse().is_ok_and(|percentile: f64| (0.0..=100.0).contains(&percentile));
    match words.iter().find(|word| !good(word)) {
        None => Ok(()),
        Some(word) => Err(format!("`{word}` is not a number from 0 to 100")),
    }
}

fn replicaof(words: &[&str]) -> Result<(), String> {
    if let [no, one] = words
        && no.eq_ignore_ascii_case("no")
        && one.eq_ignore_ascii_case("one")
    {
        return Ok(());
    }
    match words {
        [_, port]
            if number::lenient_integer(port).is_some_and(|port| (0..=65535).contains(&port)) =>
        {
            Ok(())
        }
        _ => Err(format!("`{}` is not a host and a port, or `no one`", words.join(" "))),
    }
}
