//! Hexadecimal proofs of origin, written and compared.

use subtle::ConstantTimeEq;

/// Lower-case hexadecimal, two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Whether a claimed hexadecimal digest, in either case, is this one; compared in constant time.
pub(crate) fn hex_matches(bytes: &[u8], claimed: &str) -> bool {
    same(&hex(bytes), &claimed.to_ascii_lowercase())
}

/// Whether two texts are the same, in a time that tells only whether their lengths are.
pub(crate) fn same(ours: &str, theirs: &str) -> bool {
    ours.as_bytes().ct_eq(theirs.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_keeps_its_leading_zeros() {
        assert_eq!(hex(&[0, 1, 0xab, 0xff]), "0001abff");
        assert!(hex_matches(&[0, 1, 0xab], "0001AB"));
        assert!(!hex_matches(&[0, 1, 0xab], "1ab"));
        assert!(!hex_matches(&[0, 1, 0xab], ""));
    }
}
