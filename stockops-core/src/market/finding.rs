//! `Finding`: one kind of thing that was found in a series, and what was done about it.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How many days a finding names.
const DAYS_NAMED: usize = 5;

/// One kind of thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Rows were not in order of their days. Sorted.
    Unsorted,
    /// A row without prices: a holiday, or a day on which another ticker of the table traded. Left out.
    NoPrices,
    /// The open was 0 or missing. The close before was taken, within the day's range.
    OpenUnknown,
    /// Open, high and low were 0 or missing. The close was taken for all four.
    RangeUnknown,
    /// High or low missed open or close by rounding. Widened.
    Rounding,
    /// A day had two different rows. The last one was kept.
    Revised,
    /// Rows that broke a rule. Dropped, because the caller said so.
    BadRows,
    /// Lines of a file that are no rows: titles, notes, the header once more. Left out.
    NotRows,
    /// The file ends within its last row, whose last number is shorter than all before. Kept.
    Cut,
    /// Days were midnights of the exchange written in UTC. Put on the exchange's own day.
    Zone,
    /// Bars of hours or minutes were folded to days.
    Folded,
    /// Adj Close was missing in some rows, or 0 or less. The factor of the next row was taken, or the one that both sides share.
    AdjustmentUnknown,
    /// A row stood there twice, in all columns. Dropped.
    Duplicate,
    /// A row without prices of its own on a day of the week without trading. Dropped.
    Weekend,
    /// A row that repeats the one before: filled forward over a holiday. Dropped.
    Filled,
    /// A row that repeats the one before and may be true: no volume or no movement on a day of trading. Kept.
    Repeated,
    /// A row with prices of its own on a day that the calendar says is closed. Kept.
    Holiday,
    /// Prices were scaled by Adj Close.
    Adjusted,
    /// Volume is 0. Kept; features treat it as unknown.
    ZeroVolume,
    /// Days without range: open, high, low and close are one. Kept; intervals that rest on the range are then too narrow.
    NoRange,
    /// All closes are the same. Kept; there is nothing to forecast.
    Constant,
    /// The ticker names no market, so the week is that of the rows and holidays are not known.
    CalendarUnknown,
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
    /// The session of the newest row was not over. Left out, or kept because that was asked for.
    Unfinished,
    /// The last finished session misses. Kept, because that was allowed.
    Stale,
    /// The source could not be asked, and rows that were fetched before were taken.
    Offline,
    /// Rows were 100 times off, and the unit of the currency confirms it. Put right.
    UnitMended,
    /// A split that the source names was not in its prices. Put into them.
    SplitMended,
    /// A dividend that the source names was not in the adjusted closes. Put into them.
    DividendMended,
    /// A dividend out of all proportion. Kept.
    DividendOdd,
    /// A dividend that repeats the one some days before. Kept.
    DividendTwice,
    /// A gain of a fund that the adjusted closes seem to count twice. Kept.
    GainTwice,
}

/// What was done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FindingAction"))]
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
    /// Values were put right.
    Repaired,
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
