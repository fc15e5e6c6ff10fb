//! Features of the tickers that the service knows.

use super::Stockops;
use crate::error::Result;
use crate::feature_store::{Failed, FeatureStore, Ingested};
use crate::market::Ticker;

impl Stockops {
    /// Where its features are.
    pub fn features(&self) -> &FeatureStore {
        &self.features
    }

    /// Take the bars of `tickers` from its source into the feature store, and send what is new online, where a store for that is
    /// named. What fails for one ticker is told and does not touch the others.
    ///
    /// # Errors
    ///
    /// Those of [`FeatureStore::ingest`].
    pub fn ingest(&self, tickers: &[Ticker]) -> Result<Ingested> {
        let (mut series, mut failed) = (Vec::new(), Vec::new());
        for ticker in tickers {
            match self.bars(ticker) {
                Ok(sourced) => series.push(sourced.bars),
                Err(error) => failed.push(Failed::new(ticker, &error)),
            }
        }
        let mut ingested = self.features.ingest(&series)?;
        ingested.failed.extend(failed);
        ingested.failed.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        Ok(ingested)
    }
}
