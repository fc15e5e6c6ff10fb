//! Lists: `open, high, low and close of 1, 2, 3 and 4`, and so many numbers for so many sessions.

use std::collections::HashMap;

use super::claim::When;
use super::lexicon::{Meaning, Way};
use super::reading::{Item, Reading, What};
use crate::facts::Quantity;

/// What a list says of a number in its place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Placed {
    pub(super) field: Option<Quantity>,
    pub(super) when: Option<When>,
    pub(super) measure: Option<Quantity>,
    pub(super) level: Option<u32>,
}

/// The numbers that stand in lists, by their item.
pub(super) fn placed(reading: &Reading) -> HashMap<usize, Placed> {
    let numbers = runs(reading, |item| item.number().map(|_| ()));
    let fields = runs(reading, |item| {
        item.meanings().iter().find_map(|meaning| if let Meaning::Field(field) = meaning { Some(*field) } else { None })
    });
    let in_letters = letters(reading);
    let times = runs(reading, |item| match &item.what {
        What::When(count, way) => Some(When::Sessions(*count, *way)),
        What::Date(_) => Some(When::Day(item.tokens.start)),
        _ => None,
    });
    let counted = |count: usize| {
        reading.items.iter().any(|item| matches!(item.what, What::When(said, way) if said == count && way != Way::Back))
    };
    let levels = runs(reading, |item| if let What::Level(level) = item.what { Some(level) } else { None });
    let mut found = HashMap::new();
    for run in numbers {
        let of_fields = fields.iter().chain(&in_letters).find(|other| other.len() == run.len());
        let of_levels = levels.iter().find(|other| other.len() == run.len());
        let of_times = times.iter().find(|other| other.len() == run.len());
        for (index, (place, ())) in run.iter().enumerate() {
            let in_order = (run.len() > 2 && counted(run.len())).then_some(When::Sessions(index + 1, Way::Ahead));
            let field = of_fields.map(|fields| fields[index].1);
            let when = of_times.map(|times| times[index].1).or(in_order);
            let level = of_levels.map(|levels| levels[index].1);
            found.insert(*place, Placed { field, when, level, measure: None });
        }
    }
    found.extend(bracketed(reading));
    found
}

/// `the 20-day (1), 50-day (2) and 200-day (3) averages`: each number in brackets is of the time before it, and all of what stands
/// behind the last.
fn bracketed(reading: &Reading) -> HashMap<usize, Placed> {
    let items: Vec<(usize, &Item)> = reading.own_items().filter(|(_, item)| !is_currency(item)).collect();
    let mut run: Vec<(usize, When)> = Vec::new();
    let mut at = 0;
    while let Some([(_, time), (_, opens), (place, number), (_, closes)]) = items.get(at..at + 4) {
        let is_one = opens.what == What::Mark('(') && closes.what == What::Mark(')') && number.number().is_some();
        match time.what {
            What::When(count, way) if is_one => {
                run.push((*place, When::Sessions(count, way)));
                at += 4;
                let joins = |item: &Item| item.what == What::Mark(',') || item.says(Meaning::And);
                while items.get(at).is_some_and(|(_, item)| joins(item)) {
                    at += 1;
                }
            }
            _ if run.is_empty() => at += 1,
            _ => break,
        }
    }
    let measure = items.get(at).and_then(|(_, item)| {
        item.meanings().iter().find_map(|said| if let Meaning::Measure(measure) = said { Some(*measure) } else { None })
    });
    let Some(measure) = measure.filter(|_| run.len() > 1) else { return HashMap::new() };
    let of = |when| Placed { when: Some(when), measure: Some(measure), ..Placed::default() };
    run.into_iter().map(|(place, when)| (place, of(when))).collect()
}

fn is_currency(item: &Item) -> bool {
    matches!(item.what, What::Mark(mark) if "$€£¥".contains(mark))
}

/// `O/H/L/C` and `OHLC` are a list of fields.
fn letters(reading: &Reading) -> Option<Vec<(usize, Quantity)>> {
    let words: Vec<&str> = reading.tokens.iter().map(|token| token.word()).filter(|word| !word.is_empty()).collect();
    let is_said = words.contains(&"ohlc") || words.windows(4).any(|four| four == ["o", "h", "l", "c"]);
    is_said.then(|| [Quantity::Open, Quantity::High, Quantity::Low, Quantity::Close].map(|field| (0, field)).to_vec())
}

/// Runs of two or more items of which `pick` makes something, with nothing but commas and `and` between.
fn runs<T: Copy>(reading: &Reading, pick: impl Fn(&Item) -> Option<T>) -> Vec<Vec<(usize, T)>> {
    let mut all: Vec<Vec<(usize, T)>> = Vec::new();
    let mut run: Vec<(usize, T)> = Vec::new();
    let mut end = 0;
    for (place, item) in reading.items.iter().enumerate().filter(|(_, item)| item.tokens.start >= reading.own) {
        // `1 % above and 2 % below`: a side between divides nothing where a list goes on behind it.
        let goes_on = |item: &Item| item.says(Meaning::And) || matches!(item.what, What::Mark(','));
        let is_side = item.meanings().iter().any(|said| matches!(said, Meaning::Side(_)))
            && item.tokens.start == end
            && reading.items.get(place + 1).is_some_and(goes_on);
        let joins = matches!(item.what, What::Mark(',' | '/')) || item.says(Meaning::And) || is_side;
        match pick(item) {
            Some(value) if run.is_empty() || item.tokens.start <= end + 1 => run.push((place, value)),
            Some(value) => {
                all.push(std::mem::take(&mut run));
                run.push((place, value));
            }
            None if joins => {}
            None => all.push(std::mem::take(&mut run)),
        }
        end = item.tokens.end;
    }
    all.push(run);
    all.retain(|run| run.len() > 1);
    all
}
