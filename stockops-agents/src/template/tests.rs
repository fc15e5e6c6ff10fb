//! The template before the checker: on tables of all kinds, in both languages, all that it writes is read as the fact that it is.

mod made_up;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{Parts, markdown, prose};
use crate::check::{Checker, Problem};
use crate::facts::{Fact, Facts, Value};
use crate::graph::Author;
use crate::language::Language;
use crate::slots::{fill, shown};
use crate::verdict::Verdict;

/// One of each kind that the template answers, and one that it does not.
const QUESTIONS: [&str; 15] = [
    "What would change your mind?",
    "How much can I lose?",
    "How sure are you?",
    "Why?",
    "What is the outlook?",
    "Who is the chief executive?",
    "Should I buy?",
    "What is the RSI?",
    "How volatile is it?",
    "Is the model any good?",
    "Will it rise?",
    "Will it touch 120?",
    "What volume is forecast?",
    "What is the interval for tomorrow?",
    "What was the last close?",
];

/// What is wrong with `text` in `language`: what the checker finds, and slots that it reads as another fact.
fn wrong(text: &str, facts: &Facts, verdict: &Verdict, language: Language) -> Vec<String> {
    let filled = fill(text, facts, language).expect("each slot is a fact");
    let checked = Checker::new(facts, verdict).in_language(language).check(&filled.text);
    let line = |place: usize| {
        let line = filled.text[..place].rfind('\n').map_or(0, |start| start + 1);
        filled.text[line..].lines().next().unwrap_or_default()
    };
    let problem = |one: &Problem| format!("`{}` {}\n    {}", one.text, one.why, line(one.place.start));
    let mut wrong: Vec<String> = checked.problems.iter().map(problem).collect();
    let mut at = 0;
    for number in &filled.numbers {
        let start = at + filled.text[at..].find(&number.text).expect("slots are filled in order");
        at = start + number.text.len();
        let fact = facts.get(&number.fact).expect("each slot is a fact");
        let read = checked.matches.iter().find(|found| found.place.start < at && found.place.end > start);
        // A count of sessions and a word are read as what they say; facts of one kind or of one text may stand for each other.
        let is_read = matches!(fact.value, Value::Word(_) | Value::Count(_))
            || read.is_some_and(|read| {
                let written = |id: &str| shown(id, facts, language);
                let of_kind = |other: &Fact| other.quantity == fact.quantity || written(&other.id) == written(&fact.id);
                facts.get(&read.fact).is_none_or(of_kind)
            });
        if !is_read && checked.passes() {
            wrong.push(format!("{}, {}, is read as {read:?}\n    {}", fact.id, number.text, line(start)));
        }
    }
    wrong
}

/// What is wrong with the report and the answers in both languages.
fn wrong_in_all_ways(facts: &Facts, verdict: &Verdict) -> Vec<String> {
    let author = &Author::Template { why: "no language model is named".into() };
    let languages = [Language::ENGLISH, Language::GERMAN];
    let of = |language: Language| {
        let written = prose(facts, verdict, None, language);
        let parts = Parts { facts, verdict, prose: &written, author, question: None, language, warnings: &[] };
        let answers = QUESTIONS.map(|question| prose(facts, verdict, Some(question), language).answer);
        let texts = [vec![markdown(&parts).0], answers.to_vec()].concat();
        texts.iter().flat_map(|text| wrong(text, facts, verdict, language)).collect::<Vec<_>>()
    };
    languages.into_iter().flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 20, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn all_that_the_template_writes_of_any_table_is_read_as_its_facts(made_up in made_up::made_up()) {
        let facts = made_up.facts();
        let wrong = wrong_in_all_ways(&facts, &Verdict::of(&facts));
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
