//! What is put right in rows: their order, prices that are not there, rounding.

use chrono::NaiveDate;

use crate::market::Bar;
use crate::market::finding::{Action, Finding, FindingKind, many};

/// A row with its place in the order that was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    pub(super) place: usize,
    pub(super) bar: Bar,
}

/// How far high and low may miss open and close, relative to the price: what sources lose in scaling and printing.
const ROUNDING: f64 = 1e-8;

/// Sort by day; of one day, the row that came last in time stays last, also in a file that runs backwards.
pub(super) fn in_order(rows: Vec<Bar>, findings: &mut Vec<Finding>) -> Vec<Placed> {
    let mut rows: Vec<Placed> = rows.into_iter().enumerate().map(|(place, bar)| Placed { place, bar }).collect();
    let late: Vec<NaiveDate> =
        rows.windows(2).filter(|pair| pair[1].bar.date < pair[0].bar.date).map(|pair| pair[1].bar.date).collect();
    let rises = rows.windows(2).filter(|pair| pair[1].bar.date > pair[0].bar.date).count();
    let backwards = late.len() > rises;
    // A whole file turned round is one thing to say, not a thousand.
    if backwards && rises == 0 && rows.len() > 2 {
        let text = "rows ran from the newest to the oldest, and were turned round".to_owned();
        let (kind, action) = (FindingKind::Unsorted, Action::Sorted);
        findings.push(Finding { kind, count: rows.len(), days: Vec::new(), action, text });
    } else {
        findings.extend(Finding::over(FindingKind::Unsorted, Action::Sorted, &late, |n| {
            format!("{} out of order, sorted by day", many(n, "row"))
        }));
    }
    if backwards {
        rows.reverse();
    }
    rows.sort_by_key(|row| row.bar.date);
    rows
}

/// Leave out rows without prices, and put right what can be.
pub(super) fn values(rows: &mut Vec<Placed>, findings: &mut Vec<Finding>) {
    use {Action::*, FindingKind as Kind};
    let mut days: [Vec<NaiveDate>; 4] = Default::default();
    let mut before: Option<f64> = None;
    rows.retain_mut(|Placed { bar, .. }| {
        if bar.volume.is_nan() {
            bar.volume = 0.0;
        }
        let repaired = repair(bar, before);
        if let Some(kind) = repaired {
            days[kind as usize].push(bar.date);
        }
        let has_prices = repaired != Some(Repair::NoPrices);
        if has_prices {
            before = Some(bar.close);
        }
        has_prices
    });
    for (days, (kind, action, text)) in days.iter().zip([
        (Kind::NoPrices, Dropped, "without prices, left out"),
        (Kind::OpenUnknown, Repaired, "without an open, for which the close before is taken, within the day's range"),
        (Kind::RangeUnknown, Repaired, "with a close alone, which is taken for open, high and low"),
        (Kind::Rounding, Repaired, "whose high or low missed open or close by rounding, widened"),
    ]) {
        findings.extend(Finding::over(kind, action, days, |n| format!("{} {text}", many(n, "row"))));
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Repair {
    NoPrices,
    Open,
    Range,
    Rounding,
}

fn repair(bar: &mut Bar, before: Option<f64>) -> Option<Repair> {
    let is_missing = |price: f64| price.is_nan() || price == 0.0;
    match [bar.open, bar.high, bar.low, bar.close].map(is_missing) {
        [true, true, true, true] => return Some(Repair::NoPrices),
        [true, true, true, false] => {
            (bar.open, bar.high, bar.low) = (bar.close, bar.close, bar.close);
            return Some(Repair::Range);
        }
        [true, false, false, false] if bar.low <= bar.high => {
            bar.open = before.unwrap_or(bar.close).max(bar.low).min(bar.high);
            widen(bar);
            return Some(Repair::Open);
        }
        _ => {}
    }
    widen(bar).then_some(Repair::Rounding)
}

/// Widen high and low by what is rounding; whether anything was.
fn widen(bar: &mut Bar) -> bool {
    let (bottom, top) = (bar.open.min(bar.close), bar.open.max(bar.close));
    let high = bar.high < top && bar.high >= top * (1.0 - ROUNDING);
    let low = bar.low > bottom && bar.low <= bottom * (1.0 + ROUNDING);
    if high {
        bar.high = top;
    }
    if low {
        bar.low = bottom;
    }
    high || low
}
