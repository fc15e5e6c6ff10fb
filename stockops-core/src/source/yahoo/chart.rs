//! The answer of chart v8, as JSON and as everything else that comes in its place.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::shape::{Divided, Document, Meta, Paid, Quote, Refusal, Series};
use super::zone::{Zone, instant};

use crate::error::Trouble;
use crate::market::Ticker;
use crate::source::http::{Answer, STAY_AWAY};
use crate::source::raw::{Payment, RawBars, RawRow, Split};

/// Characters of a foreign text that a message shows.
const SHOWN: usize = 200;

/// Rows and events of `answer`; `None` where there is no such ticker, or where all of it was asked for and nothing came.
pub(super) fn read(
    answer: &Answer,
    ticker: &Ticker,
    since: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Option<RawBars>, Trouble> {
    if [401, 403, 451].contains(&answer.status) {
        return Err(Trouble::Blocked { status: answer.status });
    }
    let document: Document = serde_json::from_slice(&answer.body).map_err(|error| not_read(answer, &error))?;
    let Some(chart) = document.chart.or(document.finance) else {
        return Err(Trouble::Refused { problem: format!("JSON that is no chart (HTTP {})", answer.status) });
    };
    if let Some(refusal) = chart.error {
        return refused(answer.status, &refusal, ticker, since, now);
    }
    let Some(series) = chart.result.and_then(|result| result.into_iter().next()) else {
        return if answer.status == 404 { Ok(None) } else { Err(half("there is neither a result nor an error")) };
    };
    let raw = series.into_raw(ticker, since, now)?;
    Ok(Some(raw).filter(|raw| since.is_some() || !raw.rows.is_empty()))
}

fn half(problem: impl Into<String>) -> Trouble {
    Trouble::Half { problem: problem.into() }
}

/// A text of others at a readable length, without what moves a terminal.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN).collect::<String>().trim().to_owned()
}

fn not_read(answer: &Answer, error: &serde_json::Error) -> Trouble {
    let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(SHOWN)]);
    match text.trim_start().starts_with('{') {
        true if error.is_data() => {
            half(format!("the JSON is no chart as it was known ({})", shown(&error.to_string())))
        }
        // A number that is cut counts as a wrong one.
        true => half(format!("the JSON ends in the middle, or is damaged ({error})")),
        false if answer.status == 404 => {
            Trouble::Refused { problem: "HTTP 404, and no chart: the address of the source is not right".to_owned() }
        }
        false => Trouble::NotJson { begins: shown(&text).chars().take(60).collect() },
    }
}

