//! A checksum that stands within what it is of: SHA-256 of all bytes, with zeros in the place of the checksum itself.
//!
//! A `mark` of the file's kind comes right before its digits, so that they are found again.

use super::sha256_hex;

/// Stands in the place of the checksum while it is made.
pub(crate) const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// `bytes` with their checksum in the place of [`BLANK`]; `None` where there is no such place.
pub(crate) fn sealed(mark: &str, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (place, checksum) = (place_of(mark, BLANK, &bytes)?, sha256_hex(&bytes));
    bytes[place..place + BLANK.len()].copy_from_slice(checksum.as_bytes());
    Some(bytes)
}

/// Whether `checksum`, which stands in `bytes`, is theirs.
pub(crate) fn holds(mark: &str, checksum: &str, bytes: &[u8]) -> bool {
    let place = place_of(mark, checksum, bytes).filter(|_| checksum.len() == BLANK.len());
    let Some(place) = place else { return false };
    let mut blank = bytes.to_vec();
    blank[place..place + BLANK.len()].copy_from_slice(BLANK.as_bytes());
    sha256_hex(&blank) == checksum
}

/// Where `digits` stand as a checksum.
fn place_of(mark: &str, digits: &str, bytes: &[u8]) -> Option<usize> {
    let wanted = [mark.as_bytes(), digits.as_bytes()].concat();
    Some(bytes.windows(wanted.len()).position(|window| window == wanted)? + mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = "sha256=";

    #[test]
    fn what_is_sealed_holds_until_a_byte_changes() {
        let text = format!("some text, {MARK}{BLANK}; and weights");
        let bytes = sealed(MARK, text.clone().into_bytes()).unwrap();
        let place = place_of(MARK, &sha256_hex(text.as_bytes()), &bytes).unwrap();
        let checksum = String::from_utf8(bytes[place..place + 64].to_vec()).unwrap();
        assert!(holds(MARK, &checksum, &bytes) && !holds(MARK, "", &bytes) && !holds(MARK, BLANK, &bytes));
        for changed in (0..bytes.len()).filter(|i| !(place..place + 64).contains(i)) {
            let mut other = bytes.clone();
            other[changed] ^= 1;
            assert!(!holds(MARK, &checksum, &other), "byte {changed}");
        }
    }

    #[test]
    fn without_a_place_nothing_is_sealed() {
        assert_eq!(sealed(MARK, b"no place".to_vec()), None);
    }
}
