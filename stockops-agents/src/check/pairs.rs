//! Pairs: the two numbers of an interval or of a way from one to the other.

use super::lexicon::Meaning;
use super::reading::{Item, What};

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
    let is_currency = |item: &Item| match item.what {
        What::Mark(mark) => "$€£¥".contains(mark),
        What::Said(said) => said.iter().all(|meaning| matches!(meaning, Meaning::Currency(_) | Meaning::Direction(_))),
        _ => false,
    };
    let joins: Vec<&Item> = between.iter().filter(|item| !is_currency(item)).collect();
    let [join] = joins[..] else { return false };
    if !near {
        return false;
    }
    let opened = |mark: fn(&Item) -> bool| items[..first].iter().rev().take(3).any(mark);
    match &join.what {
        What::Mark('–' | '—' | '-' | '…') => true,
        What::Mark(',' | ';') => opened(|item| matches!(item.what, What::Mark('['))),
        What::Said(said) if said.contains(&Meaning::To) => true,
        What::Said(said) if said.contains(&Meaning::And) => opened(|item| item.says(Meaning::Between)),
        _ => false,
    }
}
