//! The checker: every number, day, name and direction of a draft is a fact, or a problem.
//!
//! ```text
//! draft ─segments─► sentences, list items, cells ─tokens─► words, numbers, dates ─reading─► mentions
//!       numbers, dates ─around─► what is said of each ─claim─► facts of that kind, day, level and field
//!       directions, stances, names ─────────────────────────► facts and verdict
//! ```

mod around;
mod claim;
mod days;
mod derived;
mod fill;
mod fit;
mod language;
mod levels;
mod lexicon;
mod lists;
mod names;
mod number;
mod numbers;
mod pairs;
mod quotes;
mod reading;
mod segment;
mod statements;
mod times;
mod token;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::facts::{Fact, Facts};
use crate::language::Language;
use crate::verdict::Verdict;
use reading::Reading;

pub use fill::{Filled, fill, fill_in};

/// Something in a draft that no fact says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where it stands, as bytes of the draft.
    pub place: Range<usize>,
    /// Line of it, from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
    /// Why it does not pass, in a sentence that its writer can follow.
    pub why: String,
    /// Id of the fact that comes nearest, where one does.
    pub nearest: Option<String>,
}

/// Something in a draft that a fact says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Where it stands, as bytes of the draft.
    pub place: Range<usize>,
    /// What stands there.
    pub text: String,
    /// Id of the fact; of a derived figure how it comes about, such as `close_h5 - last_close`.
    pub fact: String,
}

/// What was found in a draft, in the order of its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// What does not pass.
    pub problems: Vec<Problem>,
    /// What is a fact.
    pub matches: Vec<Match>,
}

impl Checked {
    /// Whether the draft may be shown: it has no problem.
    pub fn passes(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Hold an English draft, Markdown with tables, against `facts` and `verdict`.
///
/// # Example
///
/// ```
/// # use stockops_agents::facts::Facts;
/// use stockops_agents::{Verdict, check::check};
/// # let facts: Facts = serde_json::from_value(serde_json::json!({
/// #     "company": {"ticker": "GOOG", "name": null, "exchange": "XNAS", "currency": "USD"},
/// #     "moment": {"last_bar": "2026-01-08", "decided": "2026-01-09T00:00:00Z", "replayed": false},
/// #     "model_version": null, "headlines": [], "notes": [],
/// #     "facts": [{"id": "last_close", "words": "last close", "quantity": "close", "value": {"unit": "price", "value": 3164.68},
/// #         "day": "2026-01-08", "horizon": null, "level": null, "end": null,
/// #         "origin": {"source": "bars of a file", "window": null, "fetched": "2026-01-09T00:00:00Z"}}],
/// # })).unwrap();
///
/// let verdict = Verdict::of(&facts);
/// let checked = check("The last close is 3,164.68.", &facts, &verdict);
/// assert_eq!(checked.matches[0].fact, "last_close");
/// let checked = check("The last close is 3,146.68.", &facts, &verdict);
/// assert_eq!(checked.problems[0].nearest.as_deref(), Some("last_close"));
/// ```
pub fn check(text: &str, facts: &Facts, verdict: &Verdict) -> Checked {
    Checker::new(facts, verdict).check(text)
}

/// [`check`] of a draft in another language.
pub fn check_in(language: Language, text: &str, facts: &Facts, verdict: &Verdict) -> Checked {
    Checker::new(facts, verdict).in_language(language).check(text)
}

/// What many drafts are held against.
#[derive(Debug, Clone)]
pub struct Checker<'a> {
    language: Language,
    facts: &'a Facts,
    verdict: &'a Verdict,
    derived: Vec<Fact>,
}

impl<'a> Checker<'a> {
    /// For English drafts about `facts`.
    pub fn new(facts: &'a Facts, verdict: &'a Verdict) -> Self {
        Self { language: Language::ENGLISH, facts, verdict, derived: derived::derived(facts) }
    }

    /// For drafts in another language; one that is not in [`Language::CHECKED`] is read as English.
    pub fn in_language(self, language: Language) -> Self {
        Self { language: language.as_checked(), ..self }
    }

    /// Read `text` and hold all that it says against the facts.
    pub fn check(&self, text: &str) -> Checked {
        let Self { language, facts, verdict, ref derived } = *self;
        let mut page = Page { text, language, facts, verdict, derived, found: Checked::default() };
        let silent = quotes::read(&mut page);
        for (at, slot) in text.match_indices("{{") {
            page.problem(at..at + slot.len(), "this slot is not filled", None);
        }
        for segment in &segment::segments(text, language) {
            let reading = Reading::of(text, segment, &silent, language, facts);
            numbers::read(&mut page, &reading);
            days::read(&mut page, &reading);
            names::read(&mut page, segment, &reading);
            statements::read(&mut page, segment, &reading);
        }
        page.found.problems.sort_by_key(|problem| problem.place.start);
        page.found.problems.dedup_by_key(|problem| problem.place.clone());
        page.found.matches.sort_by_key(|found| found.place.start);
        page.found
    }
}

/// A draft while it is read.
struct Page<'a> {
    text: &'a str,
    language: Language,
    facts: &'a Facts,
    verdict: &'a Verdict,
    derived: &'a [Fact],
    found: Checked,
}

impl Page<'_> {
    fn problem(&mut self, place: Range<usize>, why: impl Into<String>, nearest: Option<&Fact>) {
        let line = 1 + self.text[..place.start].matches('\n').count();
        let text = self.text[place.clone()].to_owned();
        self.found.problems.push(Problem {
            place,
            line,
            text,
            why: why.into(),
            nearest: nearest.map(|fact| fact.id.clone()),
        });
    }

    fn matched(&mut self, place: Range<usize>, fact: &str) {
        let text = self.text[place.clone()].to_owned();
        self.found.matches.push(Match { place, text, fact: fact.to_owned() });
    }

    /// Facts and what is derived from them.
    fn all(&self) -> impl Iterator<Item = &Fact> {
        self.facts.facts.iter().chain(self.derived)
    }
}
