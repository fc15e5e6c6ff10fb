//! Analyses as runs, where a server of runs follows.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Stockops;
use super::tracked::params_of_bars;
use crate::error::Result;
use crate::market::Bars;
use crate::pipeline::Backtest;
use crate::tracking::{Batch, Run, RunId, RunStatus};

impl Stockops {
    /// Do `work`, an analysis of `kind`, as a run: its answer is a file of the run, and what is `said` of it stands beside.
    ///
    /// Nothing that the run meets is an error of the analysis; what could not be sent is at home, and is sent by the next sync.
    ///
    /// # Errors
    ///
    /// Those of `work`; its run has then failed.
    pub fn track_analysis<T: Serialize>(
        &self,
        kind: &str,
        bars: &Bars,
        said: impl FnOnce(&T, Batch, DateTime<Utc>) -> Batch,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let now = self.now();
        let tags = Batch::default().tag("kind", kind).tag("model_type", "analysis").tag("ticker", bars.ticker());
        let tags = tags.tag("status", RunStatus::Running).tags;
        let name = format!("{} {kind}", bars.ticker());
        let run = Run { params: params_of_bars(bars), tags, ..Run::begun(RunId::new(now), name, now) };
        let recorder = self.record_run(run);
        let outcome = work();
        match &outcome {
            Ok(answer) => {
                let batch = Batch::default().tag("status", RunStatus::Finished);
                recorder.log(said(answer, batch, self.now()));
                if let Ok(json) = serde_json::to_vec(answer) {
                    recorder.keep(&format!("{kind}.json"), json);
                }
                recorder.finish(RunStatus::Finished, self.now());
            }
            Err(error) => self.failed(recorder, error),
        }
        outcome
    }

    /// [`track_analysis`](Self::track_analysis) where this service tracks analyses, and else `work` alone.
    pub(super) fn analysed<T: Serialize>(
        &self,
        kind: &str,
        bars: &Bars,
        said: impl FnOnce(&T, Batch, DateTime<Utc>) -> Batch,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if self.tracks_analyses { self.track_analysis(kind, bars, said, work) } else { work() }
    }
}

/// What a backtest says in numbers.
pub fn backtest_scores(done: &Backtest, batch: Batch, now: DateTime<Utc>) -> Batch {
    batch.scores(&done.fields, now).tag("strategy", done.strategy)
}
