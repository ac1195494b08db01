//! SHA-256, as `sha256sum` prints it.

use sha2::{Digest, Sha256};

const DIGITS: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

/// The checksum of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
    Sha256::digest(bytes).into_iter().flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_what_sha256sum_prints() {
        let printed = "38c01e7ecce575ee99a0eb65337e405b3a5122bc2d72a00c1c69518adfb0dbee";
        assert_eq!(sha256(b"redis\n"), printed);
    }
}
