//! `stockops features`: what is kept of tickers, with when it was known.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stockops_core::feature_store::{
    Applied, EntityRow, Failed, FeatureRow, FeatureStore, FeatureView, Known, Layout, Materialized, OnlineRow,
};
use stockops_core::report::Table;
use stockops_core::source::BuiltinSource;
use stockops_core::{Error, Ticker};

use super::print;
use crate::args::{Common, Features};
use crate::failure::Failure;
use crate::flags::as_flags;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, action: &Features) -> Result<(), Failure> {
    // Bars are read by one of them alone.
    let stockops = || settings.service(BuiltinSource);
    match action {
        Features::Apply { view, layout } => apply(common, stockops()?.features(), view.as_deref(), *layout),
        Features::Materialize { ticker } => materialize(common, settings, ticker),
        Features::Get { ticker, view } => get(common, stockops()?.features(), ticker, view),
        Features::History { entities: None, known_then: true, .. } => {
            let text = "--known-then is for a list of tickers and times: give it with --entities FILE, or for one ticker --known TIME";
            Err(Failure::wrong("call", text.into()))
        }
        Features::History { ticker: Some(ticker), view, known, .. } => {
            history(common, stockops()?.features(), ticker, view, *known)
        }
        Features::History { entities: Some(file), view, known_then, .. } => {
            let known = if *known_then { Known::Then } else { Known::Now };
            joined(common, stockops()?.features(), file, view, known)
        }
        Features::History { .. } => {
            Err(Failure::wrong("call", "name a ticker, or a list of tickers and times with --entities FILE".into()))
        }
    }
}

fn apply(common: &Common, store: &FeatureStore, file: Option<&Path>, layout: Option<Layout>) -> Result<(), Failure> {
    let view = file.map_or_else(|| Ok(FeatureView::default()), read_view)?;
    let applied = store.apply(&view, layout)?;
    print(common.json, &applied, || views(&applied).to_string())
}

