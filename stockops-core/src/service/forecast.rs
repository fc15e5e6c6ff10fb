//! Forecasts of one ticker and of many, by models that stay loaded.

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::Stockops;
use super::loaded::{ModelKey, OnBars};
use crate::error::Result;
use crate::feature_store::Failed;
use crate::forecast::Forecast;
use crate::forecaster::Forecaster;
use crate::market::{Bars, Ticker};
use crate::pipeline::{Parent, forecast_by, kept, parent_id, shipped_parent, watched, zero_shot};
use crate::registry::{Version, VersionId};
use crate::source::Sourced;
use crate::training::CancelFlag;

/// Forecasts of many tickers, and of which there is none.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forecasts {
    /// In the order of the request.
    pub forecasts: Vec<Forecast>,
    /// In the order of the request.
    pub failed: Vec<Failed>,
}

/// A version that forecasts.
pub(super) struct Serving {
    pub(super) forecaster: Arc<Forecaster>,
    pub(super) id: VersionId,
    key: ModelKey,
    /// Why it is unproven.
    pub(super) doubt: Option<String>,
}

impl Serving {
    fn as_parent(&self) -> Parent {
        Parent { forecaster: (*self.forecaster).clone(), id: self.id.clone() }
    }
}

impl Stockops {
    /// Forecast the next sessions of `ticker`: by its champion, or else by the parent, zero-shot, and the notes say so. The
    /// forecast is kept in the record, so that it is scored when its days arrive.
    ///
    /// # Errors
    ///
    /// Those of the source and of the registry; [`TooShort`](crate::Error::TooShort) below 73 bars.
    pub fn forecast(&self, ticker: &Ticker) -> Result<Forecast> {
        let sourced = self.bars(ticker)?;
        let mut forecast = self.forecast_of(&sourced.bars)?;
        forecast.notes.extend(self.notes_of(&sourced));
        Ok(forecast)
    }

    /// What is to be said of bars that a source gave, and of the events beside them.
    pub(super) fn notes_of(&self, sourced: &Sourced) -> Vec<String> {
        let ticker = sourced.bars.ticker();
        let has_none = !self.events.is_empty() && !self.events.contains_key(ticker);
        let findings = sourced.quality.findings.iter().map(|finding| format!("bars: {finding}"));
        findings.chain(has_none.then(|| format!("the events that were given have none of {ticker}"))).collect()
    }

    /// [`forecast`](Self::forecast) where the bars are at hand: no source is asked.
    ///
    /// Where a feature view was applied to the home, the bars go through the feature store: what is new in them is kept, they are read
    /// back, and the newest row is held against the online store, where one is named.
    ///
    /// # Errors
    ///
    /// Those of the registry; [`TooShort`](crate::Error::TooShort) below 73 bars; [`Skew`](crate::Error::Skew) where the model was trained on other
    /// features than are computed now.
    pub fn forecast_of(&self, bars: &Bars) -> Result<Forecast> {
        let (bars, notes) = self.through_features(bars)?;
        let mut forecast = self.forecast_by(&self.who_forecasts(&bars)?, &bars)?;
        forecast.notes.extend(notes);
        kept(self.record(), &mut forecast);
        Ok(forecast)
    }

    /// Forecast many tickers, side by side on all processors. What fails for one is told and does not touch the others.
    pub fn forecasts(&self, tickers: &[Ticker]) -> Forecasts {
        let each: Vec<_> = tickers.par_iter().map(|ticker| (ticker, self.forecast(ticker))).collect();
        let mut all = Forecasts { forecasts: Vec::new(), failed: Vec::new() };
        for (ticker, outcome) in each {
            match outcome {
                Ok(forecast) => all.forecasts.push(forecast),
                Err(error) => all.failed.push(Failed::new(ticker, &error)),
            }
        }
        all
    }

    /// The version that [`forecast`](Self::forecast) would ask for `ticker` now: its champion, or else the parent.
    ///
    /// # Errors
    ///
    /// Those of the registry.
    pub fn forecasts_by(&self, ticker: &Ticker) -> Result<VersionId> {
        match self.registry.champion(ticker)? {
            Some(champion) => Ok(VersionId { ticker: ticker.clone(), version: champion.version }),
            None => parent_id(self.registry()),
        }
    }

    /// Which version is the parent now; version 0 is the one that ships with the crate.
    ///
    /// # Errors
    ///
    /// Those of the registry.
    pub fn parent_version(&self) -> Result<VersionId> {
        parent_id(self.registry())
    }

    /// The parent that children come from: the registered one, or the one that ships with the crate.
    ///
    /// # Errors
    ///
    /// Those of the registry.
    pub fn parent(&self) -> Result<Parent> {
        Ok(self.serving_parent()?.as_parent())
    }

    /// The bars as the feature store has them, and what is to be said about that.
    #[cfg(feature = "parquet")]
    fn through_features(&self, bars: &Bars) -> Result<(Bars, Vec<String>)> {
        self.features.serve(bars).map(|served| (served.bars, served.notes))
    }

    /// A build without Parquet has no feature store.
    #[cfg(not(feature = "parquet"))]
    fn through_features(&self, bars: &Bars) -> Result<(Bars, Vec<String>)> {
        Ok((bars.clone(), Vec::new()))
    }

