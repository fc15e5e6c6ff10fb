//! The pairs of questions in `tests/data/questions.csv`, all about GOOG.

/// Names of the company in them.
pub(super) const NAMES: &[&str] = &["Alphabet Inc.", "Google"];

/// The pairs of one kind: `paraphrase`, `unseen` (paraphrases that the lexicon was not written with), `opposite`, `different`.
pub(super) fn pairs(kind: &str) -> Vec<[String; 2]> {
    let lines = include_str!("../../tests/data/questions.csv").lines();
    let pairs = lines.filter_map(|line| line.strip_prefix(kind)?.strip_prefix(',').map(pair));
    let pairs: Vec<_> = pairs.collect();
    assert_eq!(pairs.len(), 40, "{kind}");
    pairs
}

/// Two questions, of which the second may stand in quotes because it has a comma.
fn pair(line: &str) -> [String; 2] {
    let (one, other) = line.split_once(',').unwrap();
    [one.to_owned(), other.trim_matches('"').to_owned()]
}
