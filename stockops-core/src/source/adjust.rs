//! Prices scaled by an Adj Close column.

use serde::{Deserialize, Serialize};

use super::read::Row;
use crate::market::{Action, Finding, FindingKind};

/// What to do with an Adj Close column.
///
/// ```
/// use stockops_core::source::Adjust;
///
/// assert_eq!(serde_json::from_str::<Adjust>("\"none\"").unwrap(), Adjust::None);
/// assert_eq!(Adjust::default(), Adjust::Auto);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjust {
    /// Where the column is there, scale open, high, low and close of each row by `(Adj Close / Close)` of the row over
    /// the same of the last row. So the last close stays as quoted, and splits and dividends leave no jump. Volume is
    /// left as it is.
    #[default]
    Auto,
    /// Take the prices as they are.
    None,
}

/// Below this a factor is rounding of the source, and the price stays as quoted.
const ROUNDING: f64 = 1e-9;

/// Scale the prices of `rows`; what was done, where anything was.
pub(super) fn adjust(rows: &mut [Row]) -> Option<Finding> {
    let ratio = |row: &Row| row.adj_close.map(|adj| adj / row.bar.close);
    let last = rows.iter().max_by_key(|row| row.bar.date).and_then(ratio)?;
    let mut days = Vec::new();
    let mut smallest = f64::INFINITY;
    for row in rows {
        let factor = ratio(row)? / last;
        if (factor - 1.0).abs() < ROUNDING {
            continue;
        }
        // One factor above 0 for the whole row, and rounding is monotone: the order of the four prices stays.
        for price in [&mut row.bar.open, &mut row.bar.high, &mut row.bar.low, &mut row.bar.close] {
            *price *= factor;
        }
        days.push(row.bar.date);
        smallest = smallest.min(factor);
    }
    days.sort();
    Finding::over(FindingKind::Adjusted, Action::Adjusted, &days, |n| {
        let rows = if n == 1 { "row" } else { "rows" };
        format!("prices of {n} {rows} scaled by Adj Close, by {smallest:.6} at the least, volume as it was")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Bar;
    use proptest::prelude::*;

    fn row(date: &str, close: f64, adj_close: f64) -> Row {
        let bar = Bar { date: date.parse().unwrap(), open: close, high: close, low: close, close, volume: 7.0 };
        Row { place: 0, bar, adj_close: Some(adj_close) }
    }

    #[test]
    fn the_last_close_stays_as_quoted_whatever_the_order() {
        // A 2:1 split on the second day; Adj Close is half of the quote on the last day as well.
        let mut rows = [row("2024-05-02", 50.0, 25.0), row("2024-05-01", 100.0, 25.0)];
        let finding = adjust(&mut rows).unwrap();
        assert_eq!([rows[0].bar.close, rows[1].bar.close], [50.0, 50.0]);
        assert_eq!(rows[1].bar.volume, 7.0);
        assert_eq!(finding.text, "prices of 1 row scaled by Adj Close, by 0.500000 at the least, volume as it was");
    }

    #[test]
    fn equal_columns_change_nothing() {
        let mut rows = [row("2024-05-01", 0.1, 0.1), row("2024-05-02", 0.3, 0.3)];
        assert_eq!(adjust(&mut rows), None);
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
            adjust(&mut rows);
            prop_assert_eq!(rows[0].bar.problem(), None);
        }
    }
}
