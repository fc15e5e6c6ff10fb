//! Prices scaled by an Adj Close column, and volume by the splits in it.

use chrono::NaiveDate;

use super::origin::Bad;
use super::rows::Row;
use crate::market::{Action, Finding, FindingKind, split_near};

/// Below this a factor is rounding of the source, and the price stays as quoted.
const ROUNDING: f64 = 1e-9;
/// How near a step of the factor must come to the ratio of a split, in log units: Adj Close has two decimals at the
/// least, which is a part in a hundred for a price of 0.5.
const STEP_TOLERANCE: f64 = 0.01;
/// How far the quoted price may move over the night of a split, in log units.
const NIGHT_TOLERANCE: f64 = 0.25;
/// How near two factors must be to be the same one, in log units: less than a dividend, and what two decimals of a price of 5
/// lose.
const SAME_FACTOR: f64 = 0.001;

/// Scale the prices and the volume of `rows`, and tell it to `findings`; what was done, in words. Rows whose factor cannot be known
/// go to `bad`.
pub(super) fn adjust(rows: &mut Vec<Row>, bad: &mut Vec<Bad>, findings: &mut Vec<Finding>) -> String {
    let repaired = without_price(rows, bad);
    findings.extend(Finding::over(FindingKind::AdjustmentUnknown, Action::Repaired, &repaired, |n| {
        let whose = if n == 1 { "whose Adj Close is" } else { "whose Adj Closes are" };
        format!("{n} {} {whose} no price, for which the factor of the rows before and after is taken", plural(n))
    }));
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
    findings.extend(Finding::over(FindingKind::AdjustmentUnknown, Action::Repaired, &factors.unknown, |n| {
        format!("{n} {} without Adj Close, for which the factor of the next row is taken", plural(n))
    }));
    findings.extend(Finding::over(FindingKind::Adjusted, Action::Adjusted, &days, |n| {
        format!("prices of {n} {} scaled by Adj Close, by {smallest:.6} at the least, {volume}", plural(n))
    }));
    format!("prices scaled by Adj Close, {volume}")
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "row" } else { "rows" }
}

/// Give rows whose Adj Close is 0 or less the factor that the nearest rows before and after share; where they share none, as in old
/// bars that their source scaled below 0, the row goes to `bad`. The days of those that were given one.
fn without_price(rows: &mut Vec<Row>, bad: &mut Vec<Bad>) -> Vec<NaiveDate> {
    let is_wrong = |row: &Row| row.bar.close > 0.0 && row.adj_close.is_some_and(|adj| !is_price(adj));
    if !rows.iter().any(is_wrong) {
        return Vec::new();
    }
    let mut known: Vec<(NaiveDate, f64)> = rows.iter().filter_map(|row| Some((row.bar.date, ratio(row)?))).collect();
    known.sort_by_key(|(day, _)| *day);
    let mut days = Vec::new();
    rows.retain_mut(|row| {
        if !is_wrong(row) {
            return true;
        }
        let factor = shared_factor(&known, row.bar.date);
        match factor {
            Some(_) => days.push(row.bar.date),
            None => bad.push(Bad { place: row.place, problem: problem(row) }),
        }
        row.adj_close = factor.map(|factor| row.bar.close * factor);
        factor.is_some()
    });
    days.sort();
    days
}

/// The factor on both sides of `day`, if it is the same; `known` are factors in order of their days.
fn shared_factor(known: &[(NaiveDate, f64)], day: NaiveDate) -> Option<f64> {
    let place = known.partition_point(|(other, _)| *other < day);
    let ((_, before), (_, after)) = (known.get(place.checked_sub(1)?)?, known.get(place)?);
    ((before / after).ln().abs() < SAME_FACTOR).then_some(*after)
}

fn problem(row: &Row) -> String {
    format!(
        "{}: Adj Close is {}, which is no price, and the rows before and after it share no factor; `adjust` none reads the file \
         without it",
        row.bar.date,
        row.adj_close.unwrap_or_default()
    )
}

fn is_price(number: f64) -> bool {
    number > 0.0 && number.is_finite()
}

/// Adj Close over Close; `None` where it is not known.
fn ratio(row: &Row) -> Option<f64> {
    row.adj_close.filter(|adj| is_price(*adj) && row.bar.close > 0.0).map(|adj| adj / row.bar.close)
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
        let last = order.iter().rev().find_map(|i| ratio(&rows[*i]))?;
        let mut factors = Self { of_rows: vec![(1.0, 1.0); rows.len()], splits: Vec::new(), unknown: Vec::new() };
        let (mut next, mut later, mut shares) = (last, None, 1.0);
        for i in order.into_iter().rev() {
            let own = ratio(&rows[i]).unwrap_or(next);
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
        let (mut kept, mut bad, mut findings) = (rows.to_vec(), Vec::new(), Vec::new());
        adjust(&mut kept, &mut bad, &mut findings);
        assert!(bad.is_empty(), "{bad:?}");
        rows.clone_from_slice(&kept);
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
    fn an_adj_close_that_is_no_price_has_the_factor_that_both_sides_share() {
        let rows = [row("2024-05-01", 100.0, 49.99), row("2024-05-02", 102.0, 0.0), row("2024-05-03", 104.0, -3.0)];
        let mut rows = [&rows[..], &[row("2024-05-04", 100.0, 50.0), row("2024-05-05", 99.0, 99.0)]].concat();
        let texts = adjusted(&mut rows);
        let text = "2 rows whose Adj Closes are no price, for which the factor of the rows before and after is taken";
        assert_eq!(texts[0], text);
        assert_eq!([rows[1].bar.close, rows[2].bar.close], [51.0, 52.0]);
    }

    #[test]
    fn without_a_factor_that_both_sides_share_the_row_is_bad() {
        // A dividend of 2 % went off on one of the two days; the first and the last row have one side only.
        let all = [row("2024-05-01", 100.0, 0.0), row("2024-05-02", 100.0, 98.0), row("2024-05-03", 100.0, 0.0)];
        let mut rows = [&all[..], &[row("2024-05-04", 98.0, 98.0), row("2024-05-05", 99.0, -1.5)]].concat();
        let (mut bad, mut findings) = (Vec::new(), Vec::new());
        adjust(&mut rows, &mut bad, &mut findings);
        let problems: Vec<&str> = bad.iter().map(|bad| bad.problem.as_str()).collect();
        let text = |day, adj| {
            format!(
                "2024-05-{day}: Adj Close is {adj}, which is no price, and the rows before and after it share no factor; `adjust` none \
                 reads the file without it"
            )
        };
        assert_eq!(problems, [text("01", "0"), text("03", "0"), text("05", "-1.5")]);
        assert_eq!(rows.iter().map(|row| row.bar.close).collect::<Vec<_>>(), [98.0, 98.0]);
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
