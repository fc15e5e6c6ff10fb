//! Times: numbers of sessions, ordinals and periods of indicators, read off what stands around them.

use super::lexicon::{Meaning, Way};
use super::number::{Num, Unit};
use super::reading::{Item, What};
use super::token::Token;
use crate::facts::{Fact, Facts, Quantity};

/// A whole number that is said in digits or in a word.
fn count(item: &Item) -> Option<usize> {
    match &item.what {
        // `5,842 sessions` is a count too.
        What::Number(num) if num.unit == Unit::Plain && num.sign.is_none() => {
            (num.ulp == 1.0 && num.value < 1e6).then_some(num.value as usize)
        }
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
pub(super) fn absorb_times(items: &mut Vec<Item>, tokens: &[Token]) {
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
            over_time(items, at);
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

/// `über 21 Sitzungen` is a span and no side; `above 200-day averages` is one.
fn over_time(items: &mut [Item], at: usize) {
    let of_average = items.get(at + 1).is_some_and(|next| next.says(Meaning::Measure(Quantity::Average)));
    let Some(before) = at.checked_sub(1).filter(|_| !of_average) else { return };
    let is_side = items[before].says(Meaning::Side(1.0)) && items[before].tokens.end == items[at].tokens.start;
    if is_side {
        items[before].what = What::Said(&[Meaning::Nothing]);
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
pub(super) fn absorb_spans(items: &mut [Item], tokens: &[Token]) {
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

/// `has risen in three months`: what no forecast looks at, and facts look back over, is past.
pub(super) fn turn_back(items: &mut [Item], facts: &Facts) {
    let is_known =
        items.iter().any(|item| item.says(Meaning::Known)) && !items.iter().any(|item| item.says(Meaning::Ahead));
    let has = |is: fn(&Fact) -> Option<usize>, count: usize| facts.facts.iter().any(|fact| is(fact) == Some(count));
    for item in items.iter_mut().filter(|_| is_known) {
        let What::When(count, Way::Ahead) = item.what else { continue };
        if has(|fact| fact.span, count) && !has(|fact| fact.horizon, count) {
            item.what = What::When(count, Way::Back);
        }
    }
}

/// `52-week high` names a fact, and so does, where a skill is spoken of, the `20-day mean`, which is a rule.
pub(super) fn absorb_names(items: &mut Vec<Item>) {
    const HIGH: &[Meaning] =
        &[Meaning::Field(Quantity::High), Meaning::Against("high_52w"), Meaning::Sessions(250, Way::Back)];
    const LOW: &[Meaning] =
        &[Meaning::Field(Quantity::Low), Meaning::Against("low_52w"), Meaning::Sessions(250, Way::Back)];
    let of_skill = items.iter().any(|item| item.says(Meaning::Measure(Quantity::Skill)));
    for at in (1..items.len()).rev() {
        let What::When(span, _) = items[at - 1].what else { continue };
        if items[at - 1].tokens.end + 1 < items[at].tokens.start {
            continue;
        }
        let said: &'static [Meaning] = match span {
            250 if items[at].says(Meaning::Field(Quantity::High)) => HIGH,
            250 if items[at].says(Meaning::Field(Quantity::Low)) => LOW,
            20 if of_skill && items[at].says(Meaning::Measure(Quantity::Average)) => &[Meaning::Against("mean_20")],
            _ => continue,
        };
        let tokens = items[at - 1].tokens.start..items[at].tokens.end;
        items.splice(at - 1..=at, [Item { tokens, what: What::Said(said) }]);
    }
}
