//! `AppConfig`: the settings of a server.

use std::path::PathBuf;
use std::time::Duration;

use stockops_agents::analyze;
use stockops_core::{ReadOptions, Ticker};

use crate::guard::GuardConfig;
use crate::kept::KeptConfig;
use crate::limits::LimitConfig;

/// The settings of a server.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// The folder or the bucket of registry, record, runs, reports, features and sent bars. Jobs of a server alone are in
    /// [`local`](stockops_core::storage::local) of it, and so is the log.
    pub home: PathBuf,
    /// What the source of bars is called in reports.
    pub bars_from: String,
    /// How files of bars are read.
    pub read: ReadOptions,
    /// How long the source's bars are believed. Default a minute.
    pub fresh: Duration,
    /// How the routes are guarded.
    pub guard: GuardConfig,
    /// How often may be asked.
    pub limits: LimitConfig,
    /// What is kept of answers.
    pub kept: KeptConfig,
    /// The Redis that several servers share: limits, kept answers and jobs; none for a server alone.
    pub redis: Option<String>,
    /// Jobs at once. Default half of the processors, at least one, so that answers stay fast while models train.
    pub workers: usize,
    /// When drift is looked for and models are trained again, as a line of cron in UTC, such as `30 22 * * 1-5`; none for never.
    pub schedule: Option<String>,
    /// Tickers whose quality is a metric of its own, and which the schedule looks at beside those that have models.
    pub watch: Vec<Ticker>,
    /// How reports are made.
    pub analysts: analyze::Settings,
    /// How long open requests and jobs have at the end. Default 10 seconds.
    pub drain: Duration,
}

impl AppConfig {
    /// The default settings on `home`.
    pub fn new(home: impl Into<PathBuf>) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            home: home.into(),
            bars_from: "the source".into(),
            read: ReadOptions::default(),
            fresh: Duration::from_secs(60),
            guard: GuardConfig::default(),
            limits: LimitConfig::default(),
            kept: KeptConfig::default(),
            redis: None,
            workers: (processors / 2).max(1),
            schedule: None,
            watch: Vec::new(),
            analysts: analyze::Settings::default(),
            drain: Duration::from_secs(10),
        }
    }
}
