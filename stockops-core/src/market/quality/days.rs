//! Rows on days without trading: filled ones are dropped, and a calendar that cannot be right is said.

use chrono::{Datelike, NaiveDate, Weekday};

use super::refusal::Refusal;
use crate::market::finding::{Action, Finding, FindingKind, many};
use crate::market::week::{self, Week};
use crate::market::{AssetClass, Bar, Calendar, Ticker};

/// Rows at the end that are judged: a wrong calendar shows in the latest years as in all.
const JUDGED: usize = 500;
/// Rows on closed days that may be special sessions: this many, or this share of the judged rows.
const FEW: usize = 3;
const FEW_SHARE: f64 = 0.02;
/// In a short series two rows are more than a few where they are this share.
const MANY_SHARE: f64 = 0.2;

/// What to do with a row because of its day.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    Good,
    Weekend,
    Filled,
    Repeated,
    Closed,
}

/// Drop rows that were filled forward; the calendar that was used, with the week of the rows where it is only likely.
pub(super) fn of_trading(
    ticker: &Ticker,
    named: Calendar,
    rows: Vec<Bar>,
    findings: &mut Vec<Finding>,
) -> Result<(Vec<Bar>, Calendar), Refusal> {
    let own: Vec<bool> = (0..rows.len()).map(|i| i == 0 || has_own_prices(&rows[i - 1], &rows[i])).collect();
    let own_days = || rows.iter().zip(&own).filter(|(_, own)| **own).map(|(bar, _)| bar.date).collect();
    let calendar = named.with_week_of(own_days);
    if !named.is_known() && !rows.is_empty() {
        findings.push(unknown(ticker, &calendar, &rows));
    }
    let stock = ticker.asset_class() == AssetClass::Equity;
    let verdict = |i: usize| judge(stock, &calendar, own[i], i.checked_sub(1).map(|i| &rows[i]), &rows[i]);
    let judged: Vec<Verdict> = (0..rows.len()).map(verdict).collect();
    refuse_misread(ticker, &calendar, &rows, &judged)?;
    tell(&rows, &judged, findings);
    let stays = |verdict: &Verdict| !matches!(verdict, Verdict::Weekend | Verdict::Filled);
    let kept = rows.iter().zip(&judged).filter(|(_, verdict)| stays(verdict)).map(|(bar, _)| *bar).collect();
    Ok((kept, calendar))
}

/// Whether a row says anything that the one before did not: other prices, and not merely its close.
fn has_own_prices(before: &Bar, bar: &Bar) -> bool {
    let repeats = (bar.open, bar.high, bar.low, bar.close) == (before.open, before.high, before.low, before.close);
    let flat = bar.high == bar.low && bar.close == before.close;
    !repeats && !flat
}

fn judge(stock: bool, calendar: &Calendar, own: bool, before: Option<&Bar>, bar: &Bar) -> Verdict {
    if !calendar.expects(bar.date) {
        return match (own, calendar.closes_weekly(bar.date)) {
            (true, _) => Verdict::Closed,
            (false, true) => Verdict::Weekend,
            (false, false) => Verdict::Filled,
        };
    }
    let repeats = stock && before.is_some_and(|last| Bar { date: bar.date, ..*last } == *bar);
    match repeats {
        true if bar.volume > 0.0 && bar.high > bar.low => Verdict::Filled,
        true => Verdict::Repeated,
        false => Verdict::Good,
    }
}

fn tell(rows: &[Bar], judged: &[Verdict], findings: &mut Vec<Finding>) {
    use {Action::*, FindingKind as Kind};
    for (verdict, kind, action, text) in [
        (Verdict::Weekend, Kind::Weekend, Dropped, "without own prices on a weekend, dropped"),
        (Verdict::Filled, Kind::Filled, Dropped, "repeating the day before (filled forward), dropped"),
        (Verdict::Repeated, Kind::Repeated, Kept, "repeating the day before, without volume or movement, kept"),
        (Verdict::Closed, Kind::Holiday, Kept, "with own prices on a closed day of the calendar, kept"),
    ] {
        let days: Vec<NaiveDate> =
            rows.iter().zip(judged).filter(|(_, v)| **v == verdict).map(|(bar, _)| bar.date).collect();
        findings.extend(Finding::over(kind, action, &days, |n| format!("{} {text}", many(n, "row"))));
    }
}

fn unknown(ticker: &Ticker, calendar: &Calendar, rows: &[Bar]) -> Finding {
    let week = rows.last().map_or(Week::MONDAY_TO_FRIDAY, |last| calendar.week(last.date));
    let text = format!(
        "{ticker} names no market: the week is taken from the rows ({week}) and holidays are not known; `calendar` says it"
    );
    Finding { kind: FindingKind::CalendarUnknown, count: 1, days: Vec::new(), action: Action::Kept, text }
}

/// Stop where more than a few of the latest rows fall on closed days with prices of their own, and say which of ticker,
/// week and time zone was misread.
fn refuse_misread(ticker: &Ticker, calendar: &Calendar, rows: &[Bar], judged: &[Verdict]) -> Result<(), Refusal> {
    let from = rows.len().saturating_sub(JUDGED);
    let (rows, judged) = (&rows[from..], &judged[from..]);
    let closed: Vec<NaiveDate> =
        rows.iter().zip(judged).filter(|(_, v)| **v == Verdict::Closed).map(|(bar, _)| bar.date).collect();
    let share = closed.len() as f64 / rows.len().max(1) as f64;
    let more_than_few = closed.len() > FEW && share > FEW_SHARE;
    if !(more_than_few || (closed.len() > 1 && share >= MANY_SHARE)) {
        return Ok(());
    }
    let days: Vec<String> = closed.iter().take(3).map(|day| format!("{} {day}", week::name(day.weekday()))).collect();
    let more = if closed.len() > days.len() { ", ..." } else { "" };
    let cause = cause(ticker, calendar, rows, &closed);
    Err(Refusal::Series(format!(
        "{} of {} rows fall on days that {} is closed ({}{more}); {cause}",
        closed.len(),
        rows.len(),
        calendar.name(),
        days.join(", ")
    )))
}

fn cause(ticker: &Ticker, calendar: &Calendar, rows: &[Bar], closed: &[NaiveDate]) -> String {
    let seen = Week::of(rows.iter().map(|bar| bar.date));
    let has = |day: Weekday| rows.iter().any(|bar| bar.date.weekday() == day);
    let weekly = closed.iter().filter(|day| calendar.closes_weekly(**day)).count();
    let expected = rows.last().map_or(Week::MONDAY_TO_FRIDAY, |last| calendar.week(last.date));
    if weekly * 2 < closed.len() {
        return format!("these are its holidays, so {ticker} seems to trade elsewhere: say where by `calendar`");
    }
    if expected == Week::MONDAY_TO_FRIDAY && has(Weekday::Sun) && !has(Weekday::Fri) && !has(Weekday::Sat) {
        return "no row falls on a Friday, so each day is one early, as midnights of the exchange written in UTC are (the time \
                zone was misread), or the week runs from Sunday to Thursday: correct the days, or say the market by `calendar`"
            .to_owned();
    }
    if has(Weekday::Sat) && has(Weekday::Sun) {
        return format!(
            "{ticker} trades on weekends, as coins do (the ticker was misread): say `calendar` 24/7, or the market"
        );
    }
    format!("its week is {expected}, and the rows have {seen} (the week was misread): say the market by `calendar`")
}
