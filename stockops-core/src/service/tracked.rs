//! Trainings as runs: what goes in, each epoch, what comes out.

mod start;

use std::cell::OnceCell;
use std::time::Instant;

use serde_json::json;

pub use start::TrainingStart;

use super::Stockops;
use crate::dataset::Part;
use crate::error::{Error, Result};
use crate::market::Bars;
use crate::pipeline::{MonitorReport, Trained};
use crate::tracking::{Batch, Recorder, Run, RunId, RunStatus};
use crate::training::{Event, Watch};

/// What comes out of a training that is a run.
pub(super) trait Outcome {
    /// What was trained.
    fn trained(&self) -> &Trained;
    /// What is said of it beside.
    fn tags(&self) -> Batch;
}

impl Outcome for Trained {
    fn trained(&self) -> &Trained {
        self
    }

    fn tags(&self) -> Batch {
        Batch::default()
    }
}

impl Stockops {
    /// Do `work`, which trains, as a run; what is to be said of the run's way home and to the server comes with it.
    ///
    /// Nothing that the run meets is an error of the training.
    ///
    /// # Errors
    ///
    /// Those of `work`; its run has then failed.
    pub fn track(
        &self,
        start: &TrainingStart<'_>,
        watch: &mut Watch<'_>,
        work: impl FnOnce(&mut Watch<'_>) -> Result<Trained>,
    ) -> Result<(Trained, RunId, Vec<String>)> {
        self.tracked(start, watch, work)
    }

    /// [`track`](Self::track) for whatever comes out.
    pub(super) fn tracked<T: Outcome>(
        &self,
        start: &TrainingStart<'_>,
        watch: &mut Watch<'_>,
        work: impl FnOnce(&mut Watch<'_>) -> Result<T>,
    ) -> Result<(T, RunId, Vec<String>)> {
        let (now, clock) = (self.now(), Instant::now());
        let name = format!("{} {}", start.bars.ticker(), start.strategy);
        let params = start.params(self.device);
        let run = Run { params, tags: start.tags(), ..Run::begun(RunId::new(now), name, now) };
        let recorder = self.record_run(run);
        let outcome = work(&mut self.listening(|| &recorder, watch));
        match outcome {
            Ok(done) => {
                recorder.log(done.tags().tag("status", RunStatus::Finished));
                recorder.log(self.results(done.trained(), clock.elapsed().as_secs_f64()));
                keep_files(&recorder, start, done.trained());
                let id = recorder.run_id().clone();
                Ok((done, id, recorder.finish(RunStatus::Finished, self.now())))
            }
            Err(error) => {
                self.failed(recorder, &error);
                Err(error)
            }
        }
    }

    /// A monitor that trains a challenger does so as a run, which begins with the training.
    pub(super) fn tracked_retraining(
        &self,
        bars: &Bars,
        watch: &mut Watch<'_>,
        work: impl FnOnce(&mut Watch<'_>) -> Result<MonitorReport>,
    ) -> Result<MonitorReport> {
        let recorder = OnceCell::new();
        let begin = || {
            recorder.get_or_init(|| {
                let (now, ticker) = (self.now(), bars.ticker());
                let known = Batch::default().tag("model_type", "challenger").tag("ticker", ticker);
                let (tags, params) = (known.tag("status", RunStatus::Running).tags, start::params_of_bars(bars));
                let run = Run { params, tags, ..Run::begun(RunId::new(now), format!("{ticker} retrain"), now) };
                self.record_run(run)
            })
        };
        let outcome = work(&mut self.listening(begin, watch));
        match (recorder.into_inner(), &outcome) {
            (Some(recorder), Ok(report)) => {
                let action = &report.action;
                let verdict = json!(action.verdict);
                let said = Batch::default().tag("status", RunStatus::Finished).tag("reason", &action.reason);
                let said = said.tag("verdict", verdict.as_str().unwrap_or_default());
                recorder.log(action.challenger.iter().fold(said, |said, version| said.tag("version", version)));
                recorder.finish(RunStatus::Finished, self.now());
            }
            (Some(recorder), Err(error)) => self.failed(recorder, error),
            (None, _) => {}
        }
        outcome
    }

    fn failed(&self, recorder: Recorder, error: &Error) {
        let status = if matches!(error, Error::Cancelled) { RunStatus::Killed } else { RunStatus::Failed };
        recorder.log(Batch::default().tag("status", status).tag("error", error));
        recorder.finish(status, self.now());
    }

    /// A watch that hears what `watch` does, and logs the epochs of the training itself.
    fn listening<'a>(&'a self, recorder: impl Fn() -> &'a Recorder + 'a, watch: &'a mut Watch<'_>) -> Watch<'a> {
        let cancel = watch.cancel_flag();
        // A child is compared with a network from scratch afterwards, whose epochs are not its own.
        let mut is_training = true;
        let listener = move |event: Event<'_>| {
            let recorder = recorder();
            match event {
                Event::Stage("calibrate and judge") => is_training = false,
                Event::Epoch(epoch) if is_training => {
                    let (now, step) = (self.now(), epoch.epoch as u64);
                    let own =
                        [("learning_rate", epoch.lr), ("seconds", epoch.seconds), ("train_loss", epoch.train_loss)];
                    let metrics = own.into_iter().chain(epoch.val_loss.map(|loss| ("val_loss", loss)));
                    let point = |batch: Batch, (name, value)| batch.point(name, value, step, now);
                    recorder.log(metrics.fold(Batch::default(), point));
                }
                _ => {}
            }
            // Whether it is to stop is seen on the flag that both share.
            let _ = watch.tell(event);
        };
        Watch::new(listener).with_cancel(cancel)
    }

