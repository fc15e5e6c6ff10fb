//! `Record`: forecasts, decisions and reports as objects in a storage, whichever it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::names::{Entries, drift_folder, folder, stem_of};
use super::old::OldFiles;
use super::{Decision, ForecastRecord, KeptForecast, Settle};
use crate::drift::{DriftReport, Outcome};
use crate::error::Result;
use crate::files::sha256_hex;
use crate::market::Ticker;
use crate::storage::{DirectoryStorage, Key, Log, MemoryStorage, Sequence, Storage};

/// Outcomes by the name of their forecast.
type Outcomes = BTreeMap<String, Vec<Outcome>>;

/// Settled forecasts, and decisions, from which on they are bound: a month.
const BOUND: usize = 32;

/// Reports from which on they are bound; they are large until then, since each has its trail.
const BOUND_REPORTS: usize = 8;

/// A record in a storage, shared by all who open it.
///
/// ```text
/// record/GOOG/forecasts/2024-05-01_GOOG@3.0001-c1f3a2d4.json   a forecast as it was made; later they are bound: a log
/// record/GOOG/outcomes/0000000042.json                         what came of those that are not bound yet: a sequence
/// record/GOOG/decisions/2024-05-01.0001-09ab12cd.json          a decision: a log
/// drift/GOOG/reports/2024-05-01.0001-5f70bf18.json             a report: a log
/// ```
///
/// See [`Log`] and [`Sequence`] for what these are.
///
/// To keep something creates one small object, and reads none but those of the same day. The files of stockops 0.1
/// (`forecasts.jsonl`, `decisions.jsonl`, `history.jsonl`, `latest.json`) are read as they are, and the first
/// change of a kind carries its file over.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
///
/// use stockops_core::record::{Decision, ForecastRecord, Record, Verdict};
/// use stockops_core::storage::{MemoryStorage, Storage};
///
/// let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
/// let record = Record::on(storage);
/// let day = "2024-05-01".parse().unwrap();
/// record.decide(&Decision::new("GOOG".parse()?, day, Verdict::Keep, "nothing was lost"))?;
/// assert_eq!(record.decisions(&"GOOG".parse()?)?.len(), 1);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Record<S> {
    storage: S,
}

/// A record in memory, empty at first and gone with its last clone; clones share one content.
///
/// # Example
///
/// ```
/// use stockops_core::record::{ForecastRecord, MemoryRecord};
///
/// assert!(MemoryRecord::new().forecasts(&"GOOG".parse()?)?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub type MemoryRecord = Record<MemoryStorage>;

/// A record below `record` and `drift` in a directory, shared by all processes that open it; see [`Record`] for its files.
///
/// # Example
///
/// ```
/// use stockops_core::record::{DirectoryRecord, ForecastRecord};
///
/// let home = tempfile::tempdir().unwrap();
/// let record = DirectoryRecord::open(home.path());
/// assert!(record.latest_report(&"GOOG".parse()?)?.is_none());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub type DirectoryRecord = Record<DirectoryStorage>;

impl MemoryRecord {
    /// An empty record.
    pub fn new() -> Self {
        Self::default()
    }
}

impl DirectoryRecord {
    /// The record under `home`, which need not exist: the first change makes it.
    pub fn open(home: impl AsRef<Path>) -> Self {
        Self::on(DirectoryStorage::at(home))
    }

    /// The folder of a ticker's drift reports.
    pub fn drift_folder(&self, ticker: &Ticker) -> PathBuf {
        self.storage.root().join("drift").join(ticker.as_str())
    }
}

impl<S: Storage> Record<S> {
    /// The record in `storage`, below the folders `record` and `drift`.
    pub fn on(storage: S) -> Self {
        Self { storage }
    }

