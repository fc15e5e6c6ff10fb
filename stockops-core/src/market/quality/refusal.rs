//! Why rows are refused: some break a rule, or the series as a whole is none of daily bars.

use chrono::{Duration, NaiveDate, NaiveTime};

use super::Cleaning;
use super::repair::Placed;
use crate::error::Error;
use crate::market::finding::{Action, Finding, FindingKind, many};
use crate::market::{Bar, Calendar, Ticker};

/// A row that cannot be a bar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BadRow {
    /// Its place among the rows as given, from 0.
    pub(crate) place: usize,
    pub(crate) date: NaiveDate,
    /// Which rule it breaks, with the values.
    pub(crate) problem: String,
}

/// Why there are no bars.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Refusal {
    /// These rows break a rule, in the order of their days; at least one.
    Rows(Vec<BadRow>),
    /// The series cannot be used as it is: why, and what to do.
    Series(String),
}

impl Refusal {
    /// The error of a caller who knows the ticker alone.
    pub(super) fn of_ticker(self, ticker: &Ticker) -> Error {
        let ticker = ticker.to_string();
        match self {
            Self::Series(problem) => Error::Series { ticker, problem },
            Self::Rows(rows) => {
                let more =
                    if rows.len() > 1 { format!(" (and {} more)", many(rows.len() - 1, "row")) } else { String::new() };
                let first = rows.into_iter().next();
                let (date, problem) = first.map_or((NaiveDate::MIN, String::new()), |row| (row.date, row.problem));
                Error::Bar { ticker, date, problem: problem + &more }
            }
        }
    }
}

/// Times that pounds are pence, and how near a jump must come to it.
const UNIT: f64 = 100.0;
const UNIT_TOLERANCE: f64 = 0.15;

/// The rows that break no rule, with the others dropped where `known` says so.
pub(super) fn good(
    rows: Vec<Placed>,
    calendar: &Calendar,
    known: &Cleaning,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Bar>, Refusal> {
    let last_day = known.today.map(|today| latest_day(calendar, today));
    let mut bad: Vec<BadRow> = Vec::new();
    let mut kept = Vec::with_capacity(rows.len());
    for Placed { place, bar } in rows {
        let problem = bar.problem().or_else(|| future(&bar, last_day, known.today));
        match problem {
            None => kept.push((place, bar)),
            Some(problem) => bad.push(BadRow { place, date: bar.date, problem }),
        }
    }
    while let [.., (_, before), (place, last)] = kept[..]
        && let Some(problem) = other_unit(&before, &last)
    {
        bad.push(BadRow { place, date: last.date, problem });
        kept.pop();
    }
    if !bad.is_empty() && !known.drop_bad_rows {
        return Err(Refusal::Rows(bad));
    }
    let days: Vec<NaiveDate> = bad.iter().map(|row| row.date).collect();
    findings.extend(Finding::over(FindingKind::BadRows, Action::Dropped, &days, |n| {
        let first = bad.first().map(|row| row.problem.as_str()).unwrap_or_default();
        format!("{} that broke a rule, dropped; the first: {first}", many(n, "row"))
    }));
    Ok(kept.into_iter().map(|(_, bar)| bar).collect())
}

/// The latest day that the exchange's own clock shows while it is `today` in UTC: east of Greenwich the next one.
fn latest_day(calendar: &Calendar, today: NaiveDate) -> NaiveDate {
    let end = today.and_time(NaiveTime::MIN) + Duration::seconds(24 * 3600 - 1);
    calendar.day_of(end.and_utc()).max(today)
}

fn future(bar: &Bar, last_day: Option<NaiveDate>, today: Option<NaiveDate>) -> Option<String> {
    let (last_day, today) = (last_day?, today?);
    (bar.date > last_day).then(|| format!("it lies in the future, today is {today}"))
}

/// A last row a hundred times as high or low as the one before: it would carry the whole forecast.
fn other_unit(before: &Bar, last: &Bar) -> Option<String> {
    let ratio = last.close / before.close;
    let near = |ratio: f64| (ratio / UNIT).ln().abs() < UNIT_TOLERANCE;
    let (close, last_close) = (before.close, last.close);
    (near(ratio) || near(1.0 / ratio)).then(|| {
        format!("the last close is {last_close} after {close}, about 100 times off, as where pence stand for pounds")
    })
}
