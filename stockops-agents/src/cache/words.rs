//! `ContentWords`: what a question asks, as the words that decide it. Closeness of vectors cannot tell a question from its
//! opposite; these can.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Each line: kind, concept, and the words for it.
const LEXICON: &str = include_str!("lexicon.txt");

/// The words that decide what a question asks, in a form that can be compared: negation, direction, numbers, horizon,
/// tense, what is asked about, and every word that the lexicon does not know.
///
/// Two questions with equal content words ask the same. Words that carry nothing are left out, words that can be exchanged
/// for each other are one, and the ticker and its company's name are one. Words that are not known count as they are. Where
/// every word is known, there is one direction at most and nothing is compared, the order of kinds is free (`tomorrow, will
/// it rise` is `will it rise tomorrow`); else the order of all words counts.
///
/// # Example
///
/// ```
/// use stockops_agents::cache::ContentWords;
///
/// let words = |question| ContentWords::of(question, "GOOG", &["Alphabet Inc."]);
/// assert_eq!(words("Will GOOG rise tomorrow?"), words("Tomorrow, is Alphabet going to go up?"));
/// assert_ne!(words("Will GOOG rise tomorrow?"), words("Will GOOG fall tomorrow?"));
/// assert_ne!(words("Will GOOG rise in 5 days?"), words("Will GOOG rise in 21 days?"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentWords(String);

impl ContentWords {
    /// Of `question` about `ticker`, whose company goes by `names`.
    pub fn of(question: &str, ticker: &str, names: &[impl AsRef<str>]) -> Self {
        let tokens = tokens(question, ticker);
        let concepts = concepts(&tokens, &own_words(ticker, names));
        if concepts.iter().all(|(kind, _)| *kind == Kind::Own) {
            return Self(format!("words: {}", tokens.join(" ")));
        }
        Self(if is_ordered(&concepts) { in_order(&concepts) } else { by_kind(&concepts) })
    }

    /// As text, for stores.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The ticker itself.
    Own,
    Tense,
    Direction,
    Relation,
    Number,
    Horizon,
    Subject,
    /// A word that the lexicon does not have.
    Unknown,
}

/// A kind and a word for it.
type Concept<'a> = (Kind, &'a str);

/// What each word and phrase means; nothing for words that carry nothing.
static MEANINGS: LazyLock<HashMap<String, Vec<Concept<'static>>>> = LazyLock::new(|| {
    let lines = || LEXICON.lines().filter_map(|line| line.split_once(" = ")).filter(|(left, _)| !left.starts_with('#'));
    let single =
        lines().filter_map(|(left, _)| left.split_once(' ').and_then(|(kind, name)| Some((name, named(kind)?))));
    let kinds: HashMap<&str, Kind> = single.collect();
    let mut meanings = HashMap::new();
    for (left, words) in lines() {
        let means: Vec<Concept<'static>> = match left.split_once(' ') {
            Some((_, names)) => names.split(' ').map(|name| (kinds[name], name)).collect(),
            None if left == "self" => vec![(Kind::Own, "")],
            None => Vec::new(),
        };
        meanings.extend(words.split(' ').map(|word| (word.replace('_', " "), means.clone())));
    }
    meanings
});

fn named(kind: &str) -> Option<Kind> {
    Some(match kind {
        "tense" => Kind::Tense,
        "direction" => Kind::Direction,
        "relation" => Kind::Relation,
        "number" => Kind::Number,
        "horizon" => Kind::Horizon,
        "subject" => Kind::Subject,
        _ => return None,
    })
}

/// Words in small letters; the ticker where it is written as such is `itself`.
fn tokens(question: &str, ticker: &str) -> Vec<String> {
    let plain = question.replace(['’', '‘'], "'").replace('%', " percent ");
    let mut tokens = Vec::new();
    for word in plain.split(|c: char| c.is_whitespace() || "?!;:()\"/".contains(c)) {
        let bare = word.trim_matches([',', '.', '\'']);
        if bare.strip_suffix("'s").unwrap_or(bare) == ticker {
            tokens.push("itself".into());
        } else {
            push_parts(&bare.to_lowercase(), &mut tokens);
        }
    }
    tokens
}

/// The parts of a word: `won't` is two, `five-day` is two, `-5` is one.
fn push_parts(word: &str, tokens: &mut Vec<String>) {
    let spelled =
        word.replace("won't", "will not").replace("can't", "can not").replace("n't", " not").replace("'ll", " will");
    let spelled = spelled.strip_suffix("'s").unwrap_or(&spelled);
    for part in spelled.split(' ').filter(|part| !part.is_empty()) {
        let digits = part.trim_start_matches(['$', '€', '£', '+']).replace(',', "");
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => tokens.push(number.to_string()),
            _ => tokens.extend(part.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).map(String::from)),
        }
    }
}

