//! `Logs`: lines of JSON on standard error and in a file of bounded size, without secrets.

mod audit;
mod file;
mod redact;
mod write;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt};

pub use audit::{Deed, audit};
use file::Rotated;
use redact::Redactor;
use write::Writer;

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
/// Each line is one JSON object: `timestamp`, `level`, `target`, `fields` with the `message`, and the request's span with its
/// `request_id`. A newline in a field is escaped, so that nobody can write a line of his own.
#[derive(Debug, Clone)]
pub struct Logs {
    writer: Writer,
    filter: Targets,
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
        Ok(Self { writer, filter })
    }

    /// What writes the lines: for [`tracing::subscriber::set_global_default`], or for a test.
    pub fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        let lines = fmt::layer().json().with_current_span(true).with_span_list(false).with_writer(self.writer.clone());
        tracing_subscriber::registry().with(lines.with_filter(self.filter.clone()))
    }

    /// The last `lines` lines that were written, of the newest file and the one before it. Without a file it is empty.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn tail(&self, lines: usize) -> io::Result<Tail> {
        self.writer.file().map_or(Ok(Tail { logs: String::new(), filename: String::new() }), |file| file.tail(lines))
    }
}
