//! SHA-256, as `sha256sum` prints it.

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

const DIGITS: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
/// What SHA-256 works through at a time.
const BLOCK: usize = 64;

/// The checksum of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    print(Sha256::new_with_prefix(bytes))
}

/// The checksum of each text. Within one, a processor waits for every step before it takes the next: two at a time take a quarter
/// less.
#[must_use]
pub fn sha256_of_each(texts: &[&[u8]]) -> Vec<String> {
    let mut printed = vec![String::new(); texts.len()];
    let mut order: Vec<usize> = (0..texts.len()).collect();
    // The long ones first, or one of them would be alone at the end.
    order.sort_by_key(|index| Reverse(texts[*index].len()));
    let mut waiting = order.into_iter().map(|index| Text::new(index, texts[index]));
    let mut pair = [waiting.next(), waiting.next()];
    while let [Some(one), Some(other)] = &mut pair {
        let blocks = one.rest.len().min(other.rest.len()) / BLOCK;
        let both = [one.take(blocks), other.take(blocks)].map(|text| text.chunks_exact(BLOCK));
        let [left, right] = both;
        for (left, right) in left.zip(right) {
            one.hasher.update(left);
            other.hasher.update(right);
        }
        for text in &mut pair {
            if text.as_ref().is_some_and(|text| text.rest.len() < BLOCK) {
                finish(std::mem::replace(text, waiting.next()), &mut printed);
            }
        }
    }
    for text in pair {
        finish(text, &mut printed);
    }
    printed
}

/// A text on its way through.
struct Text<'t> {
    index: usize,
    rest: &'t [u8],
    hasher: Sha256,
}

impl<'t> Text<'t> {
    fn new(index: usize, rest: &'t [u8]) -> Self {
        Self { index, rest, hasher: Sha256::new() }
    }

    fn take(&mut self, blocks: usize) -> &'t [u8] {
        let (taken, rest) = self.rest.split_at(blocks * BLOCK);
        self.rest = rest;
        taken
    }
}

fn finish(text: Option<Text<'_>>, printed: &mut [String]) {
    if let Some(Text { index, rest, hasher }) = text {
        printed[index] = print(hasher.chain_update(rest));
    }
}

fn print(hasher: Sha256) -> String {
    let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
    hasher.finalize().into_iter().flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn a_checksum_is_what_sha256sum_prints() {
        let printed = "38c01e7ecce575ee99a0eb65337e405b3a5122bc2d72a00c1c69518adfb0dbee";
        assert_eq!(sha256(b"redis\n"), printed);
    }

    proptest! {
        #[test]
        fn texts_have_the_same_checksums_together_as_alone(texts in vec(vec(any::<u8>(), 0..400), 0..9)) {
            let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
            let alone: Vec<String> = texts.iter().map(|text| sha256(text)).collect();
            prop_assert_eq!(sha256_of_each(&texts), alone);
        }
    }
}