    /// What comes out.
    fn results(&self, trained: &Trained, seconds: f64) -> Batch {
        let (about, now) = (trained.forecaster.about(), self.now());
        let mut batch = Batch::default()
            .point("train_time", seconds, 0, now)
            .point("best_epoch", trained.history.best as f64, 0, now)
            .point("training_windows", about.training_windows as f64, 0, now);
        for (part, [first, last]) in &trained.parts {
            let part = json!(part);
            let part = part.as_str().unwrap_or_default();
            batch = batch.param(&format!("{part}_first_day"), first).param(&format!("{part}_last_day"), last);
        }
        let scores = about.evaluation.fields.iter().flat_map(|(field, rows)| rows.iter().map(move |row| (field, row)));
        for (field, (horizon, score)) in scores {
            for (name, value) in [
                ("skill", score.skill_vs_best_rule),
                ("skill_vs_persistence", score.skill_vs_persistence),
                ("coverage_90", score.coverage_90),
                ("rmse", Some(score.rmse)),
            ] {
                let name = format!("{name}_{field}_{horizon}");
                batch = value.into_iter().fold(batch, |batch, value| batch.point(&name, value, 0, now));
            }
        }
        let errors = validation_errors(trained).into_iter().flatten();
        errors.fold(batch, |batch, (name, value)| batch.point(name, value, 0, now))
    }
}

fn keep_files(recorder: &Recorder, start: &TrainingStart<'_>, trained: &Trained) {
    let about = trained.forecaster.about();
    let configuration = json!({"recipe": start.recipe, "training": about.training, "parent": about.parent});
    recorder.keep("configuration.json", configuration.to_string());
    recorder.keep("evaluation.json", json!(about.evaluation).to_string());
    if let Ok(bundle) = trained.forecaster.to_bytes() {
        recorder.keep("bundle.safetensors", bundle);
    }
    let charts = crate::report::charts(&trained.forecaster, &trained.bars);
    charts.into_iter().flatten().for_each(|(name, svg)| recorder.keep(&name, svg));
}

/// Root mean square error of the next close in units of price, and mean absolute error in per cent, on the validation days.
fn validation_errors(trained: &Trained) -> Option<[(&'static str, f64); 2]> {
    let [first, last] = trained.parts.get(&Part::Validation)?;
    let bars = trained.bars.between(None, Some(*last));
    let cases = trained.forecaster.past(&bars, first.pred_opt(), usize::MAX).ok()?;
    let pair = |case: &crate::forecast::Case<'_>| Some((case.predicted.first()?.close, case.actual.first()?.close));
    let pairs: Vec<(f64, f64)> = cases.iter().filter_map(pair).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
    let rmse = mean(|(predicted, actual)| (predicted - actual).powi(2)).sqrt();
    let mape = 100.0 * mean(|(predicted, actual)| ((predicted - actual) / actual).abs());
    (!pairs.is_empty()).then_some([("val_rmse", rmse), ("val_mape", mape)])
}
