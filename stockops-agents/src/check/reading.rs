//! `Reading`: a segment as items, numbers and dates among what the words say.

use std::ops::Range;

use super::Language;
use super::days::weekday;
use super::lexicon::{Lexicon, Meaning, Way, lexicon};
use super::number::{Num, Unit};
use super::segment::Segment;
use super::token::{Kind, Partial, Token, tokens};
use crate::facts::{Facts, Quantity};

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
        absorb_times(&mut items, &all);
        absorb_spans(&mut items, &all);
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

/// A whole number that is said in digits or in a word.
fn count(item: &Item) -> Option<usize> {
    match &item.what {
        What::Number(num) if num.unit == Unit::Plain && num.sign.is_none() => num.whole(),
        What::Said(said) => said.iter().find_map(|meaning| match meaning {
            Meaning::Number(number) => Some(*number as usize),
            _ => None,
        }),
        _ => None,
    }
}

fn time(item: &Item) -> Option<usize> {
    item.meanings()
        .iter()
        .find_map(|meaning| if let Meaning::Time(sessions) = meaning { Some(*sessions) } else { None })
}

/// `five sessions`, `5-day`, `session 3`, `third session`, `tomorrow` become times.
fn absorb_times(items: &mut Vec<Item>, tokens: &[Token]) {
    let mut at = 0;
    while at < items.len() {
        let fixed = items[at]
            .meanings()
            .iter()
            .find_map(|meaning| if let Meaning::Sessions(count, way) = meaning { Some((*count, *way)) } else { None });
        if let (Some((count, way)), 1) = (fixed, items[at].meanings().len()) {
            items[at].what = What::When(count, way);
        }
        let next = (at + 1..items.len().min(at + 3)).find(|next| {
            let ahead = time(&items[at]).is_some() && items[*next].says(Meaning::Ahead);
            items[*next].what != What::Mark('-') && !ahead
        });
        let Some(next) = next.filter(|next| items[*next].tokens.start <= items[at].tokens.end + 1) else {
            at += 1;
            continue;
        };
        let (first, second) = (&items[at], &items[next]);
        let ordinal =
            first.meanings().iter().find_map(|meaning| if let Meaning::Ordinal(n) = meaning { Some(*n) } else { None });
        let followed = |first: &Item, second: &Item| first.tokens.end + 1 >= second.tokens.start;
        let when = match (count(first), time(second), ordinal) {
            (Some(n), Some(unit), _) if n > 0 => Some((sessions_of(n, unit), way_of(items, tokens, at, next))),
            (_, Some(1), Some(n)) => Some((n, Way::Ahead)),
            _ => match (time(first), count(second)) {
                (Some(1), Some(n)) if n > 0 && n < 100 && followed(first, second) => Some((n, Way::Ahead)),
                _ => None,
            },
        };
        if let Some((count, way)) = when {
            let whole = items[at].tokens.start..items[next].tokens.end;
            items.splice(at..=next, [Item { tokens: whole, what: What::When(count, way) }]);
            share_time(items, at, count, way);
        }
        at += 1;
    }
}

/// `20, 50 and 200 sessions`: the numbers before are times as well.
fn share_time(items: &mut [Item], at: usize, count: usize, way: Way) {
    let mut place = at;
    while let Some(before) = place.checked_sub(2) {
        let joined = matches!(items[before + 1].what, What::Mark(',')) || items[before + 1].says(Meaning::And);
        let number = items[before].number().and_then(Num::whole).filter(|number| *number < count);
        let near = items[before].tokens.end + 1 >= items[before + 1].tokens.start
            && items[before + 1].tokens.end == items[place].tokens.start;
        let Some(number) = number.filter(|number| joined && near && *number > 0) else { break };
        items[before].what = What::When(number, way);
        place = before;
    }
}

/// `count` units of time in sessions: 52 weeks and 12 months are a year of 250.
fn sessions_of(count: usize, unit: usize) -> usize {
    if matches!((count, unit), (52, 5) | (12, 21) | (4, 63)) { 250 } else { count * unit }
}

