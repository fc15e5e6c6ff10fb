//! What was found in a series as it was read, and what was done about it.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Bar, Bars, Calendar, Ticker, suspicion};
use crate::error::{Error, Result};

mod rows;

/// How many days a finding names.
pub(super) const DAYS_NAMED: usize = 5;

/// What [`clean`] found in a series, for people ([`Display`](fmt::Display)) and for programs (serde).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// Whose series.
    pub ticker: Ticker,
    /// Rows as read.
    pub rows_read: usize,
    /// Rows that became bars.
    pub rows_kept: usize,
    /// First day kept; `None` where no row is left.
    pub first_day: Option<NaiveDate>,
    /// Last day kept; `None` where no row is left.
    pub last_day: Option<NaiveDate>,
    /// What was found, in the order of the checks; empty for a series without fault.
    pub findings: Vec<Finding>,
}

/// One kind of thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// How many rows or days.
    pub count: usize,
    /// The first few of these days, at most 5, oldest first; empty where no day is to blame.
    pub days: Vec<NaiveDate>,
    /// What was done.
    pub action: Action,
    /// The same in plain words.
    pub text: String,
}

/// Kinds of findings; in JSON as `unsorted`, `zero_volume` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Rows were not in order of their days. Sorted.
    Unsorted,
    /// A row stood there twice, in all columns. Dropped.
    Duplicate,
    /// A row on a day of the week without trading. Dropped.
    Weekend,
    /// A row that repeats the one before: filled forward over a holiday. Dropped.
    Filled,
    /// A row that repeats the one before and may be true: no volume or no movement on a day of trading. Kept.
    Repeated,
    /// A row with numbers of its own on a holiday of the calendar. Kept.
    Holiday,
    /// Prices were scaled by Adj Close.
    Adjusted,
    /// Volume is 0. Kept; features treat it as unknown.
    ZeroVolume,
    /// Sessions without a row. Nothing is invented for them.
    Gap,
    /// A jump that looks like a split that was not adjusted for. Kept.
    Split,
    /// A return far outside of what the series does. Kept.
    Outlier,
    /// The last closes are all the same. Kept.
    StaleTail,
    /// The series ends long before today. Kept.
    OutOfDate,
    /// The last row is of today, so it may be partial. Kept.
    Today,
}

/// What was done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing: the rows are as they were.
    Kept,
    /// The rows were left out.
    Dropped,
    /// The rows were put in order.
    Sorted,
    /// The prices were scaled.
    Adjusted,
}

/// Make good bars of `rows` in any order, and say what was found; the same as [`clean_as_of`] without a day.
///
/// | found | done |
/// | --- | --- |
/// | rows out of order | sorted |
/// | a row twice, equal in all columns | one dropped |
/// | two different rows of one day | [`Error::Bar`] |
/// | a row that breaks a rule of [`Bar`] | [`Error::Bar`] |
/// | equity on a Saturday or Sunday (Friday, Saturday in Riyadh), no special session of the calendar; currency on a Saturday | dropped |
/// | equity row equal to the row before in all five numbers, on a holiday, or with volume and movement on any day | dropped: no market repeats five numbers |
/// | volume 0, gaps, jumps like splits, outliers, a stale tail | kept |
///
/// Crypto keeps every day, currencies keep Sundays. No rows at all give empty bars.
///
/// # Example
///
/// ```
/// use stockops_core::market::{Bar, FindingKind, Ticker, clean};
///
/// let bar = |date: &str| Bar { date: date.parse().unwrap(), open: 9.0, high: 9.0, low: 8.0, close: 8.5, volume: 1.0 };
/// let rows = vec![bar("2024-05-03"), bar("2024-05-02"), bar("2024-05-04")]; // the last is a Saturday
/// let rows = rows.into_iter().enumerate().map(|(i, bar)| Bar { volume: i as f64, ..bar }).collect();
/// let (bars, report) = clean(Ticker::new("GOOG")?, rows)?;
/// assert_eq!(bars.len(), 2);
/// assert_eq!(report.findings[0].kind, FindingKind::Unsorted);
/// assert_eq!(report.findings[1].kind, FindingKind::Weekend);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn clean(ticker: Ticker, rows: Vec<Bar>) -> Result<(Bars, QualityReport)> {
    clean_as_of(ticker, rows, None)
}

/// [`clean`], knowing that the date in UTC is `today`.
///
/// A session that has closed has a day no later than that, in every time zone. So a row after `today` is
/// [`Error::Bar`]; a row of `today` is reported as possibly partial, and a series that misses more than 5 sessions up
/// to `today` as out of date.
pub fn clean_as_of(ticker: Ticker, rows: Vec<Bar>, today: Option<NaiveDate>) -> Result<(Bars, QualityReport)> {
    let rows_read = rows.len();
    let calendar = Calendar::of(&ticker);
    let mut findings = Vec::new();
    let rows = rows::in_order(rows, &mut findings);
    let rows = rows::without_doubles(&ticker, rows, &mut findings)?;
    refuse_future(&ticker, &rows, today)?;
    let rows = rows::on_days_of_trading(&ticker, &calendar, rows, &mut findings);
    let bars = Bars::new(ticker.clone(), rows)?;
    suspicion::all(&bars, &calendar, today, &mut findings);
    let (first_day, last_day) = (bars.first_day(), bars.last_day());
    let report = QualityReport { ticker, rows_read, rows_kept: bars.len(), first_day, last_day, findings };
    Ok((bars, report))
}

fn refuse_future(ticker: &Ticker, rows: &[Bar], today: Option<NaiveDate>) -> Result<()> {
    match (today, rows.last()) {
        (Some(today), Some(last)) if last.date > today => Err(Error::Bar {
            ticker: ticker.to_string(),
            date: last.date,
            problem: format!("it lies in the future, today is {today}"),
        }),
        _ => Ok(()),
    }
}

impl QualityReport {
    /// The finding of `kind`, if there is one.
    pub fn find(&self, kind: FindingKind) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind == kind)
    }
}

impl Finding {
    /// A finding over `days`, all of them; nothing where there are none.
    pub(crate) fn over(
        kind: FindingKind,
        action: Action,
        days: &[NaiveDate],
        text: impl FnOnce(usize) -> String,
    ) -> Option<Self> {
        let named = days.iter().take(DAYS_NAMED).copied().collect();
        (!days.is_empty()).then(|| Self { kind, count: days.len(), days: named, action, text: text(days.len()) })
    }
}

impl fmt::Display for QualityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of {} rows kept", self.ticker, self.rows_kept, self.rows_read)?;
        if let (Some(first), Some(last)) = (self.first_day, self.last_day) {
            write!(f, ", {first} to {last}")?;
        }
        if self.findings.is_empty() {
            return write!(f, "; nothing to report");
        }
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text)?;
        if !self.days.is_empty() {
            let days: Vec<String> = self.days.iter().map(NaiveDate::to_string).collect();
            let more = if self.count > self.days.len() { ", ..." } else { "" };
            write!(f, " ({}{more})", days.join(", "))?;
        }
        Ok(())
    }
}

/// `count` and `noun`, with an s where there are several.
pub(super) fn many(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
