//! `Around`: what the words around a number say of it.

use std::ops::Range;

use super::lexicon::Meaning;
use super::number::{Num, Unit};
use super::pairs::is_pair_of;
use super::reading::{Item, Reading, What};

/// A mention that speaks of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found<T> {
    pub(super) value: T,
    /// Nothing stands between: no comma, no `and`, no other clause.
    pub(super) is_tight: bool,
    /// It stands behind the number.
    pub(super) is_after: bool,
    /// Tokens between, and what else separates.
    pub(super) cost: usize,
}

/// The surroundings of item `at`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) reading: &'a Reading,
    pub(super) at: usize,
}

impl<'a> Around<'a> {
    /// The nearest item of which `pick` makes something: those before are preferred, and so is the same clause.
    pub(super) fn nearest<T: Copy>(&self, pick: impl Fn(&Item) -> Option<T>) -> Option<Found<T>> {
        let before = self.walk((0..self.at).rev(), &pick, false);
        let after = self.walk(self.at + 1..self.reading.items.len(), &pick, true);
        match (before, after) {
            (Some(before), Some(after)) if after.cost < before.cost => Some(after),
            (Some(before), _) => Some(before),
            (None, after) => after,
        }
    }

    /// The first meaning of the nearest item of which `pick` makes something.
    pub(super) fn meant<T: Copy>(&self, pick: impl Fn(&Meaning) -> Option<T>) -> Option<Found<T>> {
        self.nearest(|item| item.meanings().iter().find_map(&pick))
    }

    /// The other number of a pair, and whether it stands before.
    pub(super) fn partner(&self) -> Option<(usize, bool)> {
        let items = &self.reading.items;
        let before = (self.at.saturating_sub(4)..self.at).find(|first| is_pair_of(items, *first, self.at));
        let after = || (self.at + 1..items.len().min(self.at + 5)).find(|second| is_pair_of(items, self.at, *second));
        before.map(|first| (first, true)).or_else(|| after().map(|second| (second, false)))
    }

    /// Tokens of the item.
    fn tokens(&self) -> &Range<usize> {
        &self.reading.items[self.at].tokens
    }

    /// What it costs more to take a time that stands right behind another number: `1 tomorrow to 2 in five sessions`.
    fn owned(&self, place: usize) -> usize {
        if self.is_of_number_before(place) { 6 } else { 0 }
    }

    /// Whether `place` is a time that stands right behind a number, and so is of that number.
    fn is_of_number_before(&self, place: usize) -> bool {
        let items = &self.reading.items;
        let is_time = matches!(items[place].what, What::When(..) | What::Date(_));
        // The unit of that number may stand between: `6.42 million shares on Monday`.
        let is_unit =
            |item: &Item| item.meanings().iter().any(|said| matches!(said, Meaning::Unit(_) | Meaning::Currency(_)));
        let before = items[..place].iter().rev().find(|item| !is_unit(item));
        let owned = before.is_some_and(|item| {
            item.number().is_some()
                && items[place - 1].tokens.end + 1 >= items[place].tokens.start
                && item.tokens.start >= self.reading.own
        });
        is_time && owned
    }

    /// The nearest time. In `from 1 on Friday to 2` the Friday is of 1 alone.
    pub(super) fn time<T: Copy>(&self, is_after_to: bool, pick: impl Fn(&Item) -> Option<T>) -> Option<Found<T>> {
        let items = &self.reading.items;
        let others = |item: &Item| {
            let before = items[..self.at].iter().position(|other| other.tokens == item.tokens);
            is_after_to && before.is_some_and(|place| self.is_of_number_before(place))
        };
        self.nearest(|item| if others(item) { None } else { pick(item) })
    }

    /// Whether words behind the number `place` may speak of this one too: it is of another unit, or the whole of which this is
    /// a part.
    fn is_transparent(&self, place: usize) -> bool {
        let is_percent = |num: &Num| matches!(num.unit, Unit::Percent | Unit::Points);
        let (own, other) = (self.reading.items[self.at].number(), self.reading.items[place].number());
        let differs = own.zip(other).is_some_and(|(own, other)| is_percent(own) != is_percent(other));
        differs
            || self.reading.items[..place].last().is_some_and(|item| item.says(Meaning::OutOf))
            || self.is_part_of(place)
    }

    /// `3 of 11`: nothing but a word for `of` stands between.
    fn is_part_of(&self, place: usize) -> bool {
        let between = self.tokens().end..self.reading.items[place].tokens.start.max(self.tokens().end);
        matches!(&self.reading.tokens[between], [word] if ["of", "von", "de", "sur"].contains(&word.word()))
    }

    fn walk<T: Copy>(
        &self,
        places: impl Iterator<Item = usize>,
        pick: &impl Fn(&Item) -> Option<T>,
        is_after: bool,
    ) -> Option<Found<T>> {
        let partner = self.partner().map(|(place, _)| place);
        let mut crossed = 0;
        let mut best: Option<Found<T>> = None;
        for place in places {
            let item = &self.reading.items[place];
            if let Some(value) = pick(item) {
                let gap = if is_after {
                    item.tokens.start - self.tokens().end
                } else {
                    self.tokens().start - item.tokens.end
                };
                let cost = gap + crossed + usize::from(is_after) + if is_after { 0 } else { self.owned(place) };
                if best.as_ref().is_none_or(|best| cost < best.cost) {
                    best = Some(Found { value, is_tight: crossed == 0, is_after, cost });
                }
            }
            let in_pair = partner.is_some_and(|partner| (self.at.min(partner)..=self.at.max(partner)).contains(&place));
            if in_pair {
                continue;
            }
            let stops = self.reading.items[self.at].number().is_some();
            let stops = stops && !self.is_transparent(place);
            crossed += match crossing(item, is_after && stops) {
                Some(cost) => cost,
                None => break,
            };
        }
        best
    }
}

/// What it costs to look past an item; none where nothing beyond speaks of the number.
fn crossing(item: &Item, is_after: bool) -> Option<usize> {
    Some(match &item.what {
        What::Number(_) if is_after => return None,
        What::Number(_) => 3,
        What::Mark(';') => 20,
        What::Mark(',' | ':' | '–' | '—' | '/') => 8,
        What::Mark('(' | '[') => {
            if is_after {
                8
            } else {
                4
            }
        }
        What::Mark(')' | ']') => {
            if is_after {
                12
            } else {
                30
            }
        }
        What::Said(said) if said.contains(&Meaning::And) => {
            if is_after {
                10
            } else {
                6
            }
        }
        What::Said(said) if said.contains(&Meaning::Clause) => 8,
        _ => 0,
    })
}
