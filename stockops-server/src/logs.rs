//! `Logs`: lines of JSON on standard error and in a file of bounded size, without secrets.

mod audit;
mod file;
mod redact;
#[cfg(test)]
mod tests;
mod write;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tracing::Subscriber;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt};

pub use audit::{Deed, audit};
use file::Rotated;
pub(crate) use redact::Redactor;
use write::Writer;

/// Lines of a tail at most.
const LINES: usize = 10_000;

/// Where lines go, and which.
#[derive(Clone)]
pub struct LogConfig {
    /// The folder of the files, `HOME/logs`; `None` keeps no file.
    pub folder: Option<PathBuf>,
    /// What is logged, as `RUST_LOG` says it: `info`, or `stockops_server=debug,warn`. Default `info`.
    pub filter: String,
    /// Values that are never written: keys, tokens, passwords. Values under 4 characters are not looked for.
    pub secrets: Vec<String>,
    /// Bytes of a file before the next begins. Default 10 MiB.
    pub bytes: u64,
    /// How many files there are at most. Default 5.
    pub files: usize,
    /// Whether lines go to standard error too. Default yes.
    pub to_stderr: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { folder: None, filter: "info".into(), secrets: Vec::new(), bytes: 10 << 20, files: 5, to_stderr: true }
    }
}

/// Secrets are not shown.
impl std::fmt::Debug for LogConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogConfig").field("folder", &self.folder).field("filter", &self.filter).finish_non_exhaustive()
    }
}

/// The logs of a server. A clone is the same.
///
/// Each line is one JSON object: `timestamp`, `level`, `target`, `fields` with the `message`, and in `spans` the request with its
/// `request_id`. A newline in a field is escaped, so that nobody can write a line of his own.
#[derive(Debug, Clone)]
pub struct Logs {
    writer: Writer,
    filter: Targets,
    #[cfg(feature = "otlp")]
    traces: Option<crate::traces::Traces>,
}

/// The last lines of the log, as `/system/logs` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Tail {
    /// Lines of JSON, the newest last.
    pub logs: String,
    /// Name of the file, without its folder.
    pub filename: String,
}

impl Logs {
    /// Open the file.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made or the file not be opened, and [`io::ErrorKind::InvalidInput`] for a filter that is none.
    pub fn open(config: LogConfig) -> io::Result<Self> {
        let invalid = |_| {
            let words =
                format!("RUST_LOG must be such as `info` or `stockops_server=debug,warn`, got `{}`", config.filter);
            io::Error::new(io::ErrorKind::InvalidInput, words)
        };
        // Deeds are written whatever is asked for.
        let filter = config.filter.parse::<Targets>().map_err(invalid)?.with_target(audit::TARGET, LevelFilter::INFO);
        let file = config.folder.map(|folder| Rotated::open(folder, config.bytes, config.files)).transpose()?;
        let writer = Writer::new(file.map(Arc::new), Redactor::new(config.secrets), config.to_stderr);
        Ok(Self {
            writer,
            filter,
            #[cfg(feature = "otlp")]
            traces: None,
        })
    }

    /// The same, with spans that go to a collector beside the lines.
    #[cfg(feature = "otlp")]
    #[must_use]
    pub fn with_traces(self, traces: Option<crate::traces::Traces>) -> Self {
        Self { traces, ..self }
    }

    /// Let this process log here: all events, and panics with their place.
    ///
    /// # Errors
    ///
    /// Where the process logs elsewhere already.
    pub fn install(&self) -> Result<(), SetGlobalDefaultError> {
        tracing::subscriber::set_global_default(self.subscriber())?;
        std::panic::set_hook(Box::new(|panic| {
            let words = panic.payload_as_str().unwrap_or("something");
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(panic = words, place, "a panic");
        }));
        Ok(())
    }

    /// Send the spans that have come until now; `false` where that took longer than `patience`. `true` where none are sent.
    #[cfg(feature = "otlp")]
    pub fn flush(&self, patience: std::time::Duration) -> bool {
        self.traces.as_ref().is_none_or(|traces| traces.flush(patience))
    }

    /// What writes the lines: for [`tracing::subscriber::set_global_default`], or for a test.
    pub fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        let lines = fmt::layer().json().with_current_span(false).with_span_list(true).with_writer(self.writer.clone());
        #[cfg(feature = "otlp")]
        let traces = self.traces.as_ref().map(crate::traces::Traces::layer);
        #[cfg(not(feature = "otlp"))]
        let traces = None::<tracing_subscriber::layer::Identity>;
        tracing_subscriber::registry().with(lines.with_filter(self.filter.clone())).with(traces)
    }

    /// The last `lines` lines that were written, 10,000 at most, of the newest file and the one before it. Without a file it is empty.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn tail(&self, lines: usize) -> io::Result<Tail> {
        self.writer
            .file()
            .map_or(Ok(Tail { logs: String::new(), filename: String::new() }), |file| file.tail(lines.min(LINES)))
    }
}
