//! `import`: a network of the original is judged on days after its last, and registered.

use std::path::Path;

use super::publish::put_imported;
use super::{Trained, Verdict, contest, find_parent, parent_id};
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::{Field, Horizon, MIN_JUDGED, Role};
use crate::forecaster::{About, Calibration, Forecaster, Import};
use crate::market::Bars;
use crate::registry::{Alias, ModelRegistry, Version, VersionId};
use crate::training::{CancelFlag, History};

/// How many times as much as the last close does a close may miss. Networks of the original miss by two times.
const MOST_TIMES: f64 = 10.0;

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
/// on, so it is the champion of a ticker that has none, and else a challenger. One whose closes miss far more than the last close
/// does is neither, until somebody promotes it.
///
/// # Errors
///
/// Those of [`publish`](super::publish()).
pub fn publish_import(registry: &dyn ModelRegistry, imported: &Trained) -> Result<Version> {
    // A champion of the index would be the parent by itself where none is named.
    if registry.parent()?.is_none() && imported.forecaster.about().role == Role::Parent {
        registry.set_parent(&parent_id(registry)?)?;
    }
    put_imported(registry, imported, absurdity(imported))
}

/// Whether an imported parent, registered as `version`, becomes the one that children come from: where it passes the gate against that
/// one on its own bars. The reason either way.
///
/// # Errors
///
/// Those of the registry and of [`contest`].
pub fn import_as_parent(registry: &dyn ModelRegistry, imported: &Trained, version: &Version) -> Result<Verdict> {
    let about = imported.forecaster.about();
    if imported.bars.is_empty() {
        return Ok(Verdict::Keep("there are no bars to compare it on".into()));
    }
    if !version.is(Alias::Champion) {
        return Ok(Verdict::Keep("it is not the champion of its own ticker".into()));
    }
    let parent = find_parent(registry, imported.forecaster.model().device())?;
    let verdict = contest(&parent.forecaster, &imported.forecaster, &imported.bars)?;
    if matches!(verdict, Verdict::Replace(_)) {
        registry.set_parent(&VersionId { ticker: about.ticker.clone(), version: version.version })?;
    }
    Ok(verdict)
}

/// How much worse than the last close its closes are on held-out days, where that is so much that nobody would want it.
fn absurdity(imported: &Trained) -> Option<String> {
    let skill = imported.forecaster.about().evaluation.skill.as_ref()?.get(&Field::Close)?.get(&Horizon::NEXT)?;
    let times = 1.0 - skill.vs_persistence;
    // What is no number is as bad as any.
    let is_absurd = times.is_nan() || times > MOST_TIMES;
    is_absurd.then(|| format!("its closes of the next day miss by {times:.1} times as much as the last close does, on days that it has not seen"))
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
    use crate::pipeline::{load, shipped_parent};
    use crate::registry::{Alias, MemoryRegistry, VersionId};
    use crate::source::builtin_bars;
    use crate::testing::golden;

    fn imported(bars: Option<&Bars>) -> Trained {
        imported_of("MSFT", bars)
    }

    fn imported_of(ticker: &str, bars: Option<&Bars>) -> Trained {
        let folder = tempfile::tempdir().unwrap();
        let scaler = folder.path().join("scaler.json");
        let json = r#"{"mean": [80, 80, 80, 80, 3e7, 50, 0], "scale": [30, 30, 30, 30, 1e7, 20, 1]}"#;
        std::fs::write(&scaler, json).unwrap();
        let import = Import::new(ticker.parse().unwrap(), "2018-12-31".parse().unwrap());
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

    /// The weights of the file are random: its closes stay where the scaler's mean is.
    #[test]
    fn one_that_is_far_worse_than_the_last_close_waits_until_it_is_promoted() {
        let registry = MemoryRegistry::new();
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars;
        let version = publish_import(&registry, &imported(Some(&bars))).unwrap();
        assert!(version.alias.is_empty() && version.unproven);
        let reason = version.reason.unwrap();
        assert!(
            reason.contains("its closes of the next day miss by ")
                && reason.ends_with(" times as much as the last close does, on days that it has not seen"),
            "{reason}"
        );
        let ticker = "MSFT".parse().unwrap();
        assert_eq!(registry.champion(&ticker).unwrap(), None);
        assert!(registry.promote(&ticker, 1).unwrap().is(Alias::Champion));
        assert!(publish_import(&registry, &imported(Some(&bars))).unwrap().alias.is_empty());
    }

    #[test]
    fn an_imported_parent_is_nobodys_before_it_passed_the_gate() {
        let registry = MemoryRegistry::new();
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars;
        let as_parent = |bars: Option<&Bars>| {
            let Trained { forecaster, history, bars, parts } = imported(bars);
            let about = About { role: Role::Parent, ..forecaster.about().clone() };
            Trained { forecaster: forecaster.with_about(about), history, bars, parts }
        };
        let seat = |imported: &Trained| {
            let version = publish_import(&registry, imported).unwrap();
            import_as_parent(&registry, imported, &version).unwrap()
        };
        assert_eq!(seat(&as_parent(None)), Verdict::Keep("there are no bars to compare it on".into()));
        assert!(matches!(seat(&as_parent(Some(&bars))), Verdict::Keep(_)));
        assert_eq!(parent_id(&registry).unwrap().to_string(), "^GSPC@0");
        // One that is as good as the parent of today takes its place.
        let shipped = shipped_parent(Device::Cpu).unwrap();
        let about = About { ticker: "IBM".parse().unwrap(), ..shipped.about().clone() };
        let same = Trained { forecaster: shipped.with_about(about), bars, ..as_parent(None) };
        assert!(matches!(seat(&same), Verdict::Replace(_)));
        assert_eq!(registry.parent().unwrap().unwrap().to_string(), "IBM@1");
    }

    /// Where no parent is named it is the champion of the index.
    #[test]
    fn an_imported_champion_of_the_index_is_nobodys_parent_either() {
        let registry = MemoryRegistry::new();
        let Trained { forecaster, history, bars, parts } = imported_of("^GSPC", None);
        let about = About { role: Role::Parent, ..forecaster.about().clone() };
        let parent = Trained { forecaster: forecaster.with_about(about), history, bars, parts };
        assert!(publish_import(&registry, &parent).unwrap().is(Alias::Champion));
        assert_eq!(parent_id(&registry).unwrap().to_string(), "^GSPC@0");
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
