//! Which pairs of questions have equal content words, and how close the local embedder finds them, as CSV: for
//! `benches/questions`.
//!
//! usage: questions FILE     (tests/data/questions.csv)

use stockops_agents::cache::ContentWords;
use stockops_agents::embed::{Embedder, LocalEmbedder};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("usage: questions FILE")?;
    println!("kind,equal,local");
    for line in std::fs::read_to_string(file)?.lines().skip(1) {
        let (kind, pair) = line.split_once(',').ok_or("a line without a kind")?;
        let (one, other) = pair.split_once(',').ok_or("a line without a second question")?;
        let texts = [one.to_owned(), other.trim_matches('"').to_owned()];
        let [one, other] = texts.each_ref().map(|text| ContentWords::of(text, "GOOG", &["Alphabet Inc.", "Google"]));
        let vectors = LocalEmbedder::new().embed(&texts).await?;
        let cosine: f32 = vectors[0].iter().zip(&vectors[1]).map(|(a, b)| a * b).sum();
        println!("{kind},{},{cosine:.4}", one == other);
    }
    Ok(())
}
