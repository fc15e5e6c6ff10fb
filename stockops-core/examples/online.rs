//! An online store over its lines: each line of the input is a request in JSON, each line of the output its answer.
//!
//! ```text
//! cargo run --example online --features redis -- redis://127.0.0.1:6379 stockops
//! {"write": {"view": {"name": "stock_stats", "version": 0, ...}, "rows": [{"ticker": "GOOG", ...}]}}      -> 1
//! {"read": {"views": [{"name": "stock_stats", ...}], "tickers": ["GOOG"], "now": "2026-01-02T21:00:00Z"}} -> [[{"ticker": "GOOG", ...}]]
//! ```
//!
//! A request that fails is answered with `{"error": ..., "kind": ...}`.

use std::io::{BufRead, Write};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use stockops_core::feature_store::{FeatureRow, FeatureView, OnlineStore, RedisConfig, RedisOnline};
use stockops_core::{Result, Ticker};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Write { view: FeatureView, rows: Vec<FeatureRow> },
    Read { views: Vec<FeatureView>, tickers: Vec<Ticker>, now: DateTime<Utc> },
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, project] = &words[..] else { return Err("usage: online REDIS PROJECT".into()) };
    let store =
        RedisOnline::new(&RedisConfig { url: url.clone(), project: project.clone(), ..RedisConfig::default() })?;
    for line in std::io::stdin().lock().lines() {
        let answer = answer(&store, serde_json::from_str(&line?)?);
        let answer = answer.unwrap_or_else(|error| json!({"error": error.to_string(), "kind": error.kind()}));
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn answer(store: &dyn OnlineStore, request: Request) -> Result<Value> {
    match request {
        Request::Write { view, rows } => Ok(json!(store.write(&view, &rows)?)),
        Request::Read { views, tickers, now } => {
            Ok(json!(store.read(&views.iter().collect::<Vec<_>>(), &tickers, now)?))
        }
    }
}
