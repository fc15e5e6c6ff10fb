//! What looks wrong in good bars and is kept: zero volume, gaps, jumps, a stale or old end.

use chrono::NaiveDate;

use super::finding::{Action, Finding, FindingKind, many};
use super::split::split_by;
use super::{AssetClass, Bar, Bars, Calendar};

/// Weekdays that may miss in a row where the calendar does not know: New York closed for 4 in September 2001, and a
/// week of public holidays takes 5.
const QUIET_DAYS: usize = 5;
/// Equal closes at the end that are no accident.
const STALE_CLOSES: usize = 5;
/// Sessions that may miss between the last row and today.
const LATE_SESSIONS: usize = 5;
/// How far the jump from close to open may lie from a split, in log units (the news of a night); half as much again
/// from close to close. Amazon's true rise of 2001-04-09 lies just outside.
const SPLIT_TOLERANCE: f64 = 0.06;
/// The log of 3:2, the smallest split, less that.
const SMALLEST_JUMP: f64 = 0.34;
/// Robust z-score of an outlier, and the least log return that counts. The crash of March 2020 reaches about 18.
const OUTLIER_Z: f64 = 25.0;
const OUTLIER_RETURN: f64 = 0.15;

/// Add what is suspicious in `bars` to `findings`.
pub(super) fn all(bars: &Bars, calendar: &Calendar, today: Option<NaiveDate>, findings: &mut Vec<Finding>) {
    let class = bars.ticker().asset_class();
    let rows = bars.as_slice();
    let splits = if class == AssetClass::Equity { splits(rows) } else { Vec::new() };
    findings.extend(constant(rows));
    findings.extend(no_range(rows));
    findings.extend(zero_volume(class, rows));
    findings.extend(gaps(calendar, rows));
    findings.extend(split_finding(&splits));
    findings.extend(outliers(rows, &splits));
    findings.extend(stale_tail(rows));
    findings.extend(age(calendar, rows, today));
}

/// A series that never moves; a few equal closes are the end that [`stale_tail`] tells of.
fn constant(rows: &[Bar]) -> Option<Finding> {
    let first = rows.first().filter(|_| rows.len() >= STALE_CLOSES)?.close;
    let days: Vec<NaiveDate> = rows.iter().take_while(|bar| bar.close == first).map(|bar| bar.date).collect();
    let days = if days.len() == rows.len() { days } else { Vec::new() };
    Finding::over(FindingKind::Constant, Action::Kept, &days, |n| {
        format!("all {n} closes are {first}: the series never moves, and there is nothing to forecast")
    })
}

fn no_range(rows: &[Bar]) -> Option<Finding> {
    let days: Vec<NaiveDate> = rows.iter().filter(|bar| bar.high == bar.low).map(|bar| bar.date).collect();
    Finding::over(FindingKind::NoRange, Action::Kept, &days, |n| {
        format!("{n} of {} without range (open, high, low and close are one), kept", many(rows.len(), "day"))
    })
}

fn zero_volume(class: AssetClass, rows: &[Bar]) -> Option<Finding> {
    let days: Vec<NaiveDate> = rows.iter().filter(|bar| bar.volume == 0.0).map(|bar| bar.date).collect();
    // Currencies have no volume anywhere.
    if days.len() == rows.len() && class == AssetClass::Currency {
        return None;
    }
    if days.len() == rows.len() {
        let text = "no volume in any row, taken as unknown: all but volume is forecast".to_owned();
        return Finding::over(FindingKind::ZeroVolume, Action::Kept, &days, |_| text);
    }
    Finding::over(FindingKind::ZeroVolume, Action::Kept, &days, |n| {
        format!("{} of zero volume, kept, with the volume taken as unknown", many(n, "row"))
    })
}

/// Sessions of the calendar without a row; where it does not know, weekdays, if more than a few miss in a row.
fn gaps(calendar: &Calendar, rows: &[Bar]) -> Option<Finding> {
    let mut missing = Vec::new();
    for pair in rows.windows(2) {
        let between = pair[0].date.iter_days().skip(1).take_while(|day| *day < pair[1].date);
        let hole: Vec<_> = between.filter_map(|day| calendar.session(day)).collect();
        let assumed = hole.iter().filter(|session| session.assumed).count();
        let told = hole.iter().filter(|session| !session.assumed || assumed > QUIET_DAYS);
        missing.extend(told.map(|session| session.date));
    }
    Finding::over(FindingKind::Gap, Action::Kept, &missing, |n| format!("{} without a row", many(n, "session")))
}

