//! Flags of `serve` and `mcp`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use stockops_core::Ticker;

use super::{Llm, parse};

/// Which part of the service a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Both.
    All,
    /// It answers, and leaves trainings and reports to others.
    Serve,
    /// It does what those that answer leave to it.
    Work,
}

/// How the service is run.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Serve {
    /// Address to listen on; another than this machine's own wants keys (STOCKOPS_API_KEY, STOCKOPS_ADMIN_KEY)
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) host: IpAddr,
    /// Port; 0 takes a free one, which the first line on stderr names
    #[arg(long, default_value_t = 8000, value_name = "N")]
    pub(crate) port: u16,
    /// Listen for others without any key
    #[arg(long)]
    pub(crate) without_keys: bool,
    /// Name under which it may be called beside those of this machine; several
    #[arg(long, value_name = "HOST")]
    pub(crate) allowed_host: Vec<String>,
    /// Origin of a page elsewhere that may call it, scheme and name as its browser sends them; several [default: none]
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) cors_origin: Vec<String>,
    /// Network of a proxy that is believed when it says for whom it asks, such as 10.0.0.0/8; several [default: none]
    #[arg(long, value_name = "NETWORK")]
    pub(crate) trusted_proxy: Vec<String>,
    /// Part of the service, with Redis between the parts: serve answers and leaves trainings and reports to those that work; work does them, and
    /// answers probes and scrapes alone (/health, /livez, /readyz, /metrics)
    #[arg(long, env = "STOCKOPS_ROLE", value_enum, default_value_t = Role::All, hide_possible_values = true, value_name = "all|serve|work")]
    pub(crate) role: Role,
    /// Trainings and reports at once; 0 leaves them to other servers on the same Redis [default: half of the processors]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// When drift is looked for, models are trained again and forecast, as a line of cron in UTC, such as "30 22 * * 1-5" [default: never]
    #[arg(long, env = "STOCKOPS_SCHEDULE", value_name = "CRON")]
    pub(crate) schedule: Option<String>,
    /// Ticker whose quality is a metric of its own, and which the schedule looks at; several, in the variable with commas between them
    #[arg(long, env = "STOCKOPS_WATCH", value_delimiter = ',', value_name = "TICKER", value_parser = parse::<Ticker>)]
    pub(crate) watch: Vec<Ticker>,
    /// No limits on how often may be asked: for a measurement
    #[arg(long)]
    pub(crate) no_limits: bool,
    #[command(flatten)]
    pub(crate) llm: Llm,
    /// Headlines as JSON, asked last [default: Finnhub with FINNHUB_API_KEY, and Yahoo where bars are Yahoo's]
    #[arg(long, env = "STOCKOPS_NEWS_FILE", value_name = "FILE")]
    pub(crate) news: Option<PathBuf>,
}

/// What a server of the Model Context Protocol may do.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Mcp {
    /// Add the tool `train`, which registers models
    #[arg(long)]
    pub(crate) allow_training: bool,
    /// Folder whose files may be checked, links followed; several [default: the working directory, unless that is / or your home]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) llm: Llm,
    /// Serve over HTTP at this address, such as 127.0.0.1:8765, and not on standard input and output
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) http: Option<SocketAddr>,
    /// Name under which it may be called beside those of this machine, with a port where only that one is meant; several
    #[arg(long, value_name = "HOST", requires = "http")]
    pub(crate) allowed_host: Vec<String>,
}
