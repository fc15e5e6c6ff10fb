//! `Reading`: a segment as items, numbers and dates among what the words say.

use std::ops::Range;

use super::days::{name_days, name_last_close, weekday};
use super::levels::absorb_levels;
use super::lexicon::{Lexicon, Meaning, Way, lexicon};
use super::number::Num;
use super::segment::Segment;
use super::times::{absorb_names, absorb_spans, absorb_times, turn_back};
use super::token::{Kind, Partial, Token, tokens};
use crate::facts::Facts;
use crate::language::Language;

/// What an item is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Said(&'static [Meaning]),
    Number(Num),
    Date(Vec<Partial>),
    /// So many sessions ahead or back.
    When(usize, Way),
    /// Level of an interval or loss, in percent.
    Level(u32),
    Mark(char),
}

/// A part of a segment that says something; `tokens` are those that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) tokens: Range<usize>,
    pub(super) what: What,
}

/// A segment that was read: labels first, then its own text.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) tokens: Vec<Token>,
    pub(super) items: Vec<Item>,
    /// The first token of the segment's own text.
    pub(super) own: usize,
    /// What the heading says.
    pub(super) heading: Vec<Meaning>,
    /// Whether a label says that plain numbers are percent.
    pub(super) in_percent: bool,
}

impl Item {
    /// Whether it says `meaning`.
    pub(super) fn says(&self, meaning: Meaning) -> bool {
        self.meanings().contains(&meaning)
    }

    pub(super) fn meanings(&self) -> &'static [Meaning] {
        match self.what {
            What::Said(meanings) => meanings,
            _ => &[],
        }
    }

    pub(super) fn number(&self) -> Option<&Num> {
        match &self.what {
            What::Number(num) => Some(num),
            _ => None,
        }
    }
}

impl Reading {
    /// Read `segment` of `draft`, of which the bytes in `silent` are left out.
    pub(super) fn of(
        draft: &str,
        segment: &Segment,
        silent: &[Range<usize>],
        language: Language,
        facts: &Facts,
    ) -> Self {
        let read = |range: &Range<usize>| tokens(&draft[range.clone()], range.start, language);
        let words = lexicon(language);
        let mut all: Vec<Token> = segment.labels.iter().flat_map(read).collect();
        let in_percent = all.iter().any(|token| token.is_mark('%'));
        let own = all.len();
        let loud = |token: &Token| !silent.iter().any(|range| range.start <= token.start && token.end <= range.end);
        all.extend(read(&segment.text).into_iter().filter(loud));
        let heading = segment.heading.as_ref().map(|range| phrases(&read(range), words)).unwrap_or_default();
        let heading = heading.iter().flat_map(Item::meanings).copied().collect();
        let mut items = phrases(&all, words);
        let levels: Vec<u32> = facts.facts.iter().filter_map(|fact| fact.level).collect();
        name_days(&mut items, &all, facts);
        name_last_close(&mut items, facts);
        absorb_times(&mut items, &all);
        absorb_spans(&mut items, &all);
        absorb_names(&mut items);
        turn_back(&mut items, facts);
        absorb_levels(&mut items, &all, &levels, if segment.is_heading { usize::MAX } else { own });
        Self { tokens: all, items, own, heading, in_percent }
    }

    /// The items of the segment's own text.
    pub(super) fn own_items(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.items.iter().enumerate().filter(|(_, item)| item.tokens.start >= self.own)
    }

    /// Whether anything in the segment, its labels or its heading says so.
    pub(super) fn says(&self, is: impl Fn(&Meaning) -> bool) -> bool {
        self.items.iter().flat_map(Item::meanings).any(&is) || self.heading.iter().any(is)
    }

    /// Bytes of an item.
    pub(super) fn bytes(&self, item: &Item) -> Range<usize> {
        self.tokens[item.tokens.start].start..self.tokens[item.tokens.end - 1].end
    }
}

/// Items of `tokens` by the longest phrases; words that say nothing are passed over.
fn phrases(tokens: &[Token], words: &Lexicon) -> Vec<Item> {
    let mut items = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (len, what) = match &tokens[at].kind {
            Kind::Number(num) => (1, Some(What::Number(*num))),
            Kind::Date(days) => (1, Some(What::Date(days.clone()))),
            // The comma of `Friday, 7 August` divides nothing.
            Kind::Mark(',') if at > 0 && weekday(tokens[at - 1].word()).is_some() => (1, None),
            Kind::Mark(mark) => (1, Some(What::Mark(*mark))),
            Kind::Word(word) => phrase_at(tokens, at, words)
                .map_or((1, horizon_word(word)), |(len, said)| (len, Some(What::Said(said)))),
        };
        items.extend(what.map(|what| Item { tokens: at..at + len, what }));
        at += len;
    }
    items
}

/// `h5`.
fn horizon_word(word: &str) -> Option<What> {
    let sessions = word.strip_prefix('h')?.parse().ok().filter(|count: &usize| *count > 0)?;
    Some(What::When(sessions, Way::Either))
}

/// The longest phrase that begins at a word: hyphens and apostrophes between its words count for nothing.
fn phrase_at(tokens: &[Token], at: usize, words: &Lexicon) -> Option<(usize, &'static [Meaning])> {
    let entries = words.get(tokens[at].word())?;
    entries.iter().find_map(|(phrase, said)| {
        let mut place = at;
        for (index, word) in phrase.iter().enumerate() {
            if index > 0
                && tokens
                    .get(place)
                    .is_some_and(|token| token.is_mark('-') || token.is_mark('\'') || token.is_mark('’'))
            {
                place += 1;
            }
            let (word, possessive) = word.split_once('\'').map_or((*word, false), |(word, _)| (word, true));
            if tokens.get(place).map(Token::word) != Some(word) {
                return None;
            }
            place += if possessive { 3 } else { 1 };
        }
        (place <= tokens.len()).then_some((place - at, *said))
    })
}
