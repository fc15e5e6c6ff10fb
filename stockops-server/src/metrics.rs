//! `Metrics`: what Prometheus reads, under the names of the contract and with bounded labels.

mod http;
mod jobs;
mod models;
mod quality;
mod redis;
mod system;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use prometheus::core::Collector;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use stockops_core::Ticker;

pub use jobs::{TaskKind, TaskState};
pub use models::{Change, Standing, sessions_behind};
pub use quality::Quality;
pub use redis::Usage;

use crate::kept::Kind;

/// Seconds of an answer: the same in every server, so that replicas can be added up.
const ANSWER_SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Counters, gauges and histograms of one server, in a registry of their own. A clone is the same server's.
///
/// No label takes a value that a client chooses: routes count by their template, tasks as `parent` or `child`, cached answers by
/// their kind, and a ticker has gauges of its own only where it is on the watch list. So the number of series has a bound, however
/// many tickers are asked for.
///
/// # Example
///
/// ```
/// use stockops_server::metrics::Metrics;
///
/// let metrics = Metrics::new(&[]);
/// metrics.predicted("child", 0.004);
/// assert!(metrics.text().contains("prediction_total{type=\"child\"} 1"));
/// ```
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    http: http::Http,
    jobs: jobs::Jobs,
    models: models::Models,
    quality: quality::Qualities,
    system: system::System,
    predictions: IntCounterVec,
    latency: HistogramVec,
    hits: IntCounterVec,
    misses: IntCounterVec,
    redis_up: IntGauge,
    redis_keys: IntGauge,
    redis_set: IntGauge,
    redis_used: IntGauge,
    redis_limit: IntGauge,
    limited: IntCounterVec,
}

impl Metrics {
    /// Nothing was counted yet. The tickers of `watch`, the first 50 of them, have gauges of their model's quality.
    pub fn new(watch: &[Ticker]) -> Self {
        let registry = Registry::new();
        let r = &registry;
        let metrics = Self(Arc::new(Inner {
            http: http::Http::new(r),
            jobs: jobs::Jobs::new(r),
            models: models::Models::new(r, watch),
            quality: quality::Qualities::new(r, watch),
            system: system::System::new(r),
            predictions: counters(r, "prediction_total", "Predictions that were made, by type of model.", &["type"]),
            latency: histograms(
                r,
                "prediction_latency_seconds",
                "Time that a prediction took.",
                &["type"],
                &ANSWER_SECONDS,
            ),
            hits: counters(r, "redis_cache_hit_total", "Answers that were kept already, by kind.", &["key"]),
            misses: counters(r, "redis_cache_miss_total", "Answers that had to be computed, by kind.", &["key"]),
            redis_up: gauge(r, "redis_up", "Whether Redis answers: 1 yes, 0 no or none is set."),
            redis_keys: gauge(r, "redis_keys_total", "Keys in Redis."),
            redis_set: gauge(r, "stockops_redis_configured", "Whether this server was given a Redis: 1 yes, 0 no."),
            redis_used: gauge(r, "stockops_redis_memory_used_bytes", "Memory that Redis uses, in bytes."),
            redis_limit: gauge(
                r,
                "stockops_redis_memory_limit_bytes",
                "Memory that Redis may use, in bytes; 0 where it has no limit.",
            ),
            limited: counters(r, "stockops_refused_total", "Requests that were refused, by status.", &["status"]),
            registry,
        }));
        // A first prediction is only seen as an increase where 0 stood before.
        for kind in ["parent", "child"] {
            metrics.0.predictions.with_label_values(&[kind]);
            metrics.0.latency.with_label_values(&[kind]);
        }
        metrics
    }

    /// A prediction by the model of a parent (`parent`) or a child (`child`) was made in so many seconds. Any other word counts as
    /// `child`.
    pub fn predicted(&self, model: &str, seconds: f64) {
        let kind = if model == "parent" { "parent" } else { "child" };
        self.0.predictions.with_label_values(&[kind]).inc();
        self.0.latency.with_label_values(&[kind]).observe(seconds);
    }

    /// All of it as Prometheus reads it (text format 0.0.4, see [`Metrics::CONTENT_TYPE`]). It reads memory alone.
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        // Into memory, of families that the registry has checked.
        let _ = TextEncoder::new().encode(&self.0.registry.gather(), &mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    /// The content type of [`Metrics::text`].
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// A registry to which other parts may add what is theirs.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// Hits and misses of kept answers of a kind.
    pub(crate) fn kept(&self, kind: Kind) -> (IntCounter, IntCounter) {
        let word = [kind.word()];
        (self.0.hits.with_label_values(&word), self.0.misses.with_label_values(&word))
    }

    /// A request was refused before its route saw it.
    pub(crate) fn refused(&self, status: u16) {
        self.0.limited.with_label_values(&[&status.to_string()]).inc();
    }
}

/// Put a family into the registry. Names and labels are fixed in this folder, so that they fit is tested.
fn enter<C: Collector + Clone + 'static>(registry: &Registry, made: prometheus::Result<C>) -> C {
    let family = made.expect("names and labels are fixed");
    registry.register(Box::new(family.clone())).expect("each name is entered once");
    family
}

fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    enter(registry, IntCounterVec::new(Opts::new(name, help), labels))
}

fn histograms(registry: &Registry, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
    enter(registry, HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
}

fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    enter(registry, IntGauge::new(name, help))
}
