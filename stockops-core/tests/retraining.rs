//! Whether retraining helps: a stock whose habits change, small networks, fixed seeds.

#[path = "simulated/regime.rs"]
mod regime;

use chrono::NaiveDate;
use regime::{Regime, USUAL, stock};
use stockops_core::forecast::{Field, Strategy};
use stockops_core::pipeline::{
    ChildConfig, MonitorConfig, Parent, ParentConfig, Trained, find_parent, load_champion, monitor, publish, refit,
    train_child, train_parent,
};
use stockops_core::record::Verdict;
use stockops_core::source::builtin_bars;
use stockops_core::training::{TrainConfig, Watch};
use stockops_core::{Bars, Device, Forecaster, MemoryRecord, MemoryRegistry, ModelRegistry, NetworkSizes, Recipe};

/// A low volume follows a high one, where it used to stay high.
const TURNED: Regime = Regime { volume_memory: -0.7, ..USUAL };

/// The first bar of the new habits.
const CHANGE: usize = 700;

fn small() -> Recipe {
    Recipe { network: NetworkSizes { hidden: 8, layers: 1, ..NetworkSizes::default() }, ..Recipe::default() }
}

/// Bars whose volume turns at [`CHANGE`] and, where that is said, back again.
fn turning(count: usize, back: usize) -> Bars {
    let first = NaiveDate::from_ymd_opt(2004, 1, 1).unwrap();
    stock(5, first, count, |bar| if (CHANGE..back).contains(&bar) { TURNED } else { USUAL })
}

fn part(bars: &Bars, from: usize, to: usize) -> Bars {
    Bars::new(bars.ticker().clone(), bars.as_slice()[from..to].to_vec()).unwrap()
}

/// A network of its own, which has nothing from a parent that could hold it back.
fn alone(bars: &Bars, known: usize) -> Trained {
    let train = TrainConfig { epochs: 10, ..TrainConfig::default() };
    let to = Some(bars.as_slice()[known - 1].date);
    let config = ChildConfig {
        strategy: Strategy::Scratch,
        recipe: Some(small()),
        train: Some(train),
        to,
        ..ChildConfig::default()
    };
    train_child(bars, None, &config, &mut Watch::silent()).unwrap()
}

/// A registry whose champion knows the usual habits alone.
fn with_champion(bars: &Bars) -> MemoryRegistry {
    let registry = MemoryRegistry::new();
    let known = part(bars, 0, CHANGE - 20);
    publish(&registry, &alone(&known, known.len())).unwrap();
    registry
}

fn champion(registry: &MemoryRegistry, bars: &Bars) -> (Forecaster, u32) {
    let (forecaster, id) = load_champion(registry, bars.ticker(), Device::Cpu).unwrap().unwrap();
    (forecaster, id.version)
}

/// Mean squared error of the next day's volume on the bars from `from` on.
fn loss(forecaster: &Forecaster, bars: &Bars, from: usize) -> f64 {
    let cases = forecaster.past(bars, Some(bars.as_slice()[from - 1].date), usize::MAX).unwrap();
    assert!(cases.len() >= 150);
    cases.iter().map(|case| case.error(Field::Volume, 0).unwrap().powi(2)).sum::<f64>() / cases.len() as f64
}

/// The days before the contest are mostly days of the new habits, and they last.
#[test]
fn a_challenger_that_knows_the_new_habits_takes_over_and_forecasts_better() {
    let (now, from) = (CHANGE + 560, CHANGE - 60);
    let bars = turning(now + 200, usize::MAX);
    let (registry, record) = (with_champion(&bars), MemoryRecord::new());
    let (old, _) = champion(&registry, &bars);
    let config = MonitorConfig { retrain: true, ..MonitorConfig::default() };
    let known = part(&bars, from, now);
    let report = monitor(&registry, &record, &known, &config, &mut Watch::silent()).unwrap();
    assert!(report.action.reason.contains("skill of volume lost since "), "{}", report.action.reason);
    assert_eq!(report.action.verdict, Verdict::Swap, "{}", report.action.reason);
    let (new, version) = champion(&registry, &bars);
    assert_eq!(version, 2);
    // It was judged on days that it had not seen, and then learned from them too.
    assert_eq!(Some(new.about().last_seen_day), known.last_day());
    assert_eq!(new.about().evaluation.forecasts, 60);
    assert!(new.about().evaluation.first_day < Some(new.about().last_seen_day));
    assert!(
        new.about().evaluation.note.contains("since then fitted once more, to "),
        "{}",
        new.about().evaluation.note
    );
    // Of a variance of 1 the old habits leave more than 1, the new ones 0.51.
    let (old, new) = (loss(&old, &bars, now), loss(&new, &bars, now));
    assert!(new < 0.75 * old, "mean squared error of volume: {new} against {old}");
}

/// The new habits are gone again when champion and challenger are compared.
#[test]
fn a_challenger_that_knows_habits_that_are_gone_does_not_take_over() {
    let (back, from) = (CHANGE + 500, CHANGE - 60);
    let now = back + 70;
    let bars = turning(now, back);
    let registry = with_champion(&bars);
    let version = publish(&registry, &alone(&part(&bars, from, now), back - from)).unwrap();
    assert_eq!((version.version, champion(&registry, &bars).1), (2, 1), "{:?}", version.reason);
    let reason = version.reason.unwrap();
    assert!(reason.contains("worse by more than a standard error"), "{reason}");
}

