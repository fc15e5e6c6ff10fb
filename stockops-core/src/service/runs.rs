//! Runs: what trainings were made, at home and at a server.

use serde::Serialize;

use super::Stockops;
use crate::error::{Error, Result};
use crate::tracking::{HomeRuns, Point, Recorder, Run, RunId, Synced, Tracker, sync};

/// A run with the history of its metrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

    /// Send to the server what it does not have of the runs at home.
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
        sync(&self.runs, &**server)
    }
}