    fn forecast_log(&self, ticker: &Ticker) -> Result<Log<'_, KeptForecast>> {
        Ok(Log::new(&self.storage, folder(ticker)?.join("forecasts")?))
    }

    fn outcomes(&self, ticker: &Ticker) -> Result<Sequence<'_, Outcomes>> {
        Ok(Sequence::new(&self.storage, folder(ticker)?.join("outcomes")?))
    }

    fn decision_log(&self, ticker: &Ticker) -> Result<Log<'_, Decision>> {
        Ok(Log::new(&self.storage, folder(ticker)?.join("decisions")?))
    }

    fn report_log(&self, ticker: &Ticker) -> Result<Log<'_, DriftReport>> {
        Ok(Log::new(&self.storage, drift_folder(ticker)?.join("reports")?))
    }

    /// Carry over what stockops 0.1 kept in `files`. To stop in the middle loses nothing: it is carried over again, under
    /// the same names.
    fn carry_over<T: Serialize + DeserializeOwned>(
        &self,
        log: &Log<'_, T>,
        old: Entries<T>,
        files: &[&Key],
    ) -> Result<()> {
        if old.is_empty() {
            return Ok(());
        }
        log.bind(old, &[])?;
        files.iter().try_for_each(|file| self.storage.remove(file))
    }

    /// The log of forecasts, ready to be changed.
    fn changing_forecasts(&self, ticker: &Ticker) -> Result<Log<'_, KeptForecast>> {
        let (log, files) = (self.forecast_log(ticker)?, OldFiles::of(ticker)?);
        self.carry_over(&log, files.forecasts(&self.storage)?, &[&files.forecasts])?;
        Ok(log)
    }

    /// The log of decisions, ready to be changed.
    fn changing_decisions(&self, ticker: &Ticker) -> Result<Log<'_, Decision>> {
        let (log, files) = (self.decision_log(ticker)?, OldFiles::of(ticker)?);
        self.carry_over(&log, files.decisions(&self.storage)?, &[&files.decisions])?;
        Ok(log)
    }

    /// The log of reports, ready to be changed.
    fn changing_reports(&self, ticker: &Ticker) -> Result<Log<'_, DriftReport>> {
        let (log, files) = (self.report_log(ticker)?, OldFiles::of(ticker)?);
        self.carry_over(&log, files.reports(&self.storage)?, &[&files.history, &files.latest])?;
        Ok(log)
    }

    /// All forecasts by name, the replaced among them, and without the outcomes that are not bound yet.
    fn all_forecasts(&self, ticker: &Ticker) -> Result<Entries<KeptForecast>> {
        // The old file first: when it is gone by then, what it held is in the log already.
        let mut all = OldFiles::of(ticker)?.forecasts(&self.storage)?;
        all.extend(self.forecast_log(ticker)?.entries()?);
        Ok(all)
    }

    /// Bind the settled forecasts with their outcomes, where there are enough.
    fn bind_settled(&self, ticker: &Ticker, all: Entries<KeptForecast>, mut known: Outcomes) -> Result<()> {
        let (standing, replaced) = last_of_each_stem(all);
        let with_outcomes = standing.into_iter().filter_map(|(name, forecast)| {
            let forecast = KeptForecast { outcomes: known.remove(&name)?, ..forecast };
            forecast.is_settled().then_some((name, forecast))
        });
        let settled: Entries<KeptForecast> = with_outcomes.collect();
        if settled.len() < BOUND {
            return Ok(());
        }
        let gone = |name: &String| settled.keys().any(|kept| stem(kept) == stem(name));
        let replaced: Vec<String> = replaced.into_iter().filter(gone).collect();
        self.forecast_log(ticker)?.bind(settled, &replaced)
    }

    /// Bind all reports but that of the latest day, without their trails, where there are enough.
    fn bind_reports(&self, ticker: &Ticker) -> Result<()> {
        let log = self.report_log(ticker)?;
        if log.count_unbound()? < BOUND_REPORTS {
            return Ok(());
        }
        let (mut standing, replaced) = last_of_each_stem(log.unbound()?);
        standing.pop_last();
        let bare = standing.into_iter().map(|(name, report)| (name, without_trail(report)));
        log.bind(bare.collect(), &replaced)
    }
}

impl<S: Storage> ForecastRecord for Record<S> {
    fn tickers(&self) -> Result<Vec<Ticker>> {
        let mut names = self.storage.list(&Key::new("record")?)?;
        names.extend(self.storage.list(&Key::new("drift")?)?);
        let mut tickers: Vec<Ticker> = names.iter().filter_map(|name| Ticker::new(name).ok()).collect();
        tickers.sort_unstable();
        tickers.dedup();
        Ok(tickers)
    }

    fn keep(&self, forecast: &KeptForecast) -> Result<bool> {
        let ticker = &forecast.ticker;
        self.changing_forecasts(ticker)?.add(&forecast.stem(), forecast, |there| {
            let Some((name, known)) = there.last_key_value() else { return Ok(true) };
            if known.says_the_same_as(forecast) || !known.outcomes.is_empty() {
                return Ok(false);
            }
            let outcomes = self.outcomes(ticker)?.newest()?.unwrap_or_default();
            Ok(!outcomes.contains_key(name))
        })
    }

    fn forecasts(&self, ticker: &Ticker) -> Result<Vec<KeptForecast>> {
        // Outcomes first: those that are gone by then are bound with their forecasts.
        let mut outcomes = self.outcomes(ticker)?.newest()?.unwrap_or_default();
        let (standing, _) = last_of_each_stem(self.all_forecasts(ticker)?);
        let with_outcomes = |(name, forecast): (String, KeptForecast)| match outcomes.remove(&name) {
            Some(outcomes) if !forecast.is_settled() => KeptForecast { outcomes, ..forecast },
            _ => forecast,
        };
        let mut forecasts: Vec<KeptForecast> = standing.into_iter().map(with_outcomes).collect();
        forecasts.sort_by(|a, b| (a.last_date, &a.version).cmp(&(b.last_date, &b.version)));
        Ok(forecasts)
    }

