//! How the models of watched tickers stand: which forecasts and since when, how old its newest forecast is, and what changed.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use prometheus::{GaugeVec, IntCounterVec, IntGauge, Opts, Registry};
use stockops_core::{Calendar, Ticker};

use super::quality::{WATCHED, of_ticker};
use super::{Metrics, counters, enter, gauge};

/// Why another version forecasts, or is the parent, from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Somebody promoted it.
    Promoted,
    /// Somebody went back to the one before.
    RolledBack,
    /// Somebody made it the parent.
    Parent,
    /// It came from a training.
    Trained,
}

impl Change {
    const ALL: [Self; 4] = [Self::Promoted, Self::RolledBack, Self::Parent, Self::Trained];

    fn word(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled_back",
            Self::Parent => "parent",
            Self::Trained => "trained",
        }
    }
}

/// How the model of a ticker stands. A number that is not known is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// Version of its champion; none where the parent forecasts.
    pub version: Option<u32>,
    /// When that version was put into the registry, in seconds since 1970.
    pub created: Option<i64>,
    /// Sessions that are over since the last bar of its newest forecast.
    pub forecast_behind: Option<usize>,
    /// Sessions that are over since the last bar that this server has read.
    pub bars_behind: Option<usize>,
}

/// Sessions that are counted at most.
const MOST_BEHIND: usize = 30;
/// From the close of a session until it is missed: sources are late, and the nightly round takes its time.
const GRACE: TimeDelta = TimeDelta::hours(6);

/// How many sessions after `last` have been over for six hours at `now`; 30 at most.
///
/// # Example
///
/// ```
/// use stockops_core::{Calendar, Ticker};
/// use stockops_server::metrics::sessions_behind;
///
/// let calendar = Calendar::of(&Ticker::new("GOOG")?);
/// let friday = "2024-05-03".parse().unwrap();
/// assert_eq!(sessions_behind(&calendar, friday, "2024-05-06T20:00:00Z".parse().unwrap()), 0);
/// assert_eq!(sessions_behind(&calendar, friday, "2024-05-07T03:00:00Z".parse().unwrap()), 1);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn sessions_behind(calendar: &Calendar, last: NaiveDate, now: DateTime<Utc>) -> usize {
    calendar.next_sessions(last, MOST_BEHIND).iter().filter(|session| session.close_utc + GRACE <= now).count()
}

#[derive(Debug)]
pub(super) struct Models {
    watch: HashSet<Ticker>,
    fresh: IntGauge,
    version: GaugeVec,
    created: GaugeVec,
    forecast_behind: GaugeVec,
    bars_behind: GaugeVec,
    changes: IntCounterVec,
}

impl Models {
    pub(super) fn new(r: &Registry, watch: &[Ticker]) -> Self {
        let gauges = |name: &str, help: &str| enter(r, GaugeVec::new(Opts::new(name, help), &["ticker"]));
        let watch: HashSet<Ticker> = watch.iter().take(WATCHED).cloned().collect();
        let watched = gauge(r, "stockops_tickers_watched", "Tickers of the watch list, 50 at most.");
        watched.set(watch.len().try_into().unwrap_or(i64::MAX));
        let changes =
            "Versions that began to forecast or became the parent, by how: promoted, rolled_back, parent, trained.";
        let changes = counters(r, "stockops_promotions_total", changes, &["how"]);
        // A first promotion is only seen as an increase where 0 stood before.
        Change::ALL.iter().for_each(|change| drop(changes.with_label_values(&[change.word()])));
        Self {
            watch,
            fresh: gauge(r, "stockops_tickers_fresh", "Watched tickers that have a forecast from the last session."),
            version: gauges("stockops_champion_version", "Version that forecasts, of watched tickers that have one."),
            created: gauges(
                "stockops_champion_created_timestamp_seconds",
                "When the version that forecasts was made, in seconds since 1970, of watched tickers.",
            ),
            forecast_behind: gauges(
                "stockops_forecast_sessions_behind",
                "Sessions that are over since the last bar of the newest forecast, of watched tickers.",
            ),
            bars_behind: gauges(
                "stockops_bars_sessions_behind",
                "Sessions that are over since the last bar that this server has read, of watched tickers.",
            ),
            changes,
        }
    }
}

impl Metrics {
    /// Another version forecasts, or is the parent.
    pub fn changed(&self, how: Change) {
        self.0.models.changes.with_label_values(&[how.word()]).inc();
    }

    /// All watched tickers were looked at. Others are left out; one that is missing had nothing that could be read.
    pub fn models_stand(&self, standings: &[(Ticker, Standing)]) {
        let all = &self.0.models;
        let mut fresh = 0;
        for (ticker, standing) in standings.iter().filter(|(ticker, _)| all.watch.contains(ticker)) {
            fresh += i64::from(standing.forecast_behind == Some(0));
            let count = |number: Option<usize>| number.map(|number| number as f64);
            for (gauges, number) in [
                (&all.version, standing.version.map(f64::from)),
                (&all.created, standing.created.map(|seconds| seconds as f64)),
                (&all.forecast_behind, count(standing.forecast_behind)),
                (&all.bars_behind, count(standing.bars_behind)),
            ] {
                of_ticker(gauges, ticker, number);
            }
        }
        all.fresh.set(fresh);
    }
}
