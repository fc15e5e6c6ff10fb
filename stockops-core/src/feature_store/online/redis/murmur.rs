//! MurmurHash3, 32 bits: what Feast shortens names of features with.

/// MurmurHash3_x86_32 of `bytes` with seed 0, by Austin Appleby (public domain).
pub(super) fn murmur3(bytes: &[u8]) -> u32 {
    let (words, tail) = bytes.as_chunks::<4>();
    let hash = words.iter().fold(0_u32, |hash, word| {
        (hash ^ mixed(u32::from_le_bytes(*word))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    });
    // One to three bytes that are left; of none comes 0, which changes nothing.
    let rest = tail.iter().rev().fold(0_u32, |rest, byte| rest << 8 | u32::from(*byte));
    finished(hash ^ mixed(rest) ^ bytes.len() as u32)
}

fn mixed(word: u32) -> u32 {
    word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

fn finished(mut hash: u32) -> u32 {
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the reference implementation with seed 0, as its users publish them.
    #[test]
    fn known_hashes_come_out() {
        for (text, hash) in [
            ("", 0),
            ("test", 0xba6b_d213),
            ("Hello, world!", 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
        ] {
            assert_eq!(murmur3(text.as_bytes()), hash, "{text}");
        }
    }
}
