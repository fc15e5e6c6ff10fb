//! `import`: a network of the original is judged on days after its last, and registered.

use std::path::Path;

use super::publish::put_aside;
use super::{Trained, publish};
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::MIN_JUDGED;
use crate::forecaster::{About, Calibration, Forecaster, Import};
use crate::market::Bars;
use crate::registry::{ModelRegistry, Version};
use crate::training::{CancelFlag, History};

/// Read a network of the original and its scaler, see [`Forecaster::from_pt`]. With `bars` that go on after its last day it is
/// calibrated on the first half of those days and judged on the second, so it states intervals and skill.
///
/// # Errors
///
/// Those of [`Forecaster::from_pt`].
pub fn import_pt(weights: &Path, scaler: &Path, import: &Import, bars: Option<&Bars>) -> Result<Trained> {
    let forecaster = Forecaster::from_pt(weights, scaler, import)?;
    let none = || Bars::new(import.ticker.clone(), Vec::new());
    let (forecaster, bars) = match bars {
        Some(bars) => (judged(&forecaster, bars)?, bars.clone()),
        None => (forecaster, none()?),
    };
    let history = History { epochs: Vec::new(), best: 0 };
    Ok(Trained { forecaster, history, bars, parts: Default::default() })
}

/// Register what was imported: with bars through the gate, like any other version; without bars there is nothing to compare it
/// on, so it is the champion of a ticker that has none, and else a challenger.
///
/// # Errors
///
/// Those of [`publish`].
pub fn publish_import(registry: &dyn ModelRegistry, imported: &Trained) -> Result<Version> {
    if imported.bars.is_empty() { put_aside(registry, imported) } else { publish(registry, imported) }
}

/// The forecaster with its intervals and its skill, where there are enough days that it has not seen.
fn judged(forecaster: &Forecaster, bars: &Bars) -> Result<Forecaster> {
    let seen = forecaster.about().last_seen_day;
    let past = |forecaster: &Forecaster| forecaster.past_while(bars, Some(seen), usize::MAX, &CancelFlag::default());
    let cases = past(forecaster)?;
    let (first, second) = cases.split_at(cases.len() / 2);
    let gap = forecaster.horizon() - 1;
    if second.len() < MIN_JUDGED + gap {
        let (days, needed) = (cases.len(), 2 * (MIN_JUDGED + gap));
        let note = format!("imported; {days} forecasts after {seen}, its last day: {needed} are needed to judge it");
        return Ok(forecaster.with_about(About { evaluation: Evaluation::none(note), ..forecaster.about().clone() }));
    }
    let last = first.last().and_then(|case| case.actual.last()).map(|bar| bar.date);
    let mut calibration = Calibration::of(first, bars.ticker().to_string());
    calibration.last_day = last;
    let calibrated = forecaster.with_about(About { calibration, ..forecaster.about().clone() });
    let test = calibrated.past_while(bars, last, usize::MAX, &CancelFlag::default())?;
    let note = "imported; intervals from the first half of the days after its last, skill on the second";
    let evaluation = Evaluation::of(&test, first, note.into());
    let first_day = bars.first_day().unwrap_or(seen);
    Ok(calibrated.with_about(About { evaluation, first_day, ..calibrated.about().clone() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Device;
    use crate::pipeline::load;
    use crate::registry::{Alias, MemoryRegistry, VersionId};
    use crate::source::builtin_bars;
    use crate::testing::golden;

    fn imported(bars: Option<&Bars>) -> Trained {
        let folder = tempfile::tempdir().unwrap();
        let scaler = folder.path().join("scaler.json");
        let json = r#"{"mean": [80, 80, 80, 80, 3e7, 50, 0], "scale": [30, 30, 30, 30, 1e7, 20, 1]}"#;
        std::fs::write(&scaler, json).unwrap();
        let import = Import::new("MSFT".parse().unwrap(), "2018-12-31".parse().unwrap());
        import_pt(&golden("small.pt"), &scaler, &import, bars).unwrap()
    }

    #[test]
    fn with_bars_it_states_intervals_and_skill_of_days_that_it_has_not_seen() {
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars;
        let trained = imported(Some(&bars));
        let about = trained.forecaster.about();
        let days = bars.between("2019-01-01".parse().ok(), None).len();
        // Each forecast needs its five days; the first of the second half begins after the last outcome of the first.
        assert_eq!(about.evaluation.forecasts, days - 4 - ((days - 4) / 2 + 4));
        assert!(about.evaluation.first_day > about.calibration.last_day);
        assert!(about.evaluation.skill.is_some());
        assert_eq!(trained.forecaster.forecast(&bars).unwrap().interval(90).unwrap().len(), 5);
    }

    #[test]
    fn without_bars_it_is_champion_where_there_is_none_and_unproven() {
        let registry = MemoryRegistry::new();
        let trained = imported(None);
        let first = publish_import(&registry, &trained).unwrap();
        assert!(first.is(Alias::Champion) && first.unproven);
        assert!(publish_import(&registry, &trained).unwrap().is(Alias::Challenger));
        let id = VersionId { ticker: "MSFT".parse().unwrap(), version: 1 };
        assert_eq!(load(&registry, &id, Device::Cpu).unwrap().about(), trained.forecaster.about());
    }
}
