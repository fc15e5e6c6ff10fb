//! How the models of watched tickers stand, looked at now and then in the home, so that a restart loses nothing; of bars what this server has read.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use stockops_core::{Calendar, Result, Ticker};
use tokio::sync::Notify;

use super::App;
use crate::metrics::{Quality, Standing, sessions_behind};

/// How often a home is looked at, at the most.
const SOON: Duration = Duration::from_secs(15);
/// How often a bucket is looked at where nothing of this server has changed. Each look is some requests for each ticker, which are
/// billed.
const SELDOM: Duration = Duration::from_secs(600);

/// Let metrics say how watched models stand, as long as the server is there: soon after something of them has changed here, and
/// now and then, since others change the home too. The home is read and no source is asked.
pub(super) fn watch_models(app: &App, is_bucket: bool) {
    let seldom = if is_bucket { SELDOM } else { SOON };
    let (stirred, app) = (Arc::clone(&app.0.stirred), Arc::downgrade(&app.0));
    tokio::spawn(async move {
        loop {
            let Some(app) = app.upgrade().map(App) else { return };
            if app.config().watch.is_empty() {
                return;
            }
            let looked = app.read(|app| -> Result<()> {
                app.look_at_models();
                Ok(())
            });
            if let Err(fault) = looked.await {
                tracing::warn!(problem = fault.detail, "the models could not be looked at");
            }
            drop(app);
            pause(&stirred, SOON, seldom).await;
        }
    });
}

/// Wait for `soon`, and then until something has changed, `seldom` in all at the longest.
async fn pause(stirred: &Notify, soon: Duration, seldom: Duration) {
    tokio::time::sleep(soon).await;
    // What changed meanwhile is heard at once.
    let _ = tokio::time::timeout(seldom.saturating_sub(soon), stirred.notified()).await;
}

impl App {
    /// Something of `ticker` has changed: where it is watched, its model is looked at soon.
    pub(crate) fn stir(&self, ticker: &Ticker) {
        if self.config().watch.contains(ticker) {
            self.0.stirred.notify_one();
        }
    }

    /// What cannot be read is left out, and the log says why.
    fn look_at_models(&self) {
        let mut standings = Vec::new();
        for ticker in &self.config().watch {
            match self.look_at(ticker) {
                Ok(standing) => standings.push((ticker.clone(), standing)),
                Err(error) => tracing::warn!(%ticker, %error, "how its model stands could not be read"),
            }
        }
        self.metrics().models_stand(&standings);
    }

    fn look_at(&self, ticker: &Ticker) -> Result<Standing> {
        let record = self.stockops().record();
        let forecasts = record.forecasts(ticker)?;
        if let Some(drift) = record.latest_report(ticker)? {
            self.metrics().judged(ticker, &Quality::of(&drift, forecasts.iter().flat_map(|one| &one.outcomes)));
        }
        let champion = self.stockops().registry().champion(ticker)?;
        let bars = self.shelf().known(ticker);
        let calendar = bars.as_ref().map_or_else(|| Calendar::of(ticker), |sourced| sourced.bars.calendar());
        let behind = |last| sessions_behind(&calendar, last, self.stockops().now());
        let created = |created: &str| created.parse::<DateTime<Utc>>().ok().map(|at| at.timestamp());
        Ok(Standing {
            version: champion.as_ref().map(|champion| champion.version),
            created: champion.as_ref().and_then(|champion| created(&champion.created)),
            forecast_behind: forecasts.iter().map(|forecast| forecast.last_date).max().map(behind),
            bars_behind: bars.as_ref().and_then(|sourced| sourced.bars.last_day()).map(behind),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(100);
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_change_is_looked_at_soon_and_many_changes_once() {
        let stirred = Notify::new();
        let waits = |seldom| tokio::time::timeout(Duration::from_secs(5), pause(&stirred, SOON, seldom));
        for _ in 0..10 {
            stirred.notify_one();
        }
        let begun = std::time::Instant::now();
        assert!(waits(LONG).await.is_ok());
        assert!(begun.elapsed() >= SOON, "not at once: more may come");
        assert!(waits(LONG).await.is_err(), "ten changes are one look");
        assert!(waits(SOON).await.is_ok(), "where a look costs nothing no change is waited for");
    }
}
