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
    let counted = |count: usize| reading.items.iter().any(|item| item.what == What::When(count, Way::Ahead));
    let mut found = HashMap::new();
    for run in numbers {
        let of_fields = fields.iter().chain(&in_letters).find(|other| other.len() == run.len());
        let of_times = times.iter().find(|other| other.len() == run.len());
        for (index, (place, ())) in run.iter().enumerate() {
            let in_order = (run.len() > 2 && counted(run.len())).then_some(When::Sessions(index + 1, Way::Ahead));
            let field = of_fields.map(|fields| fields[index].1);
            let when = of_times.map(|times| times[index].1).or(in_order);
            found.insert(*place, Placed { field, when });
        }
    }
    found
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
        let joins = matches!(item.what, What::Mark(',' | '/')) || item.says(Meaning::And);
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
