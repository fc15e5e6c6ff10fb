use super::*;
use crate::cache::corpus::{NAMES, pairs};

fn words(question: &str) -> ContentWords {
    ContentWords::of(question, "GOOG", NAMES)
}

#[test]
fn opposites_never_have_equal_words() {
    for [one, other] in pairs("opposite") {
        assert_ne!(words(&one), words(&other), "{one} / {other}");
    }
}

#[test]
fn other_questions_have_other_words() {
    for [one, other] in pairs("different") {
        assert_ne!(words(&one), words(&other), "{one} / {other}");
    }
}

/// As many as `docs/cache.md` says, so that a change that loses one is seen.
#[test]
fn many_paraphrases_have_equal_words() {
    let equal = |kind| pairs(kind).iter().filter(|[one, other]| words(one) == words(other)).count();
    assert_eq!((equal("paraphrase"), equal("unseen")), (27, 24));
}

#[test]
fn wording_that_changes_nothing_is_equal() {
    for (one, other) in [
        ("Will GOOG rise?", "will goog rise"),
        ("Will GOOG rise?", "Will GOOG’s stock go up, please?"),
        ("Will it rise tomorrow?", "Tomorrow, will it rise?"),
        ("Won't it rise?", "Will it not rise?"),
        ("Will it rise in five days?", "Will it rise in 5 days?"),
        ("Will it rise over the next five days?", "Will it rise in the coming 5 sessions?"),
        ("Will it reach $1,000?", "Will it reach 1000 dollars?"),
        ("Will it rise in a week?", "Will it rise next week?"),
        ("Is the 90% interval right?", "Is the 90 percent interval right?"),
    ] {
        assert_eq!(words(one), words(other), "{one} / {other}");
    }
}

#[test]
fn wording_that_changes_the_question_is_not() {
    for (one, other) in [
        ("Will it rise this week?", "Will it rise next week?"),
        ("Did it rise this week?", "Will it rise this week?"),
        ("Will it close over 300?", "Will it close under 300?"),
        ("Will it rise 5 %?", "Will it rise 5?"),
        ("Will it fall by -5 %?", "Will it fall by 5 %?"),
        ("Should I get in?", "Should I get out?"),
        ("Will volume rise and the price fall?", "Will the price rise and volume fall?"),
        ("Is it falling against the dollar?", "Is it falling against the euro?"),
        ("How far will it rise?", "Will it rise?"),
        ("Why will it rise?", "Will it rise?"),
        ("When will it rise?", "Will it rise?"),
        ("Will it rise 1.5 %?", "Will it rise 15 %?"),
        ("Is Amazon cheap?", "Is Apple cheap?"),
        ("Should I swap GOOG for MSFT?", "Should I swap MSFT for GOOG?"),
        ("Should I switch from GOOG to MSFT?", "Should I switch from MSFT to GOOG?"),
        ("Does GOOG drive the market?", "Does the market drive GOOG?"),
        ("Does volume lead the stock?", "Does the stock lead volume?"),
        ("What is it?", "How is it now?"),
        ("", "?x"),
    ] {
        assert_ne!(words(one), words(other), "{one} / {other}");
    }
}

/// A ticker that is a word of the language is meant where it is written as a ticker.
#[test]
fn a_ticker_is_known_as_it_is_written() {
    let of = |question: &str, ticker: &str| ContentWords::of(question, ticker, &[] as &[&str]);
    assert_eq!(of("Is NOW overbought?", "NOW"), of("Is the stock overbought?", "NOW"));
    assert_eq!(of("Will ^GSPC rise?", "^GSPC"), of("Will it rise?", "^GSPC"));
    assert_eq!(of("Will BRK-B's price rise?", "BRK-B"), of("Will it rise?", "BRK-B"));
    assert_ne!(of("Is the open high?", "OPEN"), of("Is it high?", "OPEN"));
    assert_ne!(of("Will TSLA rise?", "GOOG"), of("Will it rise?", "GOOG"));
}

#[test]
fn no_word_of_the_lexicon_stands_twice() {
    let mut seen = BTreeSet::new();
    for (left, words) in LEXICON.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "))
    {
        for word in words.split(' ') {
            assert!(seen.insert(word), "{left}: {word}");
            assert!(word.split('_').count() <= LONGEST, "{word}");
            assert!(MEANINGS.contains_key(&word.replace('_', " ")));
        }
    }
    assert!(seen.len() > 200);
}
