//! The checker: what is true passes, what was changed does not.

mod common;

use std::collections::BTreeSet;

use common::House;
use common::paraphrases::paraphrases;
use common::words::Words;
use stockops_agents::Verdict;
use stockops_agents::check::check;

#[test]
fn true_paraphrases_pass() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let all = paraphrases(&facts);
    let mut wrong = 0;
    for text in &all {
        let checked = check(text, &facts, &verdict);
        if !checked.passes() {
            wrong += 1;
            println!(
                "{text}\n    {:?}",
                checked.problems.iter().map(|p| (&p.text, &p.why, &p.nearest)).collect::<Vec<_>>()
            );
        }
    }
    println!("{wrong} false alarms in {} paraphrases", all.len());
    assert!(all.len() >= 500 && wrong * 100 <= all.len(), "{wrong} of {}", all.len());
}

/// One change, and drafts with it.
struct Mutation {
    kind: &'static str,
    before: String,
    after: String,
}

#[test]
fn changed_drafts_are_caught() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let truths: BTreeSet<String> = paraphrases(&facts).into_iter().chain(also_true(&facts)).collect();
    let all: Vec<Mutation> = paraphrases(&facts).iter().flat_map(|text| mutations(text, &facts, &verdict)).collect();
    // A change that makes another true sentence is none.
    let all: Vec<Mutation> = all.into_iter().filter(|mutation| !truths.contains(&mutation.after)).collect();
    let (mut missed, mut by_kind) = (0, std::collections::BTreeMap::<&str, (usize, usize)>::new());
    for mutation in &all {
        let count = by_kind.entry(mutation.kind).or_default();
        count.1 += 1;
        if check(&mutation.after, &facts, &verdict).passes() {
            missed += 1;
            count.0 += 1;
            let read = check(&mutation.after, &facts, &verdict).matches;
            let read: Vec<_> = read.iter().map(|found| (&found.text, &found.fact)).collect();
            println!("[{}] {}\n      -> {} {read:?}", mutation.kind, mutation.before, mutation.after);
        }
    }
    println!("missed {missed} of {}: {by_kind:?}", all.len());
    assert!(all.len() >= 200 && missed == 0, "{missed} of {}", all.len());
}

/// Sentences that changes of others make, and that are true.
fn also_true(facts: &stockops_agents::Facts) -> Vec<String> {
    let w = Words(facts);
    let mut all: Vec<String> = [
        // The wider interval holds zero too.
        "The stance is neutral because the 90 % interval holds zero.",
        // So do the skills at the open and at one session say, and the forecast of the open.
        "The model has no skill at the open over the best simple rule at five sessions.",
        "The model has no skill at the close over the best simple rule at one session.",
        "The model does not beat persistence at the open.",
        "The open is forecast to fall slightly over the next five sessions.",
        "Over the last one session the price climbed.",
        // No direction of a price.
        "The data are from the shipped bars down to 31 July 2020.",
    ]
    .map(str::to_owned)
    .into();
    for h in 1..=5 {
        let moved = 100.0 * (w.number(&format!("open_h{h}")) / w.number("last_close") - 1.0);
        let count = ["", "one session", "two sessions", "three sessions", "four sessions", "five sessions"][h];
        for decimals in [1, 2] {
            let way = if moved > 0.0 { "rise" } else { "fall" };
            all.push(format!("The open is expected to {way} {:.decimals$} % within {count}.", moved.abs()));
            all.push(format!(
                "The forecast move to the open of {} is {moved:+.decimals$} %.",
                w.long_day(&format!("day_h{h}"))
            ));
        }
    }
    all
}

