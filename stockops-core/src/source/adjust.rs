//! Prices scaled by an Adj Close column, and volume by the splits in it.

use chrono::NaiveDate;

use super::rows::Row;
use crate::market::{Action, Finding, FindingKind, split_near};

/// Below this a factor is rounding of the source, and the price stays as quoted.
const ROUNDING: f64 = 1e-9;
/// How near a step of the factor must come to the ratio of a split, in log units: Adj Close has two decimals at the
/// least, which is a part in a hundred for a price of 0.5.
const STEP_TOLERANCE: f64 = 0.01;
/// How far the quoted price may move over the night of a split, in log units.
const NIGHT_TOLERANCE: f64 = 0.25;

/// Scale the prices and the volume of `rows`, and tell it to `findings`; what was done, in words.
pub(super) fn adjust(rows: &mut [Row], findings: &mut Vec<Finding>) -> String {
    let Some(factors) = Factors::of(rows) else {
        return "none: there is no column of adjusted closes".to_owned();
    };
    let (mut days, mut smallest) = (Vec::new(), f64::INFINITY);
    for (row, (price, shares)) in rows.iter_mut().zip(&factors.of_rows) {
        // A price that is not there stays so.
        if *shares != 1.0 {
            row.bar.volume *= shares;
        }
        if (price - 1.0).abs() < ROUNDING {
            continue;
        }
        // One factor above 0 for the whole row, and rounding is monotone: the order of the four prices stays.
        for value in [&mut row.bar.open, &mut row.bar.high, &mut row.bar.low, &mut row.bar.close] {
            *value *= price;
        }
        days.push(row.bar.date);
        smallest = smallest.min(*price);
    }
    days.sort();
    let volume = factors.volume_in_words();
    let plural = |n: usize| if n == 1 { "row" } else { "rows" };
    findings.extend(Finding::over(FindingKind::AdjustmentUnknown, Action::Repaired, &factors.unknown, |n| {
        format!("{n} {} without Adj Close, for which the factor of the next row is taken", plural(n))
    }));
    findings.extend(Finding::over(FindingKind::Adjusted, Action::Adjusted, &days, |n| {
        format!("prices of {n} {} scaled by Adj Close, by {smallest:.6} at the least, {volume}", plural(n))
    }));
    format!("prices scaled by Adj Close, {volume}")
}

/// What each row is multiplied by.
struct Factors {
    /// Price and volume, in the order of the rows.
    of_rows: Vec<(f64, f64)>,
    /// Days of splits, with new shares for old ones.
    splits: Vec<(NaiveDate, (u32, u32))>,
    /// Days with prices and without Adj Close.
    unknown: Vec<NaiveDate>,
}

impl Factors {
    /// Factors relative to the last row that has one; `None` where no row has.
    fn of(rows: &[Row]) -> Option<Self> {
        let mut order: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].bar.close > 0.0).collect();
        order.sort_by_key(|i| rows[*i].bar.date);
        let ratio = |i: usize| rows[i].adj_close.map(|adj| adj / rows[i].bar.close);
        let last = order.iter().rev().find_map(|i| ratio(*i))?;
        let mut factors = Self { of_rows: vec![(1.0, 1.0); rows.len()], splits: Vec::new(), unknown: Vec::new() };
        let (mut next, mut later, mut shares) = (last, None, 1.0);
        for i in order.into_iter().rev() {
            let own = ratio(i).unwrap_or(next);
            if rows[i].adj_close.is_none() {
                factors.unknown.push(rows[i].bar.date);
            }
            if let Some((new, old)) = later.and_then(|later: usize| split(own, next, &rows[i], &rows[later])) {
                shares *= f64::from(new) / f64::from(old);
                factors.splits.push((rows[later.unwrap_or(i)].bar.date, (new, old)));
            }
            factors.of_rows[i] = (own / last, shares);
            (next, later) = (own, Some(i));
        }
        factors.unknown.reverse();
        factors.splits.reverse();
        Some(factors)
    }

    fn volume_in_words(&self) -> String {
        if self.splits.is_empty() {
            return "volume as it was".to_owned();
        }
        let named: Vec<String> =
            self.splits.iter().take(5).map(|(day, (new, old))| format!("{new}:{old} on {day}")).collect();
        let more = if self.splits.len() > named.len() { ", ..." } else { "" };
        format!("volume before splits counted in shares of today ({}{more})", named.join(", "))
    }
}