/// Which way the sessions between the items `at` and `next` look, by the words around them.
fn way_of(items: &[Item], tokens: &[Token], at: usize, next: usize) -> Way {
    let before = tokens[..items[at].tokens.start].iter().rev().take(2).map(Token::word);
    let looks = |meaning: Meaning| {
        let near =
            |item: &&Item| item.tokens.end + 2 > items[at].tokens.start && item.tokens.end <= items[at].tokens.start;
        items[..at].iter().rev().take(2).filter(near).any(|item| item.says(meaning))
            || (meaning == Meaning::Ahead
                && items
                    .get(next + 1)
                    .is_some_and(|item| item.tokens.start < items[next].tokens.end + 2 && item.says(meaning)))
    };
    let is_in = before.into_iter().next().is_some_and(|word| ["in", "within", "dans", "en"].contains(&word));
    if looks(Meaning::Ahead) || is_in {
        Way::Ahead
    } else if looks(Meaning::Known) {
        Way::Back
    } else {
        Way::Either
    }
}

/// `RSI 14`, `SMA(50)`, `MACD (12, 26)`: the numbers of indicators become times.
fn absorb_spans(items: &mut [Item], tokens: &[Token]) {
    // Where the tokens end that belong to an indicator.
    let mut end = None;
    for item in items.iter_mut() {
        let between = end.map(|end: usize| &tokens[end..item.tokens.start.max(end)]);
        let is_beside = between.is_some_and(|between| {
            between.iter().all(|token| ["of", "over", "line", "von", "der", "de", "sur"].contains(&token.word()))
        });
        let is_indicator = item
            .meanings()
            .iter()
            .any(|meaning| matches!(meaning, Meaning::Measure(Quantity::Rsi14 | Quantity::Average | Quantity::Macd)));
        let span = item.number().filter(|num| num.unit == Unit::Plain && num.sign.is_none()).and_then(Num::whole);
        let span = span.filter(|span| is_beside && [9, 12, 14, 20, 26, 50, 200].contains(span));
        if let Some(span) = span {
            // Periods of the MACD are always the same: they say nothing.
            let is_fixed = [9, 12, 26].contains(&span);
            item.what = if is_fixed { What::Said(&[Meaning::Nothing]) } else { What::When(span, Way::Back) };
        }
        let goes_on = is_beside && (span.is_some() || matches!(item.what, What::Mark('(' | ',' | '-')));
        end = (is_indicator || goes_on).then_some(item.tokens.end);
    }
}

/// Percent beside an interval or a loss becomes its level.
fn absorb_levels(items: &mut [Item], tokens: &[Token], levels: &[u32], own: usize) {
    let has_pair = (1..items.len()).any(|at| is_pair(items, at));
    let has_loss = items.iter().any(is_loss);
    for at in 0..items.len() {
        let Some(level) = whole_percent(&items[at]) else { continue };
        // The worst 5 % of cases are those beyond 95 %.
        let of_cases = has_loss && tokens[items[at].tokens.end..].iter().take(2).any(|token| token.word() == "cases");
        if of_cases {
            items[at].what = What::Level(100 - level);
            continue;
        }
        let is_known = levels.contains(&level);
        let next_word = tokens.get(items[at].tokens.end).map_or("", Token::word);
        let is_sure = ["probability", "confidence", "certainty", "wahrscheinlichkeit", "probabilité", "probabilidad"]
            .contains(&next_word);
        let before = items[at].tokens.start.checked_sub(1).map(|before| &tokens[before]);
        let of_loss =
            is_known && has_loss && before.is_some_and(|token| ["at", "bei", "à", "al"].contains(&token.word()));
        let named = has_loss || items.iter().any(|item| item.says(Meaning::Interval));
        let closes = tokens.get(items[at].tokens.end).is_some_and(|token| token.is_mark(')'));
        let in_brackets =
            is_known && named && closes && before.is_some_and(|token| token.is_mark(',') || token.is_mark('('));
        let is_end = is_known && end_follows(items, at);
        let alone =
            is_known && !in_pair(items, at) && (has_pair || items[at].tokens.start < own || (is_sure && has_loss));
        if noun_follows(items, at)
            || next_word == "level"
            || is_end
            || of_loss
            || in_brackets
            || (is_known && noun_before(items, at))
            || alone
        {
            items[at].what = What::Level(level);
            if let Some(next) =
                items.get_mut(at + 1).filter(|next| is_sure && next.says(Meaning::Measure(Quantity::Probability)))
            {
                next.what = What::Said(&[Meaning::Nothing]);
            }
        }
        if is_end {
            let is_low = items[at + 1].says(Meaning::Field(Quantity::Low));
            items[at + 1].what = What::Said(if is_low { &[Meaning::Low] } else { &[Meaning::High] });
        }
    }
}

