//! Levels: percent that say which interval or which loss is spoken of.

use super::lexicon::Meaning;
use super::number::Unit;
use super::pairs::{is_pair, is_pair_of};
use super::reading::{Item, What};
use super::token::Token;
use crate::facts::Quantity;

/// Percent beside an interval or a loss becomes its level.
pub(super) fn absorb_levels(items: &mut [Item], tokens: &[Token], levels: &[u32], own: usize) {
    let has_pair = (1..items.len()).any(|at| is_pair(items, at));
    let has_loss = items.iter().any(is_loss);
    let listed = listed_levels(items, tokens, levels);
    for at in 0..items.len() {
        let Some(level) = whole_percent(&items[at]) else { continue };
        // The worst 5 % of cases are those beyond 95 %.
        const CASES: [&str; 5] = ["cases", "outcomes", "days", "scenarios", "sessions"];
        let near = if is_worst(&items[at], tokens) { 5 } else { 2 };
        let of_cases =
            has_loss && tokens[items[at].tokens.end..].iter().take(near).any(|token| CASES.contains(&token.word()));
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
        let named = has_loss
            || items.iter().any(|item| item.says(Meaning::Interval) || item.says(Meaning::Measure(Quantity::Coverage)));
        let closes = tokens.get(items[at].tokens.end).is_some_and(|token| token.is_mark(')'));
        let in_brackets =
            is_known && named && closes && before.is_some_and(|token| token.is_mark(',') || token.is_mark('('));
        let is_end = is_known && end_follows(items, at);
        let alone =
            is_known && !in_pair(items, at) && (has_pair || items[at].tokens.start < own || (is_sure && has_loss));
        if noun_follows(items, at)
            || next_word == "level"
            || listed.contains(&at)
            || (is_known && has_pair && !in_pair(items, at) && is_sure_before(&items[at], tokens))
            || is_end
            || of_loss
            || in_brackets
            || (is_known && noun_before(items, at))
            || alone
        {
            items[at].what = What::Level(level);
            if is_sure_before(&items[at], tokens)
                && let Some(before) = at.checked_sub(1)
            {
                items[before].what = What::Said(&[Meaning::Nothing]);
            }
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

/// The items of `the 80 %, 90 % and 95 % levels`.
fn listed_levels(items: &[Item], tokens: &[Token], levels: &[u32]) -> Vec<usize> {
    let is_last = |item: &Item| {
        whole_percent(item).is_some() && tokens.get(item.tokens.end).is_some_and(|token| token.word() == "levels")
    };
    let Some(last) = items.iter().position(is_last) else { return Vec::new() };
    let joins = |item: &Item| item.says(Meaning::And) || matches!(item.what, What::Mark(',' | '/'));
    let is_level = |item: &Item| whole_percent(item).is_some_and(|level| levels.contains(&level));
    let places = (0..=last).rev().take_while(|place| joins(&items[*place]) || is_level(&items[*place]));
    places.filter(|place| is_level(&items[*place])).collect()
}

/// `the worst 5 %`.
fn is_worst(item: &Item, tokens: &[Token]) -> bool {
    item.tokens.start.checked_sub(1).is_some_and(|before| tokens[before].word() == "worst")
}

/// `with a probability of 90 %`.
fn is_sure_before(item: &Item, tokens: &[Token]) -> bool {
    let before = |back: usize| item.tokens.start.checked_sub(back).map_or("", |place| tokens[place].word());
    ["of", "von"].contains(&before(1))
        && ["probability", "confidence", "certainty", "wahrscheinlichkeit"].contains(&before(2))
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
