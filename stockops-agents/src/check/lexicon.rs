//! The words that the checker knows, and what each says of the numbers around it.

mod de;
mod en;
mod es;
mod fr;

use std::collections::HashMap;
use std::sync::OnceLock;

use stockops_core::forecast::Stance;

use crate::facts::Quantity;
use crate::language::Language;
use crate::verdict::{Action, Confidence};

/// Which way a number of sessions looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Ahead,
    Back,
    Either,
}

/// What a chance is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Above,
    Below,
    Touch,
    Wider,
    AnyWider,
}

/// What a word or phrase says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A column of bars: open, high, low, close, volume, range.
    Field(Quantity),
    /// What is measured of it: a move, a skill, a chance.
    Measure(Quantity),
    /// So many sessions.
    Sessions(usize, Way),
    /// A unit of time, in sessions.
    Time(usize),
    /// First, second ...: a session by its number.
    Ordinal(usize),
    /// A small number in a word.
    Number(f64),
    /// A share or a multiple in a word.
    Share(f64),
    Ahead,
    Known,
    /// An interval, whose level and ends stand beside it.
    Interval,
    Low,
    High,
    /// What something is held against.
    Against(&'static str),
    /// A verb or noun of rising or falling.
    Direction(f64),
    /// Above or below something.
    Side(f64),
    Event(Event),
    /// More or less volume than usual.
    Busy(f64),
    Approx,
    More,
    Less,
    /// What is only possible or asked.
    Modal,
    Not,
    /// A word between clauses.
    Clause,
    And,
    To,
    From,
    Between,
    Stance(Stance),
    Confidence,
    Grade(Confidence),
    Action(Action),
    Recommend,
    /// What comes is said to be certain.
    Promise,
    /// The model is better than a rule, or it is not.
    Beats(bool),
    /// The volatility of the outlook, in the fact's word.
    Volatility(&'static str),
    Health(&'static str),
    Currency(&'static str),
    /// What a volume counts.
    Unit(&'static str),
    /// What is counted: the ids of the facts that may be meant.
    Counted(&'static [&'static str]),
    /// Between a part and its whole.
    OutOf,
    /// Overbought or oversold.
    Stretched(f64),
    Exchange(&'static str),
    /// Known, and it says nothing: longer phrases that would be misread by their parts.
    Nothing,
}

type Entry = (&'static str, &'static [Meaning]);

/// Phrases by their first word, the longest first.
pub(super) type Lexicon = HashMap<&'static str, Vec<(Vec<&'static str>, &'static [Meaning])>>;

/// The words of `language`; those of English come behind, since reports mix.
pub(super) fn lexicon(language: Language) -> &'static Lexicon {
    static TABLES: [OnceLock<Lexicon>; 4] = [const { OnceLock::new() }; 4];
    let (index, own): (usize, &[Entry]) = match language {
        Language::GERMAN => (1, de::WORDS),
        Language::FRENCH => (2, fr::WORDS),
        Language::SPANISH => (3, es::WORDS),
        _ => (0, &[]),
    };
    TABLES[index].get_or_init(|| {
        let mut table = Lexicon::new();
        for (phrase, meanings) in own.iter().chain(en::WORDS) {
            let words: Vec<&str> = phrase.split([' ', '-']).collect();
            let entries = table.entry(words[0]).or_default();
            if !entries.iter().any(|(known, _)| *known == words) {
                entries.push((words, meanings));
            }
        }
        table.values_mut().for_each(|entries| entries.sort_by_key(|(words, _)| std::cmp::Reverse(words.len())));
        table
    })
}