/// The split between `row` and the row after it, if the step of their factors is one.
fn split(own: f64, next: f64, row: &Row, after: &Row) -> Option<(u32, u32)> {
    let step = (next / own).ln();
    let open = if after.bar.open > 0.0 { after.bar.open } else { after.bar.close };
    let night = (row.bar.close / open).ln();
    split_near(step, STEP_TOLERANCE).filter(|_| (night - step).abs() < NIGHT_TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Bar;
    use crate::source::stamp::Stamp;
    use proptest::prelude::*;

    fn row(date: &str, close: f64, adj_close: f64) -> Row {
        let date = date.parse().unwrap();
        let bar = Bar { date, open: close, high: close, low: close, close, volume: 7.0 };
        Row { place: 0, stamp: Stamp::Day(date), bar, adj_close: Some(adj_close) }
    }

    fn adjusted(rows: &mut [Row]) -> Vec<String> {
        let mut findings = Vec::new();
        adjust(rows, &mut findings);
        findings.into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn the_last_close_stays_as_quoted_whatever_the_order() {
        // A 2:1 split on the second day; Adj Close is half of the quote on the last day as well.
        let mut rows = [row("2024-05-02", 50.0, 25.0), row("2024-05-01", 100.0, 25.0)];
        let text = "prices of 1 row scaled by Adj Close, by 0.500000 at the least, volume before splits counted in shares of \
                    today (2:1 on 2024-05-02)";
        assert_eq!(adjusted(&mut rows), [text]);
        assert_eq!([rows[0].bar.close, rows[1].bar.close], [50.0, 50.0]);
        assert_eq!([rows[0].bar.volume, rows[1].bar.volume], [7.0, 14.0]);
    }

    #[test]
    fn a_split_of_twenty_leaves_no_jump_in_price_or_volume_and_a_dividend_leaves_volume_alone() {
        // A dividend of 2 % on the second day, then 20:1 on the third, whose open is 3 % off.
        let mut rows =
            [row("2022-06-02", 2500.0, 122.5), row("2022-06-03", 2450.0, 122.5), row("2022-06-06", 122.5, 122.5)];
        rows[2].bar.open = 126.0;
        rows[2].bar.volume = 140.0;
        adjusted(&mut rows);
        let volumes = rows.each_ref().map(|row| row.bar.volume);
        assert_eq!(volumes, [140.0, 140.0, 140.0]);
        assert!(rows.iter().all(|row| (row.bar.close - 122.5).abs() < 1e-9), "{rows:?}");
    }

    #[test]
    fn a_great_dividend_is_no_split() {
        // A third of the price is paid out: the step is 1.53, near no ratio, and the price falls as it does in a split.
        let mut rows = [row("2024-05-01", 100.0, 65.3), row("2024-05-02", 65.3, 65.3)];
        adjusted(&mut rows);
        assert_eq!(rows[0].bar.volume, 7.0);
        // A step of 2 without a fall of the quote: quotes are adjusted for splits already.
        let mut rows = [row("2024-05-01", 100.0, 50.0), row("2024-05-02", 100.0, 100.0)];
        adjusted(&mut rows);
        assert_eq!(rows[0].bar.volume, 7.0);
    }

    #[test]
    fn a_row_without_adj_close_has_the_factor_of_the_next_one() {
        let mut rows = [row("2024-05-01", 100.0, 49.0), row("2024-05-02", 100.0, 1.0), row("2024-05-03", 50.0, 50.0)];
        rows[1].adj_close = None;
        let texts = adjusted(&mut rows);
        assert_eq!(texts[0], "1 row without Adj Close, for which the factor of the next row is taken");
        assert_eq!(rows[1].bar.close, 100.0);
    }

    #[test]
    fn equal_columns_change_nothing() {
        let mut rows = [row("2024-05-01", 0.1, 0.1), row("2024-05-02", 0.3, 0.3)];
        assert!(adjusted(&mut rows).is_empty());
        assert_eq!(rows[0].bar.close, 0.1);
    }

    proptest! {
        #[test]
        fn a_scaled_bar_is_still_a_bar(
            prices in prop::array::uniform4(0.01_f64..1e5), adj in 0.001_f64..1e6, last in 0.001_f64..1e6,
        ) {
            let (low, high) = (prices[2].min(prices[3]), prices[2].max(prices[3]));
            let [open, close] = [prices[0].clamp(low, high), prices[1].clamp(low, high)];
            let mut first = row("2024-05-01", close, adj);
            first.bar = Bar { open, high, low, ..first.bar };
            let mut rows = [first, row("2024-05-02", last, 1.0)];
            adjusted(&mut rows);
            prop_assert_eq!(rows[0].bar.problem(), None);
        }
    }
}
