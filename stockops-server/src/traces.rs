//! `Traces`: the spans of this process to a collector, by OTLP over HTTP.
//!
//! ```text
//! request ──► forecast                                  each span with its times, fields and events
//!    ├──────► node ──► llm                              job spans go on in the trace of who asked for the job
//!    └─(asks for)─► job ──► forecast, node ──► llm
//! ```

mod config;
mod export;
mod layer;
mod span;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use stockops_core::Result;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use config::TraceConfig;
use export::Exporter;
pub(crate) use span::current;

/// What sends the spans of this process. A clone sends to the same place.
///
/// A thread of its own sends what has come, by a blocking client, every five seconds or 512 spans. A collector that is away costs
/// spans and no answer: 2,048 of them wait, and what comes then is left out.
#[derive(Debug, Clone)]
pub struct Traces {
    config: Arc<TraceConfig>,
    exporter: Arc<Exporter>,
}

impl Traces {
    /// By the variables of OpenTelemetry, which `read` reads: `OTEL_EXPORTER_OTLP_ENDPOINT` (or `..._TRACES_ENDPOINT`),
    /// `..._HEADERS`, `..._TIMEOUT`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and `..._ARG`,
    /// `OTEL_SDK_DISABLED`. `None` where no endpoint is named. No text of a span holds one of `secrets`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](stockops_core::Error::Config) for a value that cannot be used; headers are not repeated, since they may
    /// hold a key.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_server::traces::Traces;
    ///
    /// assert!(Traces::from_variables(|_| None, Vec::new())?.is_none());
    /// let collector = |name: &str| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| "collector:4318".into());
    /// let wrong = Traces::from_variables(collector, Vec::new());
    /// assert!(wrong.unwrap_err().to_string().contains("an address such as http://localhost:4318"));
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn from_variables(read: impl Fn(&str) -> Option<String>, secrets: Vec<String>) -> Result<Option<Self>> {
        let Some(config) = TraceConfig::read(read, secrets)? else { return Ok(None) };
        let config = Arc::new(config);
        Ok(Some(Self { exporter: Arc::new(Exporter::start(Arc::clone(&config))), config }))
    }

    /// What gathers the spans, for a subscriber: those of stockops, from `info` on.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = Targets::new().with_target("stockops", LevelFilter::INFO);
        layer::Gather { traces: self.clone() }.with_filter(ours)
    }

    /// Send what has come until now; `false` where that took longer than `patience`.
    pub fn flush(&self, patience: Duration) -> bool {
        self.exporter.flush(patience)
    }
}
