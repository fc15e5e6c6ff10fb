//! `monitor`: drift of a ticker, and what is done about it; a scheduler calls the same function as the command.

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, Utc};

use super::monitor_config::{MonitorConfig, MonitorReport};
use super::predict::who_is_watched;
use super::retrain::{Listener, challenge, remember};
use super::track::{settle, track};
use crate::drift::{DriftMonitor, DriftReport, Reference};
use crate::error::Result;
use crate::forecaster::Forecaster;
use crate::market::{Bars, Ticker};
use crate::record::{Decision, ForecastRecord, Verdict};
use crate::registry::{ModelRegistry, VersionId};
use crate::source::builtin_bars;
use crate::training::Watch;

/// Report on the drift of a ticker: score what has come, watch the version that forecasts it, keep the report.
///
/// Where the ticker has no version of its own the parent is watched, zero-shot. With too few bars the report is skipped.
///
/// # Errors
///
/// Those of registry and record.
pub fn drift(
    registry: &dyn ModelRegistry,
    record: &dyn ForecastRecord,
    bars: &Bars,
    config: &MonitorConfig,
) -> Result<DriftReport> {
    let (forecaster, id) = who_is_watched(registry, bars, config.device)?;
    drift_of(&forecaster, &id, record, bars, config)
}

/// [`drift`] where `forecaster`, named `id` in the record, is at hand: no registry is asked. Where it is the forecaster of
/// another ticker than that of `bars` the summary says so.
///
/// # Errors
///
/// Those of the record and of the network.
pub fn drift_of(
    forecaster: &Forecaster,
    id: &VersionId,
    record: &dyn ForecastRecord,
    bars: &Bars,
    config: &MonitorConfig,
) -> Result<DriftReport> {
    let now = config.now.unwrap_or_else(clock);
    settle(record, bars, now)?;
    let track = track(record, forecaster, id, bars)?;
    let monitor = DriftMonitor::new(usual(forecaster, bars)?);
    let mut report = monitor.report(bars, Some(&track), now);
    report.model_version = Some(id.to_string());
    let whose = &forecaster.about().ticker;
    if whose != bars.ticker() {
        report.summary += &format!(" The forecasts are those of the forecaster of {whose}.");
    }
    let decisions = record.decisions(bars.ticker())?;
    let days_of = |which: fn(Verdict) -> bool| -> Vec<NaiveDate> {
        decisions.iter().filter(|decision| which(decision.verdict)).map(|decision| decision.day).collect()
    };
    let sessions: Vec<NaiveDate> = bars.iter().map(|bar| bar.date).collect();
    let (trained, rolled_back) = (days_of(Verdict::is_training), days_of(|verdict| verdict == Verdict::Rollback));
    report.retrain = config.policy.decide(&report, &sessions, &trained, &rolled_back);
    record.keep_report(&report)?;
    Ok(report)
}

/// [`drift`], then what the policy says: nothing, or a challenger that takes over only through the gate; the decision
/// and its reason go into the record.
///
/// Before it is trained the right to train the ticker is taken, and everything is looked at again, so that of two who
/// monitor at once one trains. The right is held until the decision is in the record. Where the process dies between the
/// swap and the record, the next call writes what is missing: the version knows why it was trained.
///
/// # Errors
///
/// Those of [`drift`]; [`Busy`](crate::Error::Busy) where someone else trains the ticker. A training that cannot be done
/// with these bars is no error but a decision: it failed, and why.
pub fn monitor(
    registry: &dyn ModelRegistry,
    record: &dyn ForecastRecord,
    bars: &Bars,
    config: &MonitorConfig,
    watch: &mut Watch<'_>,
) -> Result<MonitorReport> {
    monitor_with(registry, record, bars, config, watch, &mut |_| {})
}

/// [`monitor`] with a `listener` that hears how a challenger is made, and what it became.
///
/// # Errors
///
/// Those of [`monitor`].
pub fn monitor_with(
    registry: &dyn ModelRegistry,
    record: &dyn ForecastRecord,
    bars: &Bars,
    config: &MonitorConfig,
    watch: &mut Watch<'_>,
    listener: &mut Listener<'_>,
) -> Result<MonitorReport> {
    let look = || {
        remember(registry, record, bars.ticker())?;
        drift(registry, record, bars, config)
    };
    let trains = |drift: &DriftReport| drift.retrain.wanted && config.retrain;
    let first = look()?;
    let lock = trains(&first).then(|| registry.training_lock(bars.ticker())).transpose()?;
    // What was decided while the lock was not held yet counts.
    let drift = if lock.is_some() { look()? } else { first };
    let day = drift.as_of.unwrap_or_default();
    let decided = |verdict| Decision {
        version: drift.model_version.clone(),
        ..Decision::new(drift.ticker.clone(), day, verdict, drift.retrain.reason.clone())
    };
    let action = match drift.retrain.wanted {
        true if lock.is_some() => challenge(registry, bars, config, decided(Verdict::Swap), watch, listener)?,
        true => decided(Verdict::Recommend),
        false if drift.lost_since().is_some() => decided(Verdict::Wait),
        false => decided(Verdict::Keep),
    };
    record.decide(&action)?;
    drop(lock);
    Ok(MonitorReport { ticker: drift.ticker.clone(), drift, agent_eval: None, action })
}

/// The time now.
fn clock() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

/// What is usual: the ticker's own history up to the last day that the forecaster saw; else what the bundle says; else
/// the index, as it ships with the crate.
fn usual(forecaster: &Forecaster, bars: &Bars) -> Result<Reference> {
    let about = forecaster.about();
    let in_bundle = about.reference.as_ref();
    if let Some(own) = in_bundle.filter(|reference| reference.ticker == *bars.ticker()) {
        return Ok(own.clone());
    }
    let known = bars.between(None, Some(about.last_seen_day));
    match (Reference::of(&known), in_bundle) {
        (Ok(own), _) => Ok(own),
        (Err(_), Some(inherited)) => Ok(inherited.clone()),
        (Err(_), None) => index(),
    }
}

/// What is usual for the index from 1999 to 2016.
fn index() -> Result<Reference> {
    static INDEX: OnceLock<Reference> = OnceLock::new();
    if let Some(known) = INDEX.get() {
        return Ok(known.clone());
    }
    let bars = builtin_bars(&Ticker::new(super::PARENT_TICKER)?)?.bars;
    let reference = Reference::of(&bars.between(None, NaiveDate::from_ymd_opt(2016, 12, 31)))?;
    Ok(INDEX.get_or_init(|| reference).clone())
}
