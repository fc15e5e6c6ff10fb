//! How the models of watched tickers stand, looked at now and then in the home, so that a restart loses nothing; of bars what this server has read.

use std::time::Duration;

use chrono::{DateTime, Utc};
use stockops_core::{Calendar, Result, Ticker};
use tokio::time::MissedTickBehavior;

use super::App;
use crate::metrics::{Quality, Standing, sessions_behind};

/// Let metrics say how watched models stand, as long as the server is there. The home is read and no source is asked.
pub(super) fn watch_models(app: &App, every: Duration) {
    let app = std::sync::Arc::downgrade(&app.0);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
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
        }
    });
}

impl App {
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