fn read_view(path: &Path) -> Result<FeatureView, Failure> {
    let text = std::fs::read(path).map_err(|error| problem(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| problem(path, &error))
}

fn problem(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Error::File { path: path.into(), line: None, problem: error.to_string() }.into()
}

fn views(applied: &Applied) -> Table {
    let mut table = Table::new(["view", "features", "valid for", "layout", "hash"]);
    table.extend(applied.views.iter().map(|applied_view| {
        let (view, hash) = (&applied_view.view, applied_view.definition.sha256());
        let valid = view.ttl().map_or("ever".to_owned(), duration);
        vec![view.versioned_name(), view.names().join(" "), valid, applied.layout.to_string(), hash[..12].to_owned()]
    }));
    table
}

/// In the largest unit of which it is a whole number.
fn duration(ttl: TimeDelta) -> String {
    match ttl.num_seconds() {
        seconds if seconds % 86_400 == 0 => format!("{} days", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{} hours", seconds / 3_600),
        seconds => format!("{seconds} seconds"),
    }
}

fn materialize(common: &Common, settings: &Settings, tickers: &[Ticker]) -> Result<(), Failure> {
    let main = tickers.first();
    let source = settings.source(common, main)?;
    let tickers: Vec<Ticker> = if tickers.is_empty() { source.tickers().cloned().collect() } else { tickers.to_vec() };
    let stockops = settings.service(source)?;
    let ingested = stockops.ingest(&tickers)?;
    let online = stockops.features().online().map(|_| stockops.features().materialize()).transpose()?;
    let failure = undone(&ingested.failed, tickers.len(), online.as_ref());
    let document = json!({"written": ingested.written, "failed": ingested.failed, "online": online});
    let document = Failure::beside(failure.as_ref(), document);
    print(common.json, &document, || {
        let mut lines: Vec<String> = ingested
            .written
            .iter()
            .map(|written| format!("{}: {} new bars, {} new rows", written.ticker, written.bars, written.rows))
            .collect();
        let noted = ingested.written.iter().filter_map(|written| Some((&written.ticker, written.note.as_ref()?)));
        lines.extend(noted.map(|(ticker, note)| format!("note: {ticker}: {note}")));
        lines.extend(ingested.failed.iter().map(|failed| format!("{}: {}", failed.ticker, failed.message)));
        lines.push(online.as_ref().map_or("no online store is named (--redis URL)".to_owned(), sent));
        lines.join("\n")
    })?;
    failure.map_or(Ok(()), Err)
}

/// What of `tickers` tickers was not done.
fn undone(failed: &[Failed], tickers: usize, online: Option<&Materialized>) -> Option<Failure> {
    if let Some(first) = failed.first() {
        let text = format!("{} of {tickers} tickers failed; the first: {}", failed.len(), as_flags(&first.message));
        let is_input = failed.iter().all(|one| one.is_input);
        return Some(Failure::undone(first.kind, text).of_input(is_input));
    }
    online?.problem.clone().map(|problem| Failure::undone("online", problem))
}

fn sent(online: &Materialized) -> String {
    let Materialized { store, rows, taken, .. } = online;
    format!("{store}: {rows} newest rows sent, {taken} taken")
}

fn get(common: &Common, store: &FeatureStore, tickers: &[Ticker], view: &str) -> Result<(), Failure> {
    let (names, rows) = (store.view(view)?.names(), store.get(view, tickers)?);
    let document: Vec<Value> = rows.iter().map(|row| online_row(&names, row)).collect();
    print(common.json, &json!({"view": view, "rows": document}), || {
        let mut table = Table::new(["ticker", "event"].into_iter().map(String::from).chain(names.iter().cloned()));
        table.extend(rows.iter().map(|row| {
            let event = row.event_timestamp.map_or("-".to_owned(), shown);
            [row.ticker.to_string(), event].into_iter().chain(row.values.iter().map(number)).collect::<Vec<_>>()
        }));
        table.to_string()
    })
}

fn online_row(names: &[String], row: &OnlineRow) -> Value {
    let named = |values: Vec<Value>| names.iter().cloned().zip(values).collect::<serde_json::Map<_, _>>();
    json!({
        "ticker": row.ticker,
        "event_timestamp": row.event_timestamp,
        "created_timestamp": row.created_timestamp,
        "values": named(row.values.iter().map(|value| json!(value)).collect()),
        "statuses": named(row.statuses.iter().map(|status| json!(status)).collect()),
    })
}

fn history(
    common: &Common,
    store: &FeatureStore,
    ticker: &Ticker,
    view: &str,
    known: Option<DateTime<Utc>>,
) -> Result<(), Failure> {
    let names = store.view(view)?.names();
    let rows = store.history(view, ticker, known)?;
    if rows.is_empty() && store.history(view, ticker, None)?.is_empty() {
        let text = format!(
            "no rows of {ticker} in {view}; take its bars in with `stockops features materialize {ticker} --bars FILE`"
        );
        return Err(Failure::wrong("not_found", text));
    }
    let document: Vec<Value> = rows.iter().map(|row| feature_row(&names, row)).collect();
    print(common.json, &json!({"view": view, "ticker": ticker, "rows": document}), || {
        table(&names, rows.iter().map(|row| (row.ticker.to_string(), None, Some(row)))).to_string()
    })
}

fn joined(common: &Common, store: &FeatureStore, file: &Path, view: &str, known: Known) -> Result<(), Failure> {
    let (names, entities) = (store.view(view)?.names(), EntityRow::read(file)?);
    let rows = store.historical(view, &entities, known)?;
    let document: Vec<Value> = entities
        .iter()
        .zip(&rows)
        .map(|(entity, row)| {
            let found = row.as_ref().map(|row| feature_row(&names, row));
            json!({"ticker": entity.ticker, "event_timestamp": entity.event_timestamp, "row": found})
        })
        .collect();
    print(common.json, &json!({"view": view, "rows": document}), || {
        let all = entities.iter().zip(&rows);
        table(&names, all.map(|(entity, row)| (entity.ticker.to_string(), Some(entity.event_timestamp), row.as_ref())))
            .to_string()
    })
}

fn feature_row(names: &[String], row: &FeatureRow) -> Value {
    let values: serde_json::Map<String, Value> =
        names.iter().cloned().zip(row.values.iter().map(|value| json!(value))).collect();
    json!({
        "event_timestamp": row.event_timestamp,
        "created_timestamp": row.created_timestamp,
        "values": values,
    })
}

/// Rows with whose they are, and as of when they were asked for.
fn table<'a>(
    names: &[String],
    rows: impl Iterator<Item = (String, Option<DateTime<Utc>>, Option<&'a FeatureRow>)>,
) -> Table {
    let head = ["ticker", "as of", "event", "created"].into_iter().map(String::from);
    let mut table = Table::new(head.chain(names.iter().cloned()));
    table.extend(rows.map(|(ticker, asked, row)| {
        let of_row = |time: fn(&FeatureRow) -> DateTime<Utc>| row.map_or("-".to_owned(), |row| shown(time(row)));
        let times = [
            asked.map_or("-".to_owned(), shown),
            of_row(|row| row.event_timestamp),
            of_row(|row| row.created_timestamp),
        ];
        let none = vec![None; names.len()];
        let values = row.map_or(&none, |row| &row.values).iter().map(number);
        std::iter::once(ticker).chain(times).chain(values).collect::<Vec<_>>()
    }));
    table
}

fn shown(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

fn number(value: &Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.4}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_live_below_a_day_is_told_in_hours_or_seconds() {
        let words = [1_209_600, 60_480, 7_200, 90_000, 90_001].map(|seconds| duration(TimeDelta::seconds(seconds)));
        assert_eq!(words, ["14 days", "60480 seconds", "2 hours", "25 hours", "90001 seconds"]);
    }
}
