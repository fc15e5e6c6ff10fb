//! The checksum within a bundle: SHA-256 of all of its bytes, with zeros in the place of the checksum itself.

use crate::files::sha256_hex;

/// Stands in the place of the checksum while it is made.
pub(super) const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What comes before the checksum: it is in JSON that is a text in JSON.
const MARK: &str = r#"\"sha256\":\""#;

/// `bytes` with their checksum in the place of [`BLANK`]; `None` where there is no such place.
pub(super) fn sealed(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (place, checksum) = (place_of(BLANK, &bytes)?, sha256_hex(&bytes));
    bytes[place..place + BLANK.len()].copy_from_slice(checksum.as_bytes());
    Some(bytes)
}

/// Whether `checksum`, which stands in `bytes`, is theirs.
pub(super) fn holds(checksum: &str, bytes: &[u8]) -> bool {
    let Some(place) = place_of(checksum, bytes).filter(|_| checksum.len() == BLANK.len()) else { return false };
    let mut blank = bytes.to_vec();
    blank[place..place + BLANK.len()].copy_from_slice(BLANK.as_bytes());
    sha256_hex(&blank) == checksum
}

/// Where `digits` stand as a checksum.
fn place_of(digits: &str, bytes: &[u8]) -> Option<usize> {
    let wanted = [MARK.as_bytes(), digits.as_bytes()].concat();
    Some(bytes.windows(wanted.len()).position(|window| window == wanted)? + MARK.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_holds_until_a_byte_changes() {
        let text = format!(r#"{{"stockops":"{{{MARK}{BLANK}\",\"format\":2}}"}} and weights"#);
        let bytes = sealed(text.clone().into_bytes()).unwrap();
        let place = place_of(&sha256_hex(text.as_bytes()), &bytes).unwrap();
        let checksum = String::from_utf8(bytes[place..place + 64].to_vec()).unwrap();
        assert!(holds(&checksum, &bytes) && !holds("", &bytes) && !holds(BLANK, &bytes));
        for changed in (0..bytes.len()).filter(|i| !(place..place + 64).contains(i)) {
            let mut other = bytes.clone();
            other[changed] ^= 1;
            assert!(!holds(&checksum, &other), "byte {changed}");
        }
    }

    #[test]
    fn without_a_place_nothing_is_sealed() {
        assert_eq!(sealed(b"no place".to_vec()), None);
    }
}
