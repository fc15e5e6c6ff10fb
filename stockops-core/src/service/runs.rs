//! Runs: what trainings were made, at home and at a server.

use std::sync::mpsc::channel;

use serde::Serialize;

use super::Stockops;
use crate::error::{Error, Result};
use crate::market::Ticker;
use crate::tracking::{HomeRuns, Mirrored, PATIENCE, Point, Recorder, Run, RunId, Synced, Tracker, mirror, sync};

/// A run with the history of its metrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunDetail {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// All values of its metrics, by step.
    pub points: Vec<Point>,
}

impl Stockops {
    /// Where its runs are at home.
    pub fn home_runs(&self) -> &HomeRuns {
        &self.runs
    }

    /// The latest runs at home, at most `most`, the latest first. Those whose process is gone are ended before.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn runs(&self, most: usize) -> Result<Vec<Run>> {
        self.runs.end_killed(self.now())?;
        let mut runs = Vec::new();
        for id in self.runs.ids()? {
            match self.runs.run(&id) {
                Ok(run) => runs.push(run),
                // A process that ended before it wrote the run has left a folder.
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
            if runs.len() == most {
                break;
            }
        }
        Ok(runs)
    }

    /// A run at home with the history of its metrics.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is none, and those of the storage.
    pub fn run(&self, id: &RunId) -> Result<RunDetail> {
        Ok(RunDetail { run: self.runs.run(id)?, points: self.runs.points(id)? })
    }

    /// Begin a run for work of the caller's own; it is sent to the server as it goes.
    pub fn record_run(&self, run: Run) -> Recorder {
        Recorder::begin(self.runs.clone(), self.server.clone(), run)
    }

    /// Send to the server what it does not have of the runs at home, and let its registry follow that of this service.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] without a server, and those of the storage; what the server refuses stands in the answer.
    pub fn sync_runs(&self) -> Result<Synced> {
        let none = || Error::Config {
            field: "tracking_uri",
            rule: "the address of a server of MLflow, to send runs to",
            got: "none".into(),
        };
        let server = self.server.as_ref().ok_or_else(none)?;
        self.runs.end_killed(self.now())?;
        let done = sync(&self.runs, &**server)?;
        // A server that takes no runs has no business with versions.
        let follows = done.left == 0 && server.models().is_some();
        let models = follows.then(|| mirror(&self.runs, self.registry(), &**server, None)).transpose()?;
        Ok(Synced { models, ..done })
    }

    /// The same runs at home, sent to the same server as those of `other`; analyses are runs too from then on.
    #[must_use]
    pub fn with_runs_of(&self, other: &Self) -> Self {
        let (runs, server) = (other.runs.clone(), other.server.clone());
        Self { runs, server, tracks_analyses: true, ..self.clone() }
    }

    /// Let the registry of the server follow that of this service for `ticker`, and wait a little; what is to be said of it.
    pub(super) fn shown(&self, ticker: &Ticker) -> Option<String> {
        let server = self.server.clone().filter(|server| server.models().is_some())?;
        let (runs, registry, tickers) = (self.runs.clone(), self.registry.clone(), [ticker.clone()]);
        let (sender, done) = channel();
        // It is not waited for longer than is sensible, so nobody joins it.
        std::thread::spawn(move || sender.send(mirror(&runs, &*registry, &*server, Some(&tickers))));
        let problem = match done.recv_timeout(PATIENCE) {
            Ok(Ok(Mirrored { refused: None, .. })) => return None,
            Ok(Ok(Mirrored { refused: Some(refused), .. })) => refused.message,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("not within {} s", PATIENCE.as_secs()),
        };
        Some(format!("the versions of {ticker} are not shown at the server as they stand here: {problem}"))
    }
}
