//! Which rows become bars: order, doubles, days without trading.

use chrono::NaiveDate;

use super::{Action, Finding, FindingKind, many};
use crate::error::{Error, Result};
use crate::market::{AssetClass, Bar, Calendar, Ticker};

/// Sort by day; rows of one day stay in the order of the file.
pub(super) fn in_order(mut rows: Vec<Bar>, findings: &mut Vec<Finding>) -> Vec<Bar> {
    let late: Vec<NaiveDate> = rows.windows(2).filter(|pair| pair[1].date < pair[0].date).map(|p| p[1].date).collect();
    // A whole file turned round is one thing to say, not a thousand.
    let reversed = late.len() + 1 == rows.len() && rows.len() > 2;
    if reversed {
        let text = "rows ran from the newest to the oldest, and were turned round".to_owned();
        let (kind, action) = (FindingKind::Unsorted, Action::Sorted);
        findings.push(Finding { kind, count: rows.len(), days: Vec::new(), action, text });
    } else {
        findings.extend(Finding::over(FindingKind::Unsorted, Action::Sorted, &late, |n| {
            format!("{} out of order, sorted by day", many(n, "row"))
        }));
    }
    rows.sort_by_key(|bar| bar.date);
    rows
}

/// Drop rows that stand there twice; two different rows of one day are an error that shows both.
pub(super) fn without_doubles(ticker: &Ticker, rows: Vec<Bar>, findings: &mut Vec<Finding>) -> Result<Vec<Bar>> {
    let mut kept: Vec<Bar> = Vec::with_capacity(rows.len());
    let mut doubles = Vec::new();
    for bar in rows {
        match kept.last().filter(|last| last.date == bar.date) {
            None => kept.push(bar),
            Some(last) if *last == bar => doubles.push(bar.date),
            Some(last) => {
                let problem = format!("two different rows of one day: {} and {}", numbers(last), numbers(&bar));
                return Err(Error::Bar { ticker: ticker.to_string(), date: bar.date, problem });
            }
        }
    }
    findings.extend(Finding::over(FindingKind::Duplicate, Action::Dropped, &doubles, |n| {
        format!("{} there twice, one of each dropped", many(n, "row"))
    }));
    Ok(kept)
}

fn numbers(bar: &Bar) -> String {
    format!("O {} H {} L {} C {} V {}", bar.open, bar.high, bar.low, bar.close, bar.volume)
}

/// What to do with a row because of its day.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Good,
    Weekend,
    Filled,
    Repeated,
    Holiday,
}

/// Drop rows of days without trading and rows that were filled forward.
pub(super) fn on_days_of_trading(
    ticker: &Ticker,
    calendar: &Calendar,
    rows: Vec<Bar>,
    findings: &mut Vec<Finding>,
) -> Vec<Bar> {
    let class = ticker.asset_class();
    let mut kept = Vec::with_capacity(rows.len());
    let mut judged = Vec::with_capacity(rows.len());
    let mut before: Option<Bar> = None;
    for bar in rows {
        let verdict = judge(class, calendar, before.as_ref(), &bar);
        judged.push((verdict, bar.date));
        if !matches!(verdict, Verdict::Weekend | Verdict::Filled) {
            kept.push(bar);
        }
        before = Some(bar);
    }
    use {Action::*, FindingKind as Kind};
    for (verdict, kind, action, text) in [
        (Verdict::Weekend, Kind::Weekend, Dropped, "on a weekend, dropped"),
        (Verdict::Filled, Kind::Filled, Dropped, "repeating the day before in all numbers (filled forward), dropped"),
        (Verdict::Repeated, Kind::Repeated, Kept, "repeating the day before, without volume or movement, kept"),
        (Verdict::Holiday, Kind::Holiday, Kept, "with prices of its own on a holiday of the calendar, kept"),
    ] {
        let days: Vec<NaiveDate> = judged.iter().filter(|(v, _)| *v == verdict).map(|(_, day)| *day).collect();
        findings.extend(Finding::over(kind, action, &days, |n| format!("{} {text}", many(n, "row"))));
    }
    kept
}

fn judge(class: AssetClass, calendar: &Calendar, before: Option<&Bar>, bar: &Bar) -> Verdict {
    use chrono::{Datelike, Weekday};
    match class {
        AssetClass::Crypto => return Verdict::Good,
        AssetClass::Currency if bar.date.weekday() == Weekday::Sat => return Verdict::Weekend,
        AssetClass::Currency => return Verdict::Good,
        AssetClass::Equity => {}
    }
    let repeats = before.is_some_and(|last| Bar { date: bar.date, ..*last } == *bar);
    if calendar.session(bar.date).is_none() {
        return match (calendar.closes_weekly(bar.date), repeats) {
            (true, _) => Verdict::Weekend,
            (false, true) => Verdict::Filled,
            (false, false) => Verdict::Holiday,
        };
    }
    match repeats {
        true if bar.volume > 0.0 && bar.high > bar.low => Verdict::Filled,
        true => Verdict::Repeated,
        false => Verdict::Good,
    }
}
