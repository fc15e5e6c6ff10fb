//! Any text is read without a panic, and places lie on the text.

mod common;

use std::sync::LazyLock;

use common::House;
use proptest::prelude::*;
use stockops_agents::Language;
use stockops_agents::check::{Checker, fill};
use stockops_agents::{Facts, Verdict};

static KNOWN: LazyLock<(Facts, Verdict)> = LazyLock::new(|| {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    (facts, verdict)
});

/// Bits of drafts, whole and broken.
const BITS: [&str; 40] = [
    "3,154.59",
    "−0.3 %",
    "80 %",
    "| ",
    "|",
    "\n",
    "\n\n",
    "# ",
    "- ",
    "1. ",
    "7. August",
    "Aug",
    "31 Jul",
    "2020-07-",
    "99/99/9999",
    "h5",
    "h",
    "RSI(",
    "MACD (12,",
    "close",
    "high",
    "between",
    "and",
    "to",
    "„",
    "“",
    "\"",
    "$",
    "€",
    "{{",
    "}}",
    "{{close_h5}}",
    "https://",
    "AMZN",
    "É",
    "日本",
    "🙂",
    "fünf Sitzungen",
    "\u{a0}",
    "'s",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_the_checker_panic(parts in prop::collection::vec(prop_oneof![
        3 => (0..BITS.len()).prop_map(|index| BITS[index].to_owned()),
        1 => "\\PC{0,6}".prop_map(|text| text),
    ], 0..24), gap in prop_oneof![Just(""), Just(" ")]) {
        let text = parts.join(gap);
        let (facts, verdict) = &*KNOWN;
        for language in Language::CHECKED {
            let checked = Checker::new(facts, verdict).in_language(language).check(&text);
            for problem in &checked.problems {
                prop_assert_eq!(&text[problem.place.clone()], problem.text.as_str());
            }
            for found in &checked.matches {
                prop_assert_eq!(&text[found.place.clone()], found.text.as_str());
            }
        }
        let filled = fill(&text, facts);
        prop_assert!(filled.problems.is_empty() || filled.text.contains("{{"));
    }
}