fn whole_percent(item: &Item) -> Option<u32> {
    let num = item
        .number()
        .filter(|num| num.unit == Unit::Percent && num.sign.is_none() && num.ulp >= 1.0 && num.value < 100.0)?;
    Some(num.value as u32)
}

fn is_loss(item: &Item) -> bool {
    let is =
        |meaning: &Meaning| matches!(meaning, Meaning::Measure(Quantity::ValueAtRisk | Quantity::ExpectedShortfall));
    item.meanings().iter().any(is)
}

/// `80 % interval`, `99 % one-day VaR`.
fn noun_follows(items: &[Item], at: usize) -> bool {
    let after = items[at + 1..].iter().find(|item| !matches!(item.what, What::Mark('-') | What::When(..)));
    after.is_some_and(|item| {
        (is_loss(item) || item.says(Meaning::Interval)) && item.tokens.start <= items[at].tokens.end + 5
    }) && items[at + 1..].iter().take(1).all(|item| item.tokens.start <= items[at].tokens.end + 1)
}

/// `interval at 80 %`, `VaR (95 %)`.
fn noun_before(items: &[Item], at: usize) -> bool {
    let start = items[at].tokens.start;
    let same = |item: &&Item| item.number().is_none() && !matches!(item.what, What::Mark(',' | ';' | ':'));
    items[..at]
        .iter()
        .rev()
        .take_while(same)
        .any(|item| (is_loss(item) || item.says(Meaning::Interval)) && item.tokens.end + 3 >= start)
}

/// `90 % low`.
fn end_follows(items: &[Item], at: usize) -> bool {
    items.get(at + 1).is_some_and(|next| {
        next.tokens.start == items[at].tokens.end
            && (next.says(Meaning::Field(Quantity::Low)) || next.says(Meaning::Field(Quantity::High)))
    })
}

fn in_pair(items: &[Item], at: usize) -> bool {
    is_pair(items, at) || (at + 1..items.len().min(at + 4)).any(|other| is_pair_of(items, at, other))
}

/// Whether the number `at` is the second of a pair: `1 to 2`, `1–2`, `between 1 and 2`, `[1, 2]`.
pub(super) fn is_pair(items: &[Item], at: usize) -> bool {
    (1..=3).any(|back| at.checked_sub(back).is_some_and(|first| is_pair_of(items, first, at)))
}

/// Whether the numbers `first` and `second` are a pair.
pub(super) fn is_pair_of(items: &[Item], first: usize, second: usize) -> bool {
    let (Some(a), Some(b)) = (items.get(first), items.get(second)) else { return false };
    if a.number().is_none() || b.number().is_none() || second <= first + 1 {
        return false;
    }
    let between = &items[first + 1..second];
    // A word that is not known may stand between: `USD 3 to USD 4`.
    let near = b.tokens.start <= a.tokens.end + 4;
    let is_currency = |item: &Item| {
        item.meanings().iter().all(|meaning| matches!(meaning, Meaning::Currency(_) | Meaning::Direction(_)))
    };
    let join = between.iter().find(|item| {
        !matches!(item.what, What::Mark('$' | '€' | '£' | '¥'))
            && !(matches!(item.what, What::Said(_)) && is_currency(item))
    });
    let rest = between
        .iter()
        .filter(|item| {
            matches!(item.what, What::Mark('$' | '€' | '£' | '¥'))
                || (matches!(item.what, What::Said(_)) && is_currency(item))
        })
        .count();
    if !near || rest + 1 != between.len() {
        return false;
    }
    let opened = |mark: fn(&Item) -> bool| items[..first].iter().rev().take(3).any(mark);
    match join.map(|item| &item.what) {
        Some(What::Mark('–' | '—' | '-' | '…')) => true,
        Some(What::Mark(',' | ';')) => opened(|item| matches!(item.what, What::Mark('['))),
        Some(What::Said(said)) if said.contains(&Meaning::To) => true,
        Some(What::Said(said)) if said.contains(&Meaning::And) => opened(|item| item.says(Meaning::Between)),
        _ => false,
    }
}
