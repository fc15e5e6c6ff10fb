//! Many tickers at once: trained, forecast or monitored on all processors, in parts, and on from where a batch was killed.

mod answer;
mod done;
mod request;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

pub use answer::{BatchForecast, BatchLine, BatchOutcome, BatchReport, BatchResult, BatchVerdict, BatchVersion};
pub use request::{BatchChild, BatchMonitor, BatchRequest, BatchWork, Shard, checked_threads};

use super::Stockops;
use super::loaded::Loaded;
use crate::error::{Error, Result};
use crate::feature_store::Failed;
use crate::files::sha256_hex;
use crate::market::Ticker;
use crate::source::Sourced;
use crate::storage::{Key, Lock};
use crate::training::{CancelFlag, Watch, side_by_side};
use done::{Done, EVERY, Entry, Kept, Known};

/// What became of one ticker.
enum Made {
    /// It was done now, in so many seconds.
    Done(Entry, f64),
    /// It was done before.
    Skipped(Entry),
    Failed(Failed),
}

impl Made {
    fn line(&self) -> BatchLine {
        let (ticker, outcome) = match self {
            Self::Done(Entry { ticker, result, .. }, seconds) => {
                (ticker, BatchOutcome::Done { seconds: *seconds, result: result.clone() })
            }
            Self::Skipped(Entry { ticker, result, .. }) => (ticker, BatchOutcome::Skipped { result: result.clone() }),
            Self::Failed(Failed { ticker, kind, message, .. }) => {
                (ticker, BatchOutcome::Failed { kind, message: message.clone() })
            }
        };
        BatchLine { ticker: ticker.clone(), outcome }
    }
}

impl Stockops {
    /// Train, forecast or monitor many tickers, some at a time, and tell `hear` of each as it ends. What fails for one is told
    /// and does not touch the others.
    ///
    /// Each ticker is worked on by one thread, and the results are the same, bit for bit, for any number of threads and shards. What
    /// is done is written down in pages as it goes, so a batch that [resumes](BatchRequest::resume) goes on after it was killed:
    /// it leaves out each ticker that was done by the same program with the same settings, bars and model. Of those that were done before
    /// memory holds some hundred bytes a ticker. Of one such training a
    /// ticker has one version, however often it is asked for. Models of single tickers do not stay loaded, and runs of trainings
    /// keep their numbers and no files; the bundle is in the registry, and [`report::charts`](crate::report::charts) draws its charts.
    ///
    /// Once `cancel` is set no more tickers are begun, and those in work are left; the report counts them.
    ///
    /// # Errors
    ///
    /// [`Config`](Error::Config) for a number of threads that is none; [`Busy`](Error::Busy) where another process works on the same
    /// shard with the same settings; [`Storage`](Error::Storage) where it could not be written what was done.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::Stockops;
    /// use stockops_core::service::{BatchRequest, BatchWork};
    /// use stockops_core::training::CancelFlag;
    ///
    /// let stockops = Stockops::builder().build()?;
    /// let tickers = ["MSFT", "GOOGL", "NONE"].map(|word| word.parse().unwrap()).to_vec();
    /// let request = BatchRequest::new(BatchWork::Forecast, tickers);
    /// let report = stockops.batch(&request, &CancelFlag::default(), &mut |_| ())?;
    /// assert_eq!((report.done.len(), report.failed[0].kind), (2, "not_found"));
    ///
    /// let again = BatchRequest { resume: true, ..request };
    /// assert_eq!(stockops.batch(&again, &CancelFlag::default(), &mut |_| ())?.skipped.len(), 2);
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn batch(
        &self,
        request: &BatchRequest,
        cancel: &CancelFlag,
        hear: &mut dyn FnMut(&BatchLine),
    ) -> Result<BatchReport> {
        let (clock, threads, tickers) = (Instant::now(), request.threads()?, request.wanted());
        let folder = folder(request)?;
        let _lock = self.batch_lock(request, &folder)?;
        let (mut done, known) = Done::open(&*self.storage, &folder, &Kept::by(request))?;
        let own = self.for_batch(threads);
        let mut report = BatchReport { threads, ..BatchReport::default() };
        let work = |ticker: &Ticker| own.one_of_many(ticker, request, &known, cancel);
        side_by_side(threads, &tickers, EVERY, work, |made| {
            let Some(made) = made.and_then(|(_, made)| made) else { return done.flush() };
            hear(&made.line());
            match made {
                Made::Done(entry, _) => {
                    report.done.push(entry.ticker.clone());
                    done.add(entry)?;
                }
                Made::Skipped(entry) => report.skipped.push(entry.ticker),
                Made::Failed(failed) => report.failed.push(failed),
            }
            Ok(())
        })?;
        done.flush()?;
        Ok(report.over(&tickers, clock.elapsed().as_secs_f64()))
    }

    /// The right to work on a shard.
    fn batch_lock(&self, request: &BatchRequest, folder: &Key) -> Result<Lock> {
        let key = folder.join("batch.lock")?;
        let what = format!("batch {} of shard {}", request.work.word(), request.shard);
        self.storage.lock(&key)?.ok_or_else(|| Error::Busy { what, path: self.storage.place(&key) })
    }