/// A challenger of today knows nothing of the last days, which judge it; fitted once more it does.
#[test]
fn fitted_once_more_it_forecasts_the_new_habits_better() {
    let (now, from) = (CHANGE + 250, CHANGE - 400);
    let bars = turning(now + 200, usize::MAX);
    let known = part(&bars, from, now);
    let judged = alone(&known, known.len() - 64);
    let again = refit(&judged, None, &mut Watch::silent()).unwrap();
    let (before, after) = (loss(&judged.forecaster, &bars, now), loss(&again.forecaster, &bars, now));
    assert!(after < 0.9 * before, "mean squared error of volume: {after} against {before}");
    let (own, other) = (judged.forecaster.about(), again.forecaster.about());
    assert!(own.last_seen_day < other.last_seen_day && Some(other.last_seen_day) == known.last_day());
    assert_eq!(other.evaluation.skill, own.evaluation.skill);
    assert_eq!((other.calibration.last_day, &other.scaler), (known.last_day(), &own.scaler));
    assert!(other.training_windows > own.training_windows);
    let twice = refit(&judged, None, &mut Watch::silent()).unwrap();
    assert_eq!(twice.forecaster.to_bytes().unwrap(), again.forecaster.to_bytes().unwrap());
}

fn parent() -> Trained {
    let index = builtin_bars(&"^GSPC".parse().unwrap()).unwrap().bars;
    let index = index.between("2000-01-01".parse().ok(), "2003-12-31".parse().ok());
    let config = ParentConfig { epochs: Some(1), ..ParentConfig::from(small()) };
    train_parent(&[index], &config, &mut Watch::silent()).unwrap()
}

/// Children of a parent are judged on days after its last, so it keeps some back.
#[test]
fn a_parent_and_a_child_that_learned_nothing_are_not_fitted_again() {
    let (registry, bars) = (MemoryRegistry::new(), turning(600, usize::MAX));
    let trained = parent();
    publish(&registry, &trained).unwrap();
    let same = |judged: &Trained, parent: Option<&Parent>| {
        let again = refit(judged, parent, &mut Watch::silent()).unwrap();
        assert_eq!(again.forecaster.to_bytes().unwrap(), judged.forecaster.to_bytes().unwrap());
    };
    same(&trained, None);
    let parent = find_parent(&registry, Device::Cpu).unwrap();
    let config = ChildConfig { strategy: Strategy::ZeroShot, ..ChildConfig::default() };
    same(&train_child(&bars, Some(&parent), &config, &mut Watch::silent()).unwrap(), Some(&parent));
}

#[test]
fn a_frozen_child_keeps_its_parents_layers_when_it_is_fitted_again() {
    let (registry, bars) = (MemoryRegistry::new(), turning(600, usize::MAX));
    publish(&registry, &parent()).unwrap();
    let parent = find_parent(&registry, Device::Cpu).unwrap();
    let judged = train_child(&bars, Some(&parent), &ChildConfig::default(), &mut Watch::silent()).unwrap();
    let again = refit(&judged, Some(&parent), &mut Watch::silent()).unwrap();
    let layers = |forecaster: &Forecaster| {
        let state = forecaster.model().state().unwrap().0.into_iter();
        state.filter(|tensor| tensor.name.starts_with("lstm")).map(|tensor| tensor.values).collect::<Vec<_>>()
    };
    assert!(!layers(&again.forecaster).is_empty());
    assert_eq!(layers(&again.forecaster), layers(&parent.forecaster));
    assert_ne!(again.forecaster.to_bytes().unwrap(), judged.forecaster.to_bytes().unwrap());
}

/// A champion that knows all but the last sessions leaves nothing to judge a challenger on.
#[test]
fn no_challenger_is_trained_before_it_can_be_judged() {
    let erratic = Regime { volume_memory: 0.0, volume_spread: 1.2, ..USUAL };
    let first = NaiveDate::from_ymd_opt(2004, 1, 1).unwrap();
    let bars = stock(5, first, CHANGE + 50, |bar| if bar < CHANGE { USUAL } else { erratic });
    let (registry, record) = (MemoryRegistry::new(), MemoryRecord::new());
    publish(&registry, &alone(&part(&bars, 0, CHANGE), CHANGE)).unwrap();
    let config = MonitorConfig { retrain: true, ..MonitorConfig::default() };
    let report = monitor(&registry, &record, &bars, &config, &mut Watch::silent()).unwrap();
    assert!(report.drift.retrain.wanted, "{}", report.drift.retrain.reason);
    assert_eq!((report.action.verdict, champion(&registry, &bars).1), (Verdict::Wait, 1));
    let text = ", its last day, are too few to judge another: 64 are waited for";
    assert!(report.action.reason.contains("50 sessions since ") && report.action.reason.ends_with(text));
    assert_eq!(registry.versions(bars.ticker()).unwrap().len(), 1);
}