    /// The version that forecasts the ticker of `bars`, or the parent made ready for it.
    pub(super) fn who_forecasts(&self, bars: &Bars) -> Result<Serving> {
        self.or_parent(bars, |parent| {
            let judged = || zero_shot(&parent.as_parent(), bars, &CancelFlag::default());
            self.loaded.zero_shot.get(&OnBars::of(&parent.key, bars), judged)
        })
    }

    /// The same for reports of drift. A parent is not judged: judging is nearly all of the work.
    pub(super) fn who_is_watched(&self, bars: &Bars) -> Result<Serving> {
        self.or_parent(bars, |parent| watched(&parent.as_parent(), bars).map(Arc::new))
    }

    /// The champion of the ticker of `bars`, or what `made` makes of the parent of another ticker.
    fn or_parent(&self, bars: &Bars, made: impl Fn(&Serving) -> Result<Arc<Forecaster>>) -> Result<Serving> {
        if let Some(own) = self.champion(bars.ticker())? {
            return Ok(own);
        }
        let parent = self.serving_parent()?;
        if parent.id.ticker == *bars.ticker() {
            return Ok(parent);
        }
        Ok(Serving { forecaster: made(&parent)?, ..parent })
    }

    /// The forecast of a version after `bars`. What it has learned from outcomes is replayed once, as long as the bars stay the same.
    pub(super) fn forecast_by(&self, serving: &Serving, bars: &Bars) -> Result<Forecast> {
        let Serving { forecaster, id, key, doubt } = serving;
        let now = self.loaded.adapted.get(&OnBars::of(key, bars), || forecaster.adapted(bars))?;
        forecast_by(forecaster, id, doubt.clone(), bars, &now)
    }

    /// The registry says which version it is.
    fn champion(&self, ticker: &Ticker) -> Result<Option<Serving>> {
        self.registry.champion(ticker)?.map(|champion| self.serving(ticker, champion)).transpose()
    }

    /// A version of `ticker`; its bundle is read where it is not in memory.
    pub(super) fn serving(&self, ticker: &Ticker, version: Version) -> Result<Serving> {
        let id = VersionId { ticker: ticker.clone(), version: version.version };
        let doubt = version.doubt().map(String::from);
        let key = ModelKey { id: id.clone(), sha256: version.sha256, device: self.device };
        let read = || {
            let bundle = self.registry.get(ticker, id.version)?;
            Forecaster::from_bytes(&id.to_string(), &bundle, self.device)
        };
        let forecaster = self.loaded.models.get(&key, read)?;
        Ok(Serving { forecaster, id, key, doubt })
    }

    fn serving_parent(&self) -> Result<Serving> {
        let id = parent_id(self.registry())?;
        if id.version > 0 {
            return self.serving(&id.ticker, self.version(&id)?);
        }
        let key = ModelKey { id: id.clone(), sha256: "shipped".into(), device: self.device };
        let forecaster = self.loaded.models.get(&key, || shipped_parent(self.device))?;
        Ok(Serving { forecaster, id, key, doubt: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::builtin_bars;

    #[test]
    fn outcomes_are_replayed_once_as_long_as_the_bars_stay_the_same() {
        let stockops = Stockops::builder().build().unwrap();
        let bars = builtin_bars(&Ticker::new("^GSPC").unwrap()).unwrap().bars.last(1200);
        let serving = stockops.who_forecasts(&bars).unwrap();
        let first = stockops.forecast_by(&serving, &bars).unwrap();
        let kept = stockops.loaded.adapted.get(&OnBars::of(&serving.key, &bars), || panic!("replayed again")).unwrap();
        assert!(kept.outcomes() > 100, "it has learned something");
        assert_eq!(
            first.intervals,
            serving.forecaster.forecast(&bars).unwrap().intervals,
            "and says what a replay says"
        );
        let fewer = bars.between(None, Some(bars.as_slice()[1198].date));
        assert_ne!(stockops.forecast_by(&serving, &fewer).unwrap().intervals, first.intervals);
        let none = stockops.loaded.adapted.get(&OnBars::of(&serving.key, &fewer), || panic!("replayed again")).unwrap();
        assert_ne!(none, kept, "other bars have another state");
    }

    #[test]
    fn unseen_days_are_judged_once_as_long_as_the_bars_stay_the_same() {
        let stockops = Stockops::builder().build().unwrap();
        let bars = builtin_bars(&Ticker::new("MSFT").unwrap()).unwrap().bars.last(200);
        let judged = |bars: &Bars| stockops.who_forecasts(bars).unwrap().forecaster;
        let first = judged(&bars);
        assert_eq!(first.about().evaluation.forecasts, 200 - 73 - 4, "zero-shot, on all days that it can be judged on");
        assert!(Arc::ptr_eq(&first, &judged(&bars)));
        let fewer = bars.between(None, Some(bars.as_slice()[198].date));
        let other = judged(&fewer);
        assert!(!Arc::ptr_eq(&first, &other));
        assert_eq!(other.about().evaluation.forecasts, 199 - 73 - 4);
        assert!(Arc::ptr_eq(&first, &judged(&bars)), "both are kept");
    }
}
