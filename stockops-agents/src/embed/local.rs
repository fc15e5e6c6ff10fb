//! `LocalEmbedder`: pieces of words, counted in hashed places. No network, no model, the same bytes everywhere.

use futures_util::future::{BoxFuture, FutureExt};

use super::Embedder;
use crate::error::Result;

/// Places of a vector.
const WIDTH: usize = 512;

/// Vectors of the words of a text, its pairs of neighbouring words, and the pieces of three and four letters of each
/// word, counted in 512 places that a hash (FNV-1a, 64 bits) chooses; the vector is drawn to length 1.
///
/// Upper and lower case and what stands between words make no difference. Wording does: this finds the same question
/// with a letter changed or two words moved, and no paraphrase. The bytes are the same on every machine. A text without
/// a letter or digit is one empty word.
///
/// # Example
///
/// ```
/// use stockops_agents::embed::{Embedder, LocalEmbedder};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> stockops_agents::Result<()> {
/// let texts = ["What is the outlook for GOOG?", "what is the outlook, for goog", "Bake a chocolate cake"];
/// let vectors = LocalEmbedder::new().embed(&texts.map(String::from)).await?;
/// let cosine = |a: usize, b: usize| vectors[a].iter().zip(&vectors[b]).map(|(x, y)| x * y).sum::<f32>();
/// assert!(cosine(0, 1) > 0.999 && cosine(0, 2) < 0.2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalEmbedder {}

impl LocalEmbedder {
    /// The one that there is.
    pub fn new() -> Self {
        Self {}
    }
}

impl Embedder for LocalEmbedder {
    fn name(&self) -> &'static str {
        "local-pieces-1"
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>> {
        std::future::ready(Ok(texts.iter().map(|text| vector(text)).collect())).boxed()
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut counts = [0_i32; WIDTH];
    let mut count = |piece: &str| {
        let hash = hash(piece);
        // The highest bit chooses the sign, so that pieces that share a place do not always add up.
        counts[(hash % WIDTH as u64) as usize] += if hash >> 63 == 0 { 1 } else { -1 };
    };
    let words = words(text);
    for word in &words {
        count(word);
        pieces(word).iter().for_each(|piece| count(piece));
    }
    for pair in words.windows(2) {
        count(&pair.join(" "));
    }
    unit(&counts)
}

/// Words in small letters, each between its marks: `<goog>`.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { vec!["<>".into()] } else { words.iter().map(|word| format!("<{word}>")).collect() }
}

/// All pieces of three and four characters.
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    (3..=4).flat_map(|size| letters.windows(size).map(String::from_iter)).collect()
}

fn hash(piece: &str) -> u64 {
    piece.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Counts are whole numbers, so their squares add up exactly in any order. Counts that all cancel out are left 0.
fn unit(counts: &[i32]) -> Vec<f32> {
    let square: i64 = counts.iter().map(|&count| i64::from(count).pow(2)).sum();
    let length = (square.max(1) as f64).sqrt();
    counts.iter().map(|&count| (f64::from(count) / length) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        vector(a).iter().zip(vector(b)).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn vectors_have_length_one() {
        for text in ["", "?!", "GOOG", "What is the outlook for GOOG?", "Wie steht's um die Börse? 東京"] {
            let length: f32 = vector(text).iter().map(|x| x * x).sum();
            // Each of 512 values is rounded to f32.
            assert!((length - 1.0).abs() < 1e-6, "{text}: {length}");
        }
    }

    #[test]
    fn case_and_punctuation_make_no_difference_and_wording_does() {
        let asked = "What is the outlook for GOOG?";
        assert_eq!(vector(asked), vector("what is the OUTLOOK -- for goog"));
        assert!(cosine(asked, "What is the outlook of GOOG?") > 0.7);
        assert!(cosine(asked, "Should I buy Alphabet now?") < 0.3);
        assert!(cosine("outlook for GOOG", "outlook for MSFT") < 0.9);
    }

    /// FNV-1a's own test vectors, so that other programs can compute the same places.
    #[test]
    fn the_hash_is_fnv_1a() {
        let known = [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)];
        for (text, expected) in known {
            assert_eq!(hash(text), expected, "{text}");
        }
    }

    /// By hand: the word `<a>` alone, which is its own piece of three, is counted twice in its place.
    #[test]
    fn a_word_of_one_letter_has_one_place() {
        let place = (hash("<a>") % 512) as usize;
        let expected = if hash("<a>") >> 63 == 0 { 1.0 } else { -1.0 };
        for (at, &value) in vector("A").iter().enumerate() {
            assert_eq!(value, if at == place { expected } else { 0.0 });
        }
    }
}