/// What a refusal in JSON means.
fn refused(
    status: u16,
    refusal: &Refusal,
    ticker: &Ticker,
    since: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Option<RawBars>, Trouble> {
    let code = refusal.code.as_deref().unwrap_or_default();
    let words = refusal.description.as_deref().unwrap_or_default();
    if code == "Not Found" || words.contains("symbol may be delisted") {
        return Ok(None);
    }
    if words.starts_with("Data doesn't exist") {
        return Ok(since.map(|_| empty(ticker, now)));
    }
    match code {
        "Unauthorized" | "Forbidden" => Err(Trouble::Blocked { status }),
        "Too Many Requests" => Err(Trouble::RateLimited { wait: STAY_AWAY }),
        _ => Err(Trouble::Refused { problem: shown(&format!("{code}: {words} (HTTP {status})")) }),
    }
}

fn empty(ticker: &Ticker, now: DateTime<Utc>) -> RawBars {
    RawBars {
        ticker: ticker.clone(),
        source: "Yahoo".to_owned(),
        fetched: now,
        zone: Tz::UTC.name().to_owned(),
        currency: String::new(),
        session: None,
        last_trade: None,
        doubled: Vec::new(),
        rows: Vec::new(),
        dividends: Vec::new(),
        gains: Vec::new(),
        splits: Vec::new(),
    }
}

impl Series {
    fn into_raw(self, ticker: &Ticker, since: Option<NaiveDate>, now: DateTime<Utc>) -> Result<RawBars, Trouble> {
        self.meta.is_asked_for(ticker)?;
        let clock = Zone::of(&self.meta);
        let mut raw = RawBars { zone: clock.name(), ..empty(ticker, now) };
        raw.currency = self.meta.currency.as_deref().map(shown).unwrap_or_default();
        raw.last_trade = self.meta.regular_market_time.and_then(instant);
        let regular = self.meta.current_trading_period.and_then(|periods| periods.regular);
        raw.session = regular.and_then(|regular| instant(regular.start).zip(instant(regular.end)));
        let times = self.timestamp.unwrap_or_default();
        let quote = self.indicators.quote.into_iter().next().unwrap_or_default();
        let adjusted = self.indicators.adjclose.into_iter().next().unwrap_or_default();
        (raw.rows, raw.doubled) = rows(&times, &quote, &adjusted.adjclose, &clock)?;
        let day = |seconds: i64| clock.day(seconds).ok_or_else(|| half(format!("an event has the time {seconds}")));
        let events = self.events.unwrap_or_default();
        for (paid, list) in [(events.dividends, &mut raw.dividends), (events.capital_gains, &mut raw.gains)] {
            for Paid { date, amount } in paid.into_iter().flat_map(BTreeMap::into_values) {
                list.extend(amount.map(|amount| Ok(Payment { day: day(date)?, amount })).transpose()?);
            }
            list.sort_by_key(|payment| payment.day);
        }
        for Divided { date, numerator, denominator } in events.splits.into_iter().flat_map(BTreeMap::into_values) {
            let numbers = numerator.zip(denominator);
            raw.splits.extend(numbers.map(|(new, old)| Ok(Split { day: day(date)?, new, old })).transpose()?);
        }
        raw.splits.sort_by_key(|split| split.day);
        if let Some(since) = since {
            raw.rows.retain(|row| row.day >= since);
        }
        Ok(raw)
    }
}

impl Meta {
    /// Whether the answer is what was asked for: daily rows of `ticker`.
    fn is_asked_for(&self, ticker: &Ticker) -> Result<(), Trouble> {
        let symbol = self.symbol.as_deref().unwrap_or_else(|| ticker.as_str());
        if !symbol.eq_ignore_ascii_case(ticker.as_str()) {
            return Err(Trouble::Refused { problem: format!("rows of {} and not of {ticker}", shown(symbol)) });
        }
        match self.data_granularity.as_deref() {
            None | Some("1d") => Ok(()),
            Some(other) => Err(Trouble::Refused { problem: format!("rows of {} and not of days", shown(other)) }),
        }
    }
}

/// Rows by day, and days that came twice: of those the last row with a close is kept.
fn rows(
    times: &[i64],
    quote: &Quote,
    adjusted: &[Option<f64>],
    clock: &Zone,
) -> Result<(Vec<RawRow>, Vec<NaiveDate>), Trouble> {
    let columns = [
        ("open", &quote.open[..]),
        ("high", &quote.high),
        ("low", &quote.low),
        ("close", &quote.close),
        ("volume", &quote.volume),
        ("adjclose", adjusted),
    ];
    for (name, column) in columns {
        // A column without any number is left out by the source.
        let may_miss = column.is_empty() && matches!(name, "volume" | "adjclose");
        if column.len() != times.len() && !may_miss {
            return Err(half(format!("{} days and {} values of {name}", times.len(), column.len())));
        }
    }
    let mut by_day: BTreeMap<NaiveDate, RawRow> = BTreeMap::new();
    let mut doubled = Vec::new();
    for (i, time) in times.iter().enumerate() {
        let is_live = i + 1 == times.len();
        let Some(day) = clock.row_day(*time, is_live) else { return Err(half(format!("a row has the time {time}"))) };
        let [open, high, low, close, volume, adj_close] = columns.map(|(_, column)| column.get(i).copied().flatten());
        let row = RawRow { day, open, high, low, close, volume, adj_close };
        match by_day.get(&day) {
            Some(before) if before.has_close() && !row.has_close() => {}
            Some(before) => {
                doubled.extend(before.has_close().then_some(day));
                by_day.insert(day, row);
            }
            None => drop(by_day.insert(day, row)),
        }
    }
    Ok((by_day.into_values().collect(), doubled))
}

#[cfg(test)]
mod tests;
