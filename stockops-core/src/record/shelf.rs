//! The rules of a record, once for memory and disk: how lists change.

use super::{Decision, KeptForecast, Settle};
use crate::drift::DriftReport;

/// Whether the forecast is new; if so it takes its place.
pub(super) fn keep(all: &mut Vec<KeptForecast>, forecast: &KeptForecast) -> bool {
    let key = |kept: &KeptForecast| (kept.last_date, kept.version.clone());
    match all.binary_search_by_key(&key(forecast), key) {
        Ok(_) => false,
        Err(place) => {
            all.insert(place, forecast.clone());
            true
        }
    }
}

/// Count of forecasts that changed.
pub(super) fn settle(all: &mut [KeptForecast], settle: &mut Settle<'_>) -> usize {
    let mut changed = 0;
    for kept in all.iter_mut().filter(|kept| !kept.is_settled()) {
        if let Some(outcomes) = settle(kept).filter(|outcomes| *outcomes != kept.outcomes) {
            kept.outcomes = outcomes;
            changed += 1;
        }
    }
    changed
}

pub(super) fn decide(all: &mut Vec<Decision>, decision: &Decision) {
    let key = |one: &Decision| (one.day, one.verdict, one.version.clone());
    all.retain(|one| key(one) != key(decision));
    let place = all.partition_point(|one| one.day <= decision.day);
    all.insert(place, decision.clone());
}

pub(super) fn keep_report(history: &mut Vec<DriftReport>, report: &DriftReport) {
    let report = DriftReport { trail: Vec::new(), ..report.clone() };
    match history.binary_search_by_key(&report.as_of, |one| one.as_of) {
        Ok(place) => history[place] = report,
        Err(place) => history.insert(place, report),
    }
}
