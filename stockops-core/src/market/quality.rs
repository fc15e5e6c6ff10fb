//! What was found in a series as it was read, and what was done about it.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::finding::{Finding, FindingKind};
use super::{Bar, Bars, Calendar, Ticker, suspicion};
use crate::error::Result;

mod days;
mod doubles;
mod refusal;
mod repair;
mod spacing;

pub(crate) use refusal::Refusal;

/// What [`clean`] found in a series, for people ([`Display`](fmt::Display)) and for programs (serde).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// What is known beside the rows when they are cleaned.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cleaning {
    /// The days of trading. Default: those that the ticker names, or else the rows show.
    pub calendar: Option<Calendar>,
    /// The date in UTC, where the caller has a clock. Default: not known.
    pub today: Option<NaiveDate>,
    /// Whether rows that break a rule are dropped and said, instead of being an error. Default: they are an error.
    pub drop_bad_rows: bool,
}

/// Make good bars of `rows` in any order, and say what was found; the same as [`clean_with`] by default.
///
/// | found | done |
/// | --- | --- |
/// | rows out of order | sorted |
/// | no price at all (NaN or 0) | left out |
/// | the open is 0 or NaN | the close before, within the day's range |
/// | open, high and low are 0 or NaN | the close for all four |
/// | high or low misses open or close by a part in 10^8 | widened |
/// | volume is NaN | 0, which is unknown |
/// | a row twice, equal in all columns | one dropped |
/// | two different rows of a day | the last is kept; on many days, or with prices far apart, [`Error::Series`] |
/// | a row that breaks a rule of [`Bar`]; a last row 100 times the one before | [`Error::Bar`] |
/// | rows a week, a month, a quarter or a year apart | [`Error::Series`] |
/// | a closed day, without prices of its own (those of the row before, or flat at its close) | dropped |
/// | a closed day, with prices of its own | kept; where they are more than a few, [`Error::Series`] says what was misread |
/// | a stock's row equal to the row before in all five numbers, with volume and movement | dropped: no market repeats five numbers |
/// | volume 0, days without range, gaps, jumps like splits, outliers, a stale tail | kept |
///
/// Coins keep every day, currencies keep Sundays. No rows at all give empty bars.
///
/// # Errors
///
/// [`Error::Bar`] and [`Error::Series`], as the table says.
///
/// [`Error::Bar`]: crate::Error::Bar
/// [`Error::Series`]: crate::Error::Series
///
/// # Example
///
/// ```
/// use stockops_core::market::{Bar, FindingKind, Ticker, clean};
///
/// let bar = |date: &str| Bar { date: date.parse().unwrap(), open: 9.0, high: 9.0, low: 8.0, close: 8.5, volume: 1.0 };
/// let rows = vec![bar("2024-05-03"), bar("2024-05-02"), Bar { open: 0.0, ..bar("2024-05-06") }];
/// let rows = rows.into_iter().enumerate().map(|(i, bar)| Bar { volume: i as f64, ..bar }).collect();
/// let (bars, report) = clean(Ticker::new("GOOG")?, rows)?;
/// assert_eq!(bars.as_slice()[2].open, 8.5);
/// assert_eq!(report.findings[0].kind, FindingKind::Unsorted);
/// assert_eq!(report.findings[1].kind, FindingKind::OpenUnknown);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn clean(ticker: Ticker, rows: Vec<Bar>) -> Result<(Bars, QualityReport)> {
    clean_with(ticker, rows, &Cleaning::default())
}

/// [`clean`], knowing that the date in UTC is `today`.
///
/// A row after the last day that the exchange's clock can show today is [`Error::Bar`](crate::Error::Bar); a row of today is reported as
/// possibly partial, and a series that misses more than 5 sessions up to `today` as out of date.
pub fn clean_as_of(ticker: Ticker, rows: Vec<Bar>, today: Option<NaiveDate>) -> Result<(Bars, QualityReport)> {
    clean_with(ticker, rows, &Cleaning { today, ..Cleaning::default() })
}

/// [`clean`] with what is known beside the rows.
pub fn clean_with(ticker: Ticker, rows: Vec<Bar>, known: &Cleaning) -> Result<(Bars, QualityReport)> {
    clean_rows(ticker.clone(), rows, known).map_err(|refusal| refusal.of_ticker(&ticker))
}

/// The same with a refusal that names rows by their place, for callers who know where these stood.
pub(crate) fn clean_rows(
    ticker: Ticker,
    rows: Vec<Bar>,
    known: &Cleaning,
) -> std::result::Result<(Bars, QualityReport), Refusal> {
    let rows_read = rows.len();
    let named = known.calendar.unwrap_or_else(|| Calendar::of(&ticker));
    let mut findings = Vec::new();
    let mut rows = repair::in_order(rows, &mut findings);
    repair::values(&mut rows, &mut findings);
    let rows = doubles::without(rows, &mut findings)?;
    let rows = refusal::good(rows, &named, known, &mut findings)?;
    spacing::check(&rows)?;
    let (rows, calendar) = days::of_trading(&ticker, named, rows, &mut findings)?;
    let bars = Bars::new(ticker.clone(), rows).map_err(|error| Refusal::Series(error.to_string()))?;
    suspicion::all(&bars, &calendar, known.today, &mut findings);
    let (first_day, last_day) = (bars.first_day(), bars.last_day());
    let report = QualityReport { ticker, rows_read, rows_kept: bars.len(), first_day, last_day, findings };
    Ok((bars.with_calendar(known.calendar), report))
}

impl QualityReport {
    /// The finding of `kind`, if there is one.
    pub fn find(&self, kind: FindingKind) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind == kind)
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

#[cfg(test)]
mod tests;
