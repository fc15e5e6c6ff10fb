//! What a new answer says about rows that are known: nothing, some days more, or another history.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::source::raw::{RawBars, RawRow};

/// How far equal values may differ, as a share: sources keep prices in 32 bits and scale them anew for each answer, so some
/// 1e-7. The smallest payment that matters is a hundred times that.
const JITTER: f64 = 1e-6;
/// Newest rows that a source may still correct (closing auctions, volume) without another history behind it.
pub(super) const CORRECTED: usize = 3;

/// Rows and events of `fresh`, the answer for the last days, that are new or corrected beside those that are `known`; `None`
/// where a row that should stand is another one, so that the history was corrected or scaled anew.
///
/// Values that differ by jitter stay as they are known, and so does a row that does not come again.
pub(super) fn merge(known: &RawBars, fresh: &RawBars) -> Option<RawBars> {
    let by_day = by_day(known);
    let newest = known.rows.iter().rev().take(CORRECTED).map(|row| row.day).min();
    let mut days =
        RawBars { rows: Vec::new(), dividends: Vec::new(), gains: Vec::new(), splits: Vec::new(), ..fresh.clone() };
    for row in fresh.rows.iter().filter(|row| row.has_close()) {
        let kept = by_day.get(&row.day).map_or(*row, |known| steady(known, row));
        match by_day.get(&row.day) {
            Some(known) if **known == kept => {}
            Some(known) if newest.is_none_or(|newest| known.day < newest) => return None,
            _ => days.rows.push(kept),
        }
    }
    days.dividends = news(&known.dividends, &fresh.dividends, |payment| (payment.day, payment.amount));
    days.gains = news(&known.gains, &fresh.gains, |payment| (payment.day, payment.amount));
    days.splits = news(&known.splits, &fresh.splits, |split| (split.day, split.ratio()));
    // With new shares the rows before count in others, also where all of them are among the newest.
    days.splits.is_empty().then_some(days)
}

/// `fresh` with the values of `known` where both differ by jitter alone.
pub(super) fn steady_rows(known: &RawBars, fresh: &RawBars) -> Vec<RawRow> {
    let by_day = by_day(known);
    fresh.rows.iter().map(|row| by_day.get(&row.day).map_or(*row, |known| steady(known, row))).collect()
}

fn by_day(raw: &RawBars) -> BTreeMap<NaiveDate, &RawRow> {
    raw.rows.iter().map(|row| (row.day, row)).collect()
}

fn steady(known: &RawRow, fresh: &RawRow) -> RawRow {
    let [open, high, low, close, volume, adj_close] = known.numbers();
    RawRow {
        day: fresh.day,
        open: steady_number(open, fresh.open),
        high: steady_number(high, fresh.high),
        low: steady_number(low, fresh.low),
        close: steady_number(close, fresh.close),
        volume: steady_number(volume, fresh.volume),
        adj_close: steady_number(adj_close, fresh.adj_close),
    }
}

/// The known number where the fresh one is it but for jitter, or is not there.
fn steady_number(known: Option<f64>, fresh: Option<f64>) -> Option<f64> {
    match (known, fresh) {
        (Some(known), Some(fresh)) if (known - fresh).abs() <= JITTER * known.abs() => Some(known),
        (known, fresh) => fresh.or(known),
    }
}

/// Events of `fresh` that are not `known`, by their day and number.
fn news<E: Copy>(known: &[E], fresh: &[E], of: impl Fn(&E) -> (NaiveDate, f64)) -> Vec<E> {
    let is_same = |(day, number): (NaiveDate, f64), other: &E| {
        let (known_day, known_number) = of(other);
        day == known_day && steady_number(Some(known_number), Some(number)) == Some(known_number)
    };
    fresh.iter().filter(|event| !known.iter().any(|other| is_same(of(event), other))).copied().collect()
}
