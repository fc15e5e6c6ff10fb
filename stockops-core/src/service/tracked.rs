//! Trainings as runs: what goes in, each epoch, what comes out.

mod start;

use std::cell::OnceCell;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::json;

pub use start::TrainingStart;
pub(super) use start::params_of_bars;

use super::Stockops;
use crate::dataset::Part;
use crate::error::{Error, Result};
use crate::files::sha256_hex;
use crate::forecast::FieldTable;
use crate::market::Bars;
use crate::pipeline::{Listener, MonitorReport, Retraining, Trained};
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
        let clock = Instant::now();
        let name = format!("{} {}", start.bars.ticker(), start.strategy);
        let recorder = self.record_run(self.run_of(start, name, Batch::default()));
        let outcome = work(&mut self.listening(|| Some(&recorder), watch));
        match outcome {
            Ok(done) => {
                recorder.log(done.tags().tag("status", RunStatus::Finished));
                self.told(&recorder, start, done.trained(), clock.elapsed().as_secs_f64());
                let id = recorder.run_id().clone();
                let mut notes = recorder.finish(RunStatus::Finished, self.now());
                if notes.is_empty() {
                    notes.extend(self.shown(start.bars.ticker()));
                }
                Ok((done, id, notes))
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
        work: impl FnOnce(&mut Watch<'_>, &mut Listener<'_>) -> Result<MonitorReport>,
    ) -> Result<MonitorReport> {
        let clock = Instant::now();
        let begun: OnceCell<(Recorder, TrainingStart<'_>)> = OnceCell::new();
        let mut hear = |what: Retraining<'_>| match what {
            Retraining::Begins { recipe, train, role, parent } => {
                let strategy = json!(role).as_str().unwrap_or_default().to_owned();
                let (recipe, train) = (recipe.clone(), train.clone());
                let start = TrainingStart { bars, recipe, train, strategy, parent };
                let retrain = Batch::default().tag("kind", "retrain");
                let run = self.run_of(&start, format!("{} retrain", bars.ticker()), retrain);
                let _ = begun.set((self.record_run(run), start));
            }
            Retraining::Published(trained) => {
                let seconds = clock.elapsed().as_secs_f64();
                begun.get().into_iter().for_each(|(recorder, start)| self.told(recorder, start, trained, seconds));
            }
        };
        let recorder = || begun.get().map(|(recorder, _)| recorder);
        let outcome = work(&mut self.listening(recorder, watch), &mut hear);
        match (begun.into_inner(), &outcome) {
            (Some((recorder, _)), Ok(report)) => {
                let action = &report.action;
                let verdict = json!(action.verdict);
                let said = Batch::default().tag("status", RunStatus::Finished).tag("reason", &action.reason);
                let said = said.tag("verdict", verdict.as_str().unwrap_or_default());
                recorder.log(action.challenger.iter().fold(said, |said, version| said.tag("version", version)));
                if recorder.finish(RunStatus::Finished, self.now()).is_empty() {
                    self.shown(bars.ticker());
                }
            }
            (Some((recorder, _)), Err(error)) => self.failed(recorder, error),
            (None, _) => {}
        }
        outcome
    }

    /// The run that a training begins as.
    fn run_of(&self, start: &TrainingStart<'_>, name: String, beside: Batch) -> Run {
        let now = self.now();
        let (params, mut tags) = (start.params(self.device), start.tags());
        tags.extend(beside.tags);
        Run { params, tags, ..Run::begun(RunId::new(now), name, now) }
    }

    /// Say what came out of a training, in numbers and files.
    fn told(&self, recorder: &Recorder, start: &TrainingStart<'_>, trained: &Trained, seconds: f64) {
        recorder.log(self.results(trained, seconds));
        if self.keeps_run_files {
            keep_files(recorder, start, trained);
        }
    }

    pub(super) fn failed(&self, recorder: Recorder, error: &Error) {
        let status = if matches!(error, Error::Cancelled) { RunStatus::Killed } else { RunStatus::Failed };
        recorder.log(Batch::default().tag("status", status).tag("error", error));
        recorder.finish(status, self.now());
    }

    /// A watch that hears what `watch` does, and logs the epochs of the training itself.
    fn listening<'a>(
        &'a self,
        recorder: impl Fn() -> Option<&'a Recorder> + 'a,
        watch: &'a mut Watch<'_>,
    ) -> Watch<'a> {
        let cancel = watch.cancel_flag();
        // A child is compared with a network from scratch afterwards, whose epochs are not its own.
        let mut is_training = true;
        let listener = move |event: Event<'_>| {
            match event {
                Event::Stage("calibrate and judge") => is_training = false,
                Event::Epoch(epoch) if is_training => {
                    let (now, step) = (self.now(), epoch.epoch as u64);
                    let own =
                        [("learning_rate", epoch.lr), ("seconds", epoch.seconds), ("train_loss", epoch.train_loss)];
                    let metrics = own.into_iter().chain(epoch.val_loss.map(|loss| ("val_loss", loss)));
                    let point = |batch: Batch, (name, value)| batch.point(name, value, step, now);
                    let batch = metrics.fold(Batch::default(), point);
                    recorder().into_iter().for_each(|recorder| recorder.log(batch.clone()));
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
        batch = batch.scores(&about.evaluation.fields, now);
        // They are forecasts of the past once more, which costs as much as to judge.
        let errors = self.keeps_run_files.then(|| validation_errors(trained)).flatten().into_iter().flatten();
        errors.fold(batch, |batch, (name, value)| batch.point(name, value, 0, now))
    }
}

impl Batch {
    /// The same with the scores of a judgement, such as `skill_range_h1`.
    pub(super) fn scores(self, fields: &FieldTable, now: DateTime<Utc>) -> Self {
        let rows = fields.iter().flat_map(|(field, rows)| rows.iter().map(move |row| (field, row)));
        rows.fold(self, |batch, (field, (horizon, score))| {
            let values = [
                ("skill", score.skill_vs_best_rule),
                ("skill_vs_persistence", score.skill_vs_persistence),
                ("coverage_90", score.coverage_90),
                ("rmse", Some(score.rmse)),
            ];
            let known = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
            known.fold(batch, |batch, (name, value)| batch.point(&format!("{name}_{field}_{horizon}"), value, 0, now))
        })
    }
}

fn keep_files(recorder: &Recorder, start: &TrainingStart<'_>, trained: &Trained) {
    let about = trained.forecaster.about();
    let configuration = json!({"recipe": start.recipe, "training": about.training, "parent": about.parent});
    recorder.keep("configuration.json", configuration.to_string());
    recorder.keep("evaluation.json", json!(about.evaluation).to_string());
    if let Ok(bundle) = trained.forecaster.to_bytes() {
        recorder.log(Batch::default().tag("bundle_sha256", sha256_hex(&bundle)));
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