/// Words that say the opposite or another thing of the same kind.
const SWAPS: [(&str, &[(&str, &str)]); 7] = [
    (
        "direction",
        &[
            ("rose", "fell"),
            ("fell", "rose"),
            ("gained", "lost"),
            ("lost", "gained"),
            ("rise", "fall"),
            ("fall", "rise"),
            ("climb", "slip"),
            ("slip", "climb"),
            ("climbed", "dropped"),
            ("up", "down"),
            ("gains", "loses"),
            ("loses", "gains"),
            ("above the", "below the"),
            ("below the", "above the"),
            ("above its", "below its"),
        ],
    ),
    (
        "field",
        &[
            ("high", "low"),
            ("low", "high"),
            ("open", "close"),
            ("close", "open"),
            ("High", "Low"),
            ("closed", "opened"),
        ],
    ),
    (
        "horizon",
        &[
            ("1 session", "5 sessions"),
            ("5 sessions", "1 session"),
            ("one session", "five sessions"),
            ("five sessions", "one session"),
            ("2 sessions", "3 sessions"),
            ("three sessions", "four sessions"),
        ],
    ),
    ("level", &[("80 %", "90 %"), ("90 %", "80 %"), ("95 %", "99 %"), ("99 %", "95 %"), ("95 %", "90 %")]),
    ("currency", &[("USD", "EUR"), ("dollars", "euros"), ("$", "€"), ("$", "£")]),
    ("ticker", &[("AMZN", "GOOG"), ("AMZN", "TSLA"), ("Amazon.com, Inc.", "Alphabet Inc."), ("NYSE", "Nasdaq")]),
    (
        "verdict",
        &[
            ("NEUTRAL", "BULLISH"),
            ("neutral", "bearish"),
            ("Hold", "Buy"),
            ("Low.", "High."),
            ("no skill", "skill"),
            ("healthy", "critical"),
            ("wilder", "calmer"),
        ],
    ),
];

/// Changes of `text` that make it false.
fn mutations(text: &str, facts: &stockops_agents::Facts, verdict: &Verdict) -> Vec<Mutation> {
    let mut all = Vec::new();
    let made = |kind, after: String| Mutation { kind, before: text.to_owned(), after };
    // What is only possible is true the other way round too.
    let is_open =
        ["may rise", "as possible", "not a bullish", "nor a", "Nothing is said"].iter().any(|open| text.contains(open));
    for (kind, pairs) in SWAPS {
        let pair = pairs.iter().find(|(from, _)| holds_word(text, from));
        if let Some((from, to)) = pair.filter(|_| !is_open) {
            all.push(made(kind, replace_word(text, from, to)));
        }
    }
    let checked = check(text, facts, verdict);
    for (index, found) in checked.matches.iter().enumerate() {
        let Some(after) = other_number(text, found, index, facts) else { continue };
        all.push(made("number", after));
    }
    all
}

fn holds_word(text: &str, word: &str) -> bool {
    place_of(text, word).is_some()
}

fn place_of(text: &str, word: &str) -> Option<usize> {
    let is_inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        let letters = word.starts_with(char::is_alphanumeric);
        !letters
            || (!is_inner(text[..*at].chars().next_back())
                && (!word.ends_with(char::is_alphanumeric) || !is_inner(text[at + word.len()..].chars().next())))
    })
}

fn replace_word(text: &str, from: &str, to: &str) -> String {
    let at = place_of(text, from).unwrap();
    format!("{}{to}{}", &text[..at], &text[at + from.len()..])
}

/// The draft with another number in the place of a match: another digit, in a place that `seed` chooses.
fn other_number(
    text: &str,
    found: &stockops_agents::check::Match,
    seed: usize,
    facts: &stockops_agents::Facts,
) -> Option<String> {
    let digits: Vec<usize> = found.text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let at = digits.get((seed * 7 + text.len()) % digits.len().max(1))?;
    let digit = found.text.as_bytes()[*at] - b'0';
    let other = (digit + 3 + (text.len() % 5) as u8) % 10;
    let mut number = found.text.clone();
    number.replace_range(at..&(at + 1), &other.to_string());
    if number == found.text || is_true_too(&number, found, facts) {
        return None;
    }
    Some(format!("{}{number}{}", &text[..found.place.start], &text[found.place.end..]))
}

/// Whether another fact of the same kind and day reads as `number`.
fn is_true_too(number: &str, found: &stockops_agents::check::Match, facts: &stockops_agents::Facts) -> bool {
    let Some(own) = facts.get(&found.fact) else { return false };
    let plain: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let scale = if number.contains('%') || number.contains("percent") { 100.0 } else { 1.0 };
    facts.facts.iter().any(|fact| {
        fact.quantity == own.quantity
            && fact.day == own.day
            && fact.number().is_some_and(|value| format!("{:.decimals$}", (scale * value).abs()) == plain)
    })
}