    fn settle(&self, ticker: &Ticker, settle: &mut Settle<'_>) -> Result<usize> {
        let all = self.all_forecasts(ticker)?;
        if all.is_empty() {
            return Ok(0);
        }
        self.changing_forecasts(ticker)?;
        let (standing, _) = last_of_each_stem(all.clone());
        let (changed, known) = self.outcomes(ticker)?.change(|known| {
            let mut known = known.unwrap_or_default();
            // Those that are bound have their outcomes with them, and those that were replaced need none.
            known.retain(|name, _| standing.get(name).is_some_and(|forecast| !forecast.is_settled()));
            let mut changed = 0;
            for (name, forecast) in standing.iter().filter(|(_, forecast)| !forecast.is_settled()) {
                let outcomes = known.get(name).unwrap_or(&forecast.outcomes).clone();
                let now = KeptForecast { outcomes, ..forecast.clone() };
                let offered = if now.is_settled() { None } else { settle(&now) };
                let is_news = |new: &Vec<Outcome>| *new != now.outcomes && new.len() >= now.outcomes.len();
                if let Some(new) = offered.filter(is_news) {
                    known.insert(name.clone(), new);
                    changed += 1;
                }
            }
            Ok(((changed > 0).then(|| known.clone()), (changed, known)))
        })?;
        if known.len() >= BOUND {
            self.bind_settled(ticker, all, known)?;
        }
        Ok(changed)
    }

    fn decide(&self, decision: &Decision) -> Result<()> {
        let ticker = &decision.ticker;
        let log = self.changing_decisions(ticker)?;
        let is_new = |there: &Entries<Decision>| Ok(there.values().next_back() != Some(decision));
        log.add(&stem_of(Some(decision.day)), decision, is_new)?;
        if log.count_unbound()? >= BOUND {
            log.bind(log.unbound()?, &[])?;
        }
        Ok(())
    }

    fn decisions(&self, ticker: &Ticker) -> Result<Vec<Decision>> {
        let mut all = OldFiles::of(ticker)?.decisions(&self.storage)?;
        all.extend(self.decision_log(ticker)?.entries()?);
        let key = |one: &Decision| (one.day, one.verdict, one.version.clone());
        let mut decisions: Vec<Decision> = Vec::new();
        for decision in all.into_values() {
            decisions.retain(|earlier| key(earlier) != key(&decision));
            decisions.push(decision);
        }
        Ok(decisions)
    }

    fn keep_report(&self, report: &DriftReport) -> Result<()> {
        let ticker = &report.ticker;
        let is_new = |there: &Entries<DriftReport>| Ok(there.values().next_back() != Some(report));
        self.changing_reports(ticker)?.add(&stem_of(report.as_of), report, is_new)?;
        self.bind_reports(ticker)
    }

    fn latest_report(&self, ticker: &Ticker) -> Result<Option<DriftReport>> {
        let mut old = OldFiles::of(ticker)?.reports(&self.storage)?;
        Ok(self.report_log(ticker)?.last()?.or_else(|| old.pop_last().map(|(_, report)| report)))
    }

    fn reports(&self, ticker: &Ticker) -> Result<Vec<DriftReport>> {
        let mut all = OldFiles::of(ticker)?.reports(&self.storage)?;
        all.extend(self.report_log(ticker)?.entries()?);
        Ok(last_of_each_stem(all).0.into_values().map(without_trail).collect())
    }
}

impl KeptForecast {
    /// What its name in the record begins with. A version that cannot be part of a key is named by its hash.
    pub(super) fn stem(&self) -> String {
        let is_plain = Key::is_part(&self.version) && self.version.len() <= 80;
        let version = if is_plain { self.version.clone() } else { sha256_hex(self.version.as_bytes())[..16].into() };
        format!("{}_{version}", stem_of(Some(self.last_date)))
    }
}

/// A name without its number.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The last entry under each stem, which stands, and the names of those that it replaced.
fn last_of_each_stem<T>(mut all: Entries<T>) -> (Entries<T>, Vec<String>) {
    let names: Vec<String> = all.keys().cloned().collect();
    let is_replaced = |pair: &&[String]| stem(&pair[0]) == stem(&pair[1]);
    let replaced: Vec<String> = names.windows(2).filter(is_replaced).map(|pair| pair[0].clone()).collect();
    replaced.iter().for_each(|name| drop(all.remove(name)));
    (all, replaced)
}

fn without_trail(report: DriftReport) -> DriftReport {
    DriftReport { trail: Vec::new(), ..report }
}

#[cfg(test)]
mod tests;
