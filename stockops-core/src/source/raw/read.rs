//! `Reading`: raw rows to bars, stage by stage.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{RawBars, RawRow, dividends, session, splits, units};
use crate::error::{Error, Result};
use crate::market::{Action, Bar, Calendar, Finding, FindingKind};
use crate::source::origin::Origin;
use crate::source::rows::Row;
use crate::source::stamp::Stamp;
use crate::source::{Adjust, ReadOptions, Sourced, Understood, adjust, read};

/// How raw rows become bars. The default asks nothing: today's unfinished bar is left out, and rows that end before the last
/// finished session are an error.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// Of these [`ReadOptions::adjust`], [`ReadOptions::calendar`] and [`ReadOptions::drop_bad_rows`] count.
    pub options: ReadOptions,
    /// Take the bar of a session that is not over, and say so. Default: it is left out.
    pub partial: bool,
    /// Take rows that end before the last finished session, and say so. Default: [`Error::Stale`].
    pub allow_stale: bool,
}

impl RawBars {
    /// Make bars of the rows at the time `now`: leave out what is not over, mend what is safe to mend, adjust, clean, and say
    /// what was found. `docs/bars.md` lists it.
    ///
    /// # Errors
    ///
    /// [`Error::Stale`] where the last finished session misses; [`Error::File`] where rows break a rule, in one list, and
    /// where none is left.
    pub fn read(&self, reading: &Reading, now: DateTime<Utc>) -> Result<Sourced> {
        let mut raw = self.clone();
        let name = format!("{} from {}", raw.ticker, raw.source);
        let origin = Origin { path: Path::new(&name), is_text: false };
        let options = ReadOptions { today: Some(now.date_naive()), ..reading.options };
        let calendar = options.calendar.unwrap_or_else(|| Calendar::of(&raw.ticker));
        let mut findings = Vec::new();
        finished(&mut raw, &calendar, reading, now, &mut findings);
        let newest = raw.rows.iter().rev().find(|row| row.has_close()).map(|row| row.day);
        current(&raw, newest, &calendar, reading, now, &mut findings)?;
        findings.extend(Finding::over(FindingKind::Revised, Action::Dropped, &raw.doubled, |n| {
            format!("{n} day{} there twice, as a live row is, the last of them kept", if n == 1 { "" } else { "s" })
        }));
        let split_days: Vec<NaiveDate> = raw.splits.iter().map(|split| split.day).collect();
        units::mend(&mut raw.rows, &raw.currency, &split_days, &mut findings);
        splits::mend(&mut raw.rows, &raw.splits, &mut findings);
        dividends::mend(&mut raw, &mut findings);
        let count = raw.rows.len();
        let mut rows: Vec<Row> = raw.rows.iter().enumerate().map(|(i, row)| house_row(i + 1, row)).collect();
        let mut bad = Vec::new();
        let adjustment = match options.adjust {
            Adjust::Auto => adjust::adjust(&mut rows, &mut bad, &mut findings),
            Adjust::None => "none: the adjusted closes are not used".to_owned(),
        };
        if options.drop_bad_rows {
            findings.extend(read::notes(origin, &[], &bad, &options));
            bad.clear();
        }
        let (bars, mut quality) = read::cleaned(origin, rows, bad, count, &raw.ticker, &options)?;
        if bars.is_empty() {
            return Err(origin.file(format!("no row is left of {count}: {quality}")));
        }
        if bars.last_day() < newest {
            // A last row that was left out as no row of its own is one that misses.
            current(&raw, bars.last_day(), &calendar, reading, now, &mut findings)?;
        }
        // Whether a bar is whole is known here.
        quality.findings.retain(|finding| !matches!(finding.kind, FindingKind::Today | FindingKind::OutOfDate));
        quality.findings.splice(0..0, findings);
        Ok(Sourced { bars, quality, understood: understood(&raw, adjustment, &calendar) })
    }
}

/// Leave out rows whose session is not over, unless they are asked for.
fn finished(
    raw: &mut RawBars,
    calendar: &Calendar,
    reading: &Reading,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) {
    let days = session::unfinished(raw, calendar, now);
    let with_prices: Vec<NaiveDate> =
        raw.rows.iter().filter(|row| days.contains(&row.day) && row.has_close()).map(|row| row.day).collect();
    let (action, what) = match reading.partial {
        true => (Action::Kept, "kept as it was asked for; its range and volume are those of a part of the day"),
        false => (Action::Dropped, "left out"),
    };
    findings.extend(Finding::over(FindingKind::Unfinished, action, &with_prices, |_| {
        format!("the session of the newest row is not over, {what}")
    }));
    if !reading.partial {
        raw.rows.retain(|row| !days.contains(&row.day));
    }
}

/// An error, or a finding, where the last finished session misses and the newest day is `last`.
fn current(
    raw: &RawBars,
    last: Option<NaiveDate>,
    calendar: &Calendar,
    reading: &Reading,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let wanted = session::wanted(raw, calendar, now);
    let (Some(last), Some(wanted)) = (last, wanted) else { return Ok(()) };
    if last >= wanted {
        return Ok(());
    }
    if !reading.allow_stale {
        let why = "the source lags, or the series has ended".to_owned();
        return Err(Error::Stale { ticker: raw.ticker.to_string(), last_day: last, wanted, why });
    }
    findings.extend(Finding::over(FindingKind::Stale, Action::Kept, &[last], |_| {
        format!("stale: the last row is of {last}, and the session of {wanted} is over")
    }));
    Ok(())
}

fn house_row(place: usize, row: &RawRow) -> Row {
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let bar = Bar {
        date: row.day,
        open: number(row.open),
        high: number(row.high),
        low: number(row.low),
        close: number(row.close),
        volume: number(row.volume),
    };
    let adj_close = row.adj_close.filter(|adj| *adj > 0.0 && adj.is_finite());
    Row { place, stamp: Stamp::Day(row.day), bar, adj_close }
}

fn understood(raw: &RawBars, adjustment: String, calendar: &Calendar) -> Understood {
    let unit = match (raw.currency.as_str(), units::hundredth(&raw.currency)) {
        ("", _) => "prices in an unknown unit".to_owned(),
        (currency, Some(name)) => format!("prices in {name} ({currency}), as quoted"),
        (currency, None) => format!("prices in {currency}"),
    };
    let columns = ["date", "open", "high", "low", "close", "volume", "adj_close"];
    Understood {
        source: format!("{}, fetched {}", raw.source, raw.fetched.format("%Y-%m-%d %H:%M UTC")),
        columns: columns.map(|name| (name.to_owned(), name.to_owned())).into_iter().collect::<BTreeMap<_, _>>(),
        dates: "instants".to_owned(),
        numbers: "numbers".to_owned(),
        zone: format!("instants, put on the clock of {}", raw.zone),
        unit: format!("{unit}; volume in shares or contracts"),
        series: String::new(),
        adjustment,
        frequency: "daily".to_owned(),
        calendar: calendar.name().to_owned(),
    }
}
