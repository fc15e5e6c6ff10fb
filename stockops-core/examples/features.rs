//! Features for a program in another language: each line of the input is a request in JSON, each line of the output its answer.
//!
//! ```text
//! cargo run --example features --features redis -- HOME redis://127.0.0.1:6379 stockops
//! {"apply": {"view": {"name": "stock_stats", "version": 0, ...}}}
//! {"history": {"view": "stock_stats", "entities": [{"ticker": "GOOG", "event_timestamp": "2026-01-02T21:00:00Z"}], "known": "then"}}
//! {"write": {"view": {...}, "rows": [{"ticker": "GOOG", ...}]}}
//! {"read": {"views": [{...}], "tickers": ["GOOG"], "now": "2026-01-02T21:00:00Z"}}
//! ```
//!
//! A request that fails is answered with `{"error": ..., "kind": ...}`.

use std::io::{BufRead, Write};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use stockops_core::feature_store::{
    EntityRow, FeatureRow, FeatureView, Known, OfflineStore, OnlineStore, RedisConfig, RedisOnline,
};
use stockops_core::{Result, Ticker};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Apply { view: FeatureView },
    History { view: String, entities: Vec<EntityRow>, known: Known },
    Write { view: FeatureView, rows: Vec<FeatureRow> },
    Read { views: Vec<FeatureView>, tickers: Vec<Ticker>, now: DateTime<Utc> },
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [home, url, project] = &words[..] else { return Err("usage: features HOME REDIS PROJECT".into()) };
    let config = RedisConfig { url: url.clone(), project: project.clone(), ..RedisConfig::default() };
    let (offline, online) = (OfflineStore::open(home), RedisOnline::new(&config)?);
    for line in std::io::stdin().lock().lines() {
        let answer = answer(&offline, &online, serde_json::from_str(&line?)?);
        let answer = answer.unwrap_or_else(|error| json!({"error": error.to_string(), "kind": error.kind()}));
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn answer(offline: &OfflineStore, online: &dyn OnlineStore, request: Request) -> Result<Value> {
    Ok(match request {
        Request::Apply { view } => json!(offline.apply(&view, None, Utc::now())?),
        Request::History { view, entities, known } => json!(offline.historical(&view, &entities, known)?),
        Request::Write { view, rows } => json!(online.write(&view, &rows)?),
        Request::Read { views, tickers, now } => {
            json!(online.read(&views.iter().collect::<Vec<_>>(), &tickers, now)?)
        }
    })
}