/// Days whose open jumped by the ratio of a split and stayed there, with the split as (new, old).
fn splits(rows: &[Bar]) -> Vec<(NaiveDate, (u32, u32))> {
    let mut found = Vec::new();
    for pair in rows.windows(2) {
        let overnight = (pair[0].close / pair[1].open).ln();
        // Far from the smallest split nothing needs to be compared.
        if overnight.abs() < SMALLEST_JUMP {
            continue;
        }
        // Days that range over half of the jump move so by themselves, as GameStop did in January 2021.
        let range = pair.iter().map(|bar| (bar.high / bar.low).ln()).fold(0.0, f64::max);
        if range > overnight.abs() / 2.0 {
            continue;
        }
        let whole = (pair[0].close / pair[1].close).ln();
        let distance = |ratio: f64| (overnight - ratio).abs().max((whole - ratio).abs() / 1.5);
        found.extend(split_by(distance, SPLIT_TOLERANCE).map(|split| (pair[1].date, split)));
    }
    found
}

fn split_finding(splits: &[(NaiveDate, (u32, u32))]) -> Option<Finding> {
    let days: Vec<NaiveDate> = splits.iter().map(|(day, _)| *day).collect();
    Finding::over(FindingKind::Split, Action::Kept, &days, |n| {
        let ratios: Vec<String> = splits.iter().take(5).map(|(_, (new, old))| format!("{new}:{old}")).collect();
        format!(
            "{} like an unadjusted split ({}{}), kept; use a file with an Adj Close column",
            many(n, "jump"),
            ratios.join(", "),
            if n > ratios.len() { ", ..." } else { "" }
        )
    })
}

/// Returns whose distance from the median is many times the usual one (1.4826 times the median distance).
fn outliers(rows: &[Bar], splits: &[(NaiveDate, (u32, u32))]) -> Option<Finding> {
    let returns: Vec<(NaiveDate, f64)> =
        rows.windows(2).map(|pair| (pair[1].date, (pair[1].close / pair[0].close).ln())).collect();
    let centre = median(returns.iter().map(|(_, r)| *r).collect())?;
    let spread = median(returns.iter().map(|(_, r)| (r - centre).abs()).collect())? * 1.4826;
    let far = |r: f64| (r - centre).abs() > (OUTLIER_Z * spread).max(OUTLIER_RETURN);
    let split = |day: NaiveDate| splits.iter().any(|(split, _)| *split == day);
    let days: Vec<NaiveDate> = returns.iter().filter(|(day, r)| far(*r) && !split(*day)).map(|(day, _)| *day).collect();
    Finding::over(FindingKind::Outlier, Action::Kept, &days, |n| {
        format!("{} far outside of what this series does, kept; look at these days", many(n, "return"))
    })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn stale_tail(rows: &[Bar]) -> Option<Finding> {
    let last = rows.last()?.close;
    let mut days: Vec<NaiveDate> = rows.iter().rev().take_while(|bar| bar.close == last).map(|bar| bar.date).collect();
    days.reverse();
    let stale = days.len() >= STALE_CLOSES && days.len() < rows.len();
    let days = if stale { days } else { Vec::new() };
    Finding::over(FindingKind::StaleTail, Action::Kept, &days, |n| {
        format!("the last {n} closes are all {last}, kept; the source may have stopped")
    })
}

fn age(calendar: &Calendar, rows: &[Bar], today: Option<NaiveDate>) -> Option<Finding> {
    let (last, today) = (rows.last()?.date, today?);
    if last == today {
        let text = |_| "the last row is of today, kept; it may be partial until the close".to_owned();
        return Finding::over(FindingKind::Today, Action::Kept, &[last], text);
    }
    let late = calendar.next_sessions(last, LATE_SESSIONS + 1).get(LATE_SESSIONS).is_some_and(|s| s.date < today);
    let days: &[NaiveDate] = if late { &[last] } else { &[] };
    Finding::over(FindingKind::OutOfDate, Action::Kept, days, |_| {
        format!("the last row is {} days before today, {today}", (today - last).num_days())
    })
}