    /// The same where models of single tickers do not stay loaded, and runs have no files.
    fn for_batch(&self, threads: usize) -> Self {
        Self { loaded: Arc::new(Loaded::with_room(2 * threads + 2)), keeps_run_files: false, ..self.clone() }
    }

    /// Do the work for one ticker; `None` where it was stopped.
    fn one_of_many(
        &self,
        ticker: &Ticker,
        request: &BatchRequest,
        known: &Known<'_>,
        cancel: &CancelFlag,
    ) -> Option<Made> {
        cancel.check().ok()?;
        let clock = Instant::now();
        let work = || {
            let (sourced, key) = self.what_goes_in(ticker, &request.work)?;
            if let Some(known) = known.find(ticker, &key)?
                && self.is_still_there(ticker, &known)?
            {
                return Ok(Made::Skipped(known));
            }
            let result = self.result_of(&request.work, sourced, &key, cancel)?;
            let entry = Entry { ticker: ticker.clone(), key, call: request.call.clone(), result };
            Ok(Made::Done(entry, clock.elapsed().as_secs_f64()))
        };
        // A fault of the program in one of a million is no reason to lose the others.
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(made)) => Some(made),
            Ok(Err(Error::Cancelled)) => None,
            Ok(Err(error)) => Some(Made::Failed(Failed::new(ticker, &error))),
            Err(_) => {
                let message = format!("a fault of stockops stopped the work on {ticker}; standard error has its words");
                Some(Made::Failed(Failed { ticker: ticker.clone(), kind: "fault", message, is_input: false }))
            }
        }
    }

    /// Whether the registry still has the version that an entry names; it may have been moved aside or removed.
    fn is_still_there(&self, ticker: &Ticker, known: &Entry) -> Result<bool> {
        let BatchResult::Train(_) = known.result else { return Ok(true) };
        Ok(self.registry.manifest(ticker)?.of_job(Some(&job_of(&known.key))).is_some())
    }

    /// The bars of `ticker`, and the key of all that its result depends on.
    fn what_goes_in(&self, ticker: &Ticker, work: &BatchWork) -> Result<(Sourced, String)> {
        let from = if let BatchWork::Train(child) = work { child.from } else { None };
        let sourced = self.since(ticker, from)?;
        let model = match work {
            BatchWork::Train(_) => self.parent_version()?,
            BatchWork::Forecast | BatchWork::Monitor(_) => self.forecasts_by(ticker)?,
        };
        let Sourced { bars, .. } = &sourced;
        let index = bars.index().map(|index| index.sha256().to_owned());
        let days = format!("{:?}", bars.days());
        let all = json!([env!("CARGO_PKG_VERSION"), work, self.device, model, ticker, bars.sha256(), index, days]);
        let key = sha256_hex(all.to_string().as_bytes())[..32].to_owned();
        Ok((sourced, key))
    }

    fn result_of(&self, work: &BatchWork, sourced: Sourced, key: &str, cancel: &CancelFlag) -> Result<BatchResult> {
        let mut watch = Watch::silent().with_cancel(cancel.clone());
        Ok(match work {
            BatchWork::Train(child) => BatchResult::Train(self.version_of(child, sourced, key, &mut watch)?),
            BatchWork::Forecast => {
                let mut forecast = self.forecast_of(&sourced.bars)?;
                forecast.notes.extend(self.notes_of(&sourced));
                BatchResult::Forecast(forecast.into())
            }
            BatchWork::Monitor(BatchMonitor { retrain }) => {
                BatchResult::Monitor(self.monitor_of(&sourced.bars, Vec::new(), *retrain, &mut watch)?.into())
            }
        })
    }

    /// The version that `key` made before its batch was killed, or a new one.
    fn version_of(
        &self,
        child: &BatchChild,
        sourced: Sourced,
        key: &str,
        watch: &mut Watch<'_>,
    ) -> Result<BatchVersion> {
        let (ticker, job) = (sourced.bars.ticker().clone(), job_of(key));
        if let Some(known) = self.registry.manifest(&ticker)?.of_job(Some(&job)) {
            return Ok(known.into());
        }
        let training = self.train_child_of(sourced, &child.of(ticker), Some(job), watch)?;
        Ok(BatchVersion {
            version: training.version,
            bundle_sha256: training.bundle_sha256,
            parent_version: training.parent_version,
            alias: training.alias,
            unproven: training.unproven,
        })
    }
}

/// Where it stands what a batch has done: one place for each work with its settings and each shard.
fn folder(request: &BatchRequest) -> Result<Key> {
    let word = request.work.word();
    let settings = &sha256_hex(json!(request.work).to_string().as_bytes())[..16];
    let (number, of) = (request.shard.number(), request.shard.of());
    Key::new(&format!("batch/{word}-{settings}/{number}-of-{of}"))
}

/// The job under which the registry knows the version that was trained for `key`.
fn job_of(key: &str) -> String {
    format!("batch-{key}")
}
