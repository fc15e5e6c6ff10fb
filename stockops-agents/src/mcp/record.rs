//! `Unkept`: a record that is read and never written.

use stockops_core::drift::DriftReport;
use stockops_core::record::{Decision, KeptForecast, Settle};
use stockops_core::{ForecastRecord, MemoryRecord, Result, Ticker};

/// Another record as it is, with all that is kept here in memory alone.
///
/// A look at drift scores what has come and keeps its report. Behind this record the look is the same and the folder stays
/// as it was, so a question of an assistant changes nothing.
///
/// # Example
///
/// ```
/// use stockops_agents::mcp::Unkept;
/// use stockops_core::record::{Decision, ForecastRecord, MemoryRecord, Verdict};
///
/// let unkept = Unkept::new(MemoryRecord::new());
/// let day = "2024-05-01".parse().unwrap();
/// unkept.decide(&Decision::new("GOOG".parse()?, day, Verdict::Wait, "too early"))?;
/// assert_eq!(unkept.decisions(&"GOOG".parse()?)?.len(), 1);
/// assert!(unkept.kept().decisions(&"GOOG".parse()?)?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Unkept<R> {
    kept: R,
    memory: MemoryRecord,
}

impl<R: ForecastRecord> Unkept<R> {
    /// Read `kept`, and keep nothing in it.
    pub fn new(kept: R) -> Self {
        Self { kept, memory: MemoryRecord::new() }
    }

    /// The record that stays as it is.
    pub fn kept(&self) -> &R {
        &self.kept
    }

    /// Take what others have kept of `ticker` since into the memory.
    fn refresh(&self, ticker: &Ticker) -> Result<()> {
        self.kept.forecasts(ticker)?.iter().try_for_each(|forecast| self.memory.keep(forecast).map(drop))?;
        self.kept.decisions(ticker)?.iter().try_for_each(|decision| self.memory.decide(decision))
    }
}

impl<R: ForecastRecord> ForecastRecord for Unkept<R> {
    fn tickers(&self) -> Result<Vec<Ticker>> {
        let mut all = self.kept.tickers()?;
        all.extend(self.memory.tickers()?);
        all.sort();
        all.dedup();
        Ok(all)
    }

    fn keep(&self, forecast: &KeptForecast) -> Result<bool> {
        self.memory.keep(forecast)
    }

    fn forecasts(&self, ticker: &Ticker) -> Result<Vec<KeptForecast>> {
        self.refresh(ticker)?;
        self.memory.forecasts(ticker)
    }

    fn settle(&self, ticker: &Ticker, settle: &mut Settle<'_>) -> Result<usize> {
        self.refresh(ticker)?;
        self.memory.settle(ticker, settle)
    }

    fn decide(&self, decision: &Decision) -> Result<()> {
        self.memory.decide(decision)
    }

    fn decisions(&self, ticker: &Ticker) -> Result<Vec<Decision>> {
        self.refresh(ticker)?;
        self.memory.decisions(ticker)
    }

    fn keep_report(&self, report: &DriftReport) -> Result<()> {
        self.memory.keep_report(report)
    }

    fn latest_report(&self, ticker: &Ticker) -> Result<Option<DriftReport>> {
        Ok(match self.memory.latest_report(ticker)? {
            Some(own) => Some(own),
            None => self.kept.latest_report(ticker)?,
        })
    }

    fn reports(&self, ticker: &Ticker) -> Result<Vec<DriftReport>> {
        self.kept.reports(ticker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stockops_core::record::Verdict;

    #[test]
    fn what_others_keep_meanwhile_is_seen_and_what_is_kept_here_stays_here() {
        let unkept = Unkept::new(MemoryRecord::new());
        let goog: Ticker = "GOOG".parse().unwrap();
        let day = |word: &str| word.parse().unwrap();
        let decision = |word, verdict| Decision::new(goog.clone(), day(word), verdict, "why");
        unkept.decide(&decision("2024-05-01", Verdict::Wait)).unwrap();
        unkept.kept().decide(&decision("2024-05-02", Verdict::Keep)).unwrap();
        let days = |record: &dyn ForecastRecord| -> Vec<String> {
            record.decisions(&goog).unwrap().iter().map(|decision| decision.day.to_string()).collect()
        };
        for _ in 0..2 {
            assert_eq!(days(&unkept), ["2024-05-01", "2024-05-02"]);
            assert_eq!(days(unkept.kept()), ["2024-05-02"]);
        }
        let report = DriftReport::skipped(goog.clone(), Some(day("2024-05-03")), String::new(), "too few bars".into());
        unkept.keep_report(&report).unwrap();
        assert_eq!(unkept.latest_report(&goog).unwrap(), Some(report));
        assert_eq!(unkept.kept().latest_report(&goog).unwrap(), None);
        assert_eq!(unkept.tickers().unwrap(), [goog]);
    }
}
