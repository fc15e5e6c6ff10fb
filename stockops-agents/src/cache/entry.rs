//! `CacheEntry`: an answer that is kept, what it was an answer to, and when it holds.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use stockops_core::Ticker;
use stockops_core::forecast::Stance;

use super::ContentWords;
use crate::verdict::Confidence;

/// What an answer holds for: the same question means something else after the next bar, another model, or other prompts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Whose report.
    pub ticker: Ticker,
    /// Last day of the bars.
    pub last_bar: NaiveDate,
    /// The version that forecasts, such as `GOOG@3`.
    pub model_version: String,
    /// The version of prompts, settings and whoever writes.
    pub prompt_version: String,
}

/// The answer, by the names of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CachedReport {
    /// The report's text.
    pub summary: String,
    /// `BULLISH`, `BEARISH` or `NEUTRAL`.
    pub recommendation: Stance,
    /// `High`, `Medium` or `Low`.
    pub confidence: Confidence,
    /// Close of the last bar.
    pub last_price: f64,
    /// The forecast, as `/analyze` gives it.
    pub predictions: Value,
    /// The whole answer, so that it comes out as it went in.
    #[serde(default)]
    pub report: Value,
}

/// A kept answer. As JSON it is the payload of a point in Qdrant: the contract's keys beside those of this house.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CacheEntry {
    /// A UUID made of scope, embedder and question: the same question asked again takes the place of the earlier answer.
    pub id: String,
    /// The question as it was asked.
    pub question: String,
    /// What decides it.
    pub content_words: ContentWords,
    /// What it holds for.
    #[serde(flatten)]
    pub scope: Scope,
    /// Who made the vector.
    pub embedder: String,
    /// The answer.
    #[serde(flatten)]
    pub report: CachedReport,
    /// When it was written, in whole seconds.
    #[serde(rename = "created_at_ts", with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// The question's vector; empty where it was not asked for.
    #[serde(skip)]
    pub vector: Vec<f32>,
}

impl CacheEntry {
    /// The id of the answer to `question` within `scope`, by the vectors of `embedder`.
    pub fn id_of(scope: &Scope, embedder: &str, question: &str) -> String {
        let Scope { ticker, last_bar, model_version, prompt_version } = scope;
        let parts = [ticker.as_str(), &last_bar.to_string(), model_version, prompt_version, embedder, question];
        // Lengths keep `a`, `bc` apart from `ab`, `c`.
        let text: String = parts.iter().map(|part| format!("{}:{part};", part.len())).collect();
        let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        // A UUID of version 8: its bits are of whoever makes it.
        format!("{}-{}-8{}-a{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32])
    }
}