/// Words that mean the ticker: itself and the words of its company's names, but those that mean something else too.
fn own_words(ticker: &str, names: &[impl AsRef<str>]) -> BTreeSet<String> {
    const FORMS: [&str; 12] =
        ["inc", "corp", "corporation", "co", "company", "plc", "ltd", "ag", "sa", "nv", "class", "holdings"];
    let names = names.iter().map(|name| name.as_ref().to_lowercase());
    let words: Vec<String> = names.chain([ticker.to_lowercase()]).collect();
    let parts = words.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    let means_more = |word: &&str| word.len() < 2 || MEANINGS.contains_key(*word);
    parts.filter(|word| !means_more(word) && !FORMS.contains(word)).map(String::from).collect()
}

/// Longest phrase of the lexicon.
const LONGEST: usize = 5;

fn concepts<'a>(tokens: &'a [String], own: &BTreeSet<String>) -> Vec<Concept<'a>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let longest = LONGEST.min(tokens.len() - at);
        let known = (1..=longest).rev().find_map(|n| Some((n, MEANINGS.get(&tokens[at..at + n].join(" "))?)));
        match known {
            Some((n, means)) => {
                found.extend(means);
                at += n;
                continue;
            }
            None if is_currency_of_a_number(tokens, at) || is_over_a_time(tokens, at) => {}
            None if own.contains(&tokens[at]) => found.push((Kind::Own, "")),
            None if tokens[at].parse::<f64>().is_ok() => found.push((Kind::Number, &tokens[at])),
            None => found.push((Kind::Unknown, &tokens[at])),
        }
        at += 1;
    }
    // `the GOOG stock` is one thing, and `1 week` is a week.
    found.dedup_by(|next, before| next.0 == Kind::Own && before.0 == Kind::Own);
    let is_one =
        |i: usize| found[i] == (Kind::Number, "1") && found.get(i + 1).is_some_and(|next| next.0 == Kind::Horizon);
    (0..found.len()).filter(|i| !is_one(*i)).map(|i| found[i]).collect()
}

/// `300 dollars` is 300; a dollar alone is a thing.
fn is_currency_of_a_number(tokens: &[String], at: usize) -> bool {
    at > 0 && tokens[at - 1].parse::<f64>().is_ok() && ["dollar", "dollars", "usd"].contains(&tokens[at].as_str())
}

/// `over the next week` is a time, `over 300` is a bound.
fn is_over_a_time(tokens: &[String], at: usize) -> bool {
    let is_time =
        |word: &String| MEANINGS.get(word).is_some_and(|means| means.iter().any(|(kind, _)| *kind == Kind::Horizon));
    tokens[at] == "over" && tokens[at + 1..].iter().take(4).any(is_time)
}

/// How many words are of a kind.
fn count(concepts: &[Concept<'_>], wanted: Kind) -> usize {
    concepts.iter().filter(|(kind, _)| *kind == wanted).count()
}

/// Whether it matters which word comes first.
fn is_ordered(concepts: &[Concept<'_>]) -> bool {
    count(concepts, Kind::Relation) + count(concepts, Kind::Unknown) > 0 || count(concepts, Kind::Direction) > 1
}

/// Tense once, then everything as it stands. The place of the ticker counts where another thing may stand in relation to it:
/// `swap GOOG for MSFT` is not `swap MSFT for GOOG`.
fn in_order(concepts: &[Concept<'_>]) -> String {
    let is_related = count(concepts, Kind::Relation) > 0 || count(concepts, Kind::Unknown) > 1;
    let counts = |(kind, _): &&Concept<'_>| *kind != Kind::Own || is_related;
    let (tense, rest): (Vec<_>, Vec<_>) = concepts.iter().filter(counts).partition(|(kind, _)| *kind == Kind::Tense);
    let word = |(kind, word): &Concept<'_>| format!("{kind:?}:{word}").to_lowercase();
    format!("{} in order: {}", set(&tense), rest.iter().map(word).collect::<Vec<_>>().join(" "))
}

/// The words of each kind as they stand, without the ticker.
fn by_kind(concepts: &[Concept<'_>]) -> String {
    let mut kinds: BTreeMap<Kind, Vec<Concept<'_>>> = BTreeMap::new();
    for concept in concepts.iter().filter(|(kind, _)| *kind != Kind::Own) {
        kinds.entry(concept.0).or_default().push(*concept);
    }
    let tense = set(&kinds.remove(&Kind::Tense).unwrap_or_default());
    let words = |found: Vec<Concept<'_>>| found.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" ");
    let kinds = kinds.into_iter().map(|(kind, found)| format!("{kind:?}: {}", words(found)).to_lowercase());
    format!("{tense} {}", kinds.collect::<Vec<_>>().join("; "))
}

fn set(concepts: &[Concept<'_>]) -> String {
    let words: BTreeSet<&str> = concepts.iter().map(|(_, word)| *word).collect();
    words.into_iter().collect::<Vec<_>>().join("+")
}

#[cfg(test)]
mod tests;
