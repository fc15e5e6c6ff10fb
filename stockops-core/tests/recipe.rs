//! One recipe from training to forecast, whatever its horizon and columns: nothing beside a network disagrees with it.

use approx::assert_relative_eq;
use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::Field;
use stockops_core::pipeline::{
    BacktestConfig, ChildConfig, Parent, ParentChoice, ParentConfig, Trained, backtest, drift, find_parent, predict,
    publish, train_child, train_parent,
};
use stockops_core::registry::VersionId;
use stockops_core::source::builtin_bars;
use stockops_core::training::{ColumnWeights, TrainConfig, Watch};
use stockops_core::{
    Bars, Device, FeatureSet, Forecaster, MemoryRecord, MemoryRegistry, NetworkSizes, Recipe, Strategy,
};

fn bars(ticker: &str, from: &str, to: &str) -> Bars {
    let all = builtin_bars(&ticker.parse().unwrap()).unwrap().bars;
    all.between(Some(from.parse().unwrap()), Some(to.parse().unwrap()))
}

fn small() -> Recipe {
    Recipe {
        network: NetworkSizes { hidden: 8, layers: 1, ..NetworkSizes::default() },
        train: TrainConfig { epochs: 1, ..Recipe::default().train },
        ..Recipe::default()
    }
}

fn parent(recipe: Recipe, series: &[Bars]) -> Trained {
    train_parent(series, &ParentConfig::from(recipe), &mut Watch::silent()).unwrap()
}

fn named(trained: &Trained) -> Parent {
    Parent { forecaster: trained.forecaster.clone(), id: VersionId { ticker: "^GSPC".parse().unwrap(), version: 1 } }
}

fn child(bars: &Bars, parent: &Parent, strategy: Strategy) -> Trained {
    let config = ChildConfig { strategy, epochs: Some(1), ..ChildConfig::default() };
    train_child(bars, Some(parent), &config, &mut Watch::silent()).unwrap()
}

/// The horizons of a table as numbers, in order.
fn horizons<K: ToString + Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut all: Vec<usize> = keys.map(|key| key.to_string()[1..].parse().unwrap()).collect();
    all.sort_unstable();
    all
}

#[test]
fn horizons_of_1_10_and_21_go_from_training_to_forecast() {
    let (index, stock) = (bars("^GSPC", "2000-01-01", "2003-12-31"), bars("IBM", "2004-01-01", "2008-12-31"));
    for horizon in [1, 10, 21] {
        let every: Vec<usize> = (1..=horizon).collect();
        let parent = named(&parent(small().with_horizon(horizon), std::slice::from_ref(&index)));
        for strategy in [Strategy::Freeze, Strategy::Scratch] {
            let trained = child(&stock, &parent, strategy);
            assert_eq!(trained.forecaster.horizon(), horizon, "{strategy}");
            let about = trained.forecaster.about();
            assert_eq!(horizons(about.evaluation.fields[&Field::Range].keys()), every, "{strategy}");
            // Scratch stands beside a child of a parent, with the same horizon.
            assert_eq!(about.transfer.is_some(), strategy.needs_parent());
            let forecast = trained.forecaster.forecast(&stock).unwrap();
            assert_eq!(forecast.predictions.full_forecast.len(), horizon);
            assert_eq!(forecast.interval(90).unwrap().len(), horizon);
            assert_eq!(forecast.sample(10, 1).unwrap()[0].len(), horizon);
            assert_eq!(horizons(forecast.skill.unwrap()[&Field::Range].keys()), every);
        }
        let registry = MemoryRegistry::new();
        publish(&registry, &child(&stock, &parent, Strategy::Freeze)).unwrap();
        assert_eq!(predict(&registry, &stock, Device::Cpu).unwrap().future_window_days, horizon);
        let report = drift(&registry, &MemoryRecord::new(), &stock, &Default::default()).unwrap();
        assert!(report.scored > 0, "{}", report.summary);

        let config = BacktestConfig { folds: 1, epochs: Some(1), ..BacktestConfig::default() };
        for strategy in [Strategy::ZeroShot, Strategy::Scratch] {
            let config = BacktestConfig { strategy, ..config.clone() };
            let parents = ParentChoice { known: Some(parent.clone()), series: vec![] };
            let done = backtest(&stock.last(700), &parents, &config, &mut Watch::silent()).unwrap();
            assert_eq!(horizons(done.fields[&Field::Range].keys()), every, "{strategy}");
        }
    }
}

#[test]
fn a_child_has_its_parents_recipe_and_so_has_a_network_of_its_own_beside_it() {
    let words = ["Volume", "RSI7", "Close", "High", "Low", "Open"];
    let features = FeatureSet::new(words.iter().map(|word| word.parse().unwrap()).collect()).unwrap();
    let recipe = Recipe { context: 30, blend: false, ..small().with_horizon(3).with_features(features) };
    let parent = named(&parent(recipe.clone(), &[bars("^GSPC", "2000-01-01", "2003-12-31")]));
    assert_eq!(parent.forecaster.recipe(), recipe);
    let stock = bars("IBM", "2004-01-01", "2008-12-31");
    let trained = child(&stock, &parent, Strategy::FineTune);
    assert_eq!(trained.forecaster.recipe(), recipe);
    let bytes = trained.forecaster.to_bytes().unwrap();
    assert_eq!(Forecaster::from_bytes("IBM@1", &bytes, Device::Cpu).unwrap().recipe(), recipe, "the bundle holds it");
    // The weights belong to features, so the close is the column that a child leaves alone, wherever it stands.
    let weights = &trained.forecaster.about().training.as_ref().unwrap().column_weights;
    assert_eq!(weights.of(&recipe.features), [1.5, 0.2, 0.0, 2.0, 0.5, 0.5]);
    let alone = child(&stock, &parent, Strategy::Scratch);
    assert_eq!(alone.forecaster.recipe(), recipe);
    assert_eq!(child(&stock, &parent, Strategy::ZeroShot).forecaster.recipe(), recipe);
    // A recipe of its own is for a network without a parent alone.
    let own = ChildConfig { recipe: Some(small()), no_comparison: true, ..ChildConfig::default() };
    let other = train_child(&stock, Some(&parent), &own, &mut Watch::silent()).unwrap();
    assert_eq!(other.forecaster.recipe(), recipe);
}

#[test]
fn the_shipped_parent_is_of_the_default_recipe() {
    let parent = find_parent(&MemoryRegistry::new(), Device::Cpu).unwrap().forecaster;
    assert_eq!(parent.recipe(), Recipe::default());
    assert_eq!(parent.about().training.as_ref().unwrap().column_weights, ColumnWeights::by_skill());
}

/// The first series ends before the last day that may be seen, and the others go on long after it.
#[test]
fn a_pooled_parent_sees_no_day_after_its_last_and_says_the_last_of_all_series() {
    let (index, long) = (bars("^GSPC", "1999-01-01", "2002-12-31"), bars("IBM", "1999-01-01", "2008-12-31"));
    let to = "2003-06-30".parse().ok();
    let config = ParentConfig { to, ..ParentConfig::from(small()) };
    let train = |series: &[Bars]| train_parent(series, &config, &mut Watch::silent()).unwrap();
    let trained = train(&[index.clone(), long.clone()]);
    let about = trained.forecaster.about();
    assert_eq!(about.last_seen_day, "2003-06-30".parse().unwrap());
    let cut = train(&[index, long.between(None, to)]);
    assert_eq!(cut.forecaster.about().calibration, about.calibration, "nothing after that day calibrates it");

    // So a child whose test it saw is refused.
    let parent = named(&trained);
    let seen = bars("IBM", "1999-01-01", "2003-08-15");
    let refused = train_child(&seen, Some(&parent), &ChildConfig::default(), &mut Watch::silent()).unwrap_err();
    assert!(refused.to_string().starts_with("IBM: the parent saw days up to 2003-06-30"), "{refused}");
    let later = train_child(&long, Some(&parent), &ChildConfig::default(), &mut Watch::silent()).unwrap();
    assert!(later.forecaster.about().evaluation.first_day.unwrap() > about.last_seen_day);
}

/// The shipped parent of 2026-11-24, as commit b9e3979 has it. It has no effects of days, no usual values, no products in its rule, no
/// definitions and no checksum. What it says of its own held-out days was judged by the code of that day.
#[test]
fn a_bundle_of_2026_11_24_forecasts_as_it_did_has_children_and_is_saved_again() {
    let old = Forecaster::from_bytes("^GSPC@1", include_bytes!("bundles/2026-11-24.safetensors"), Device::Cpu).unwrap();
    assert!(old.about().definition.is_none() && old.about().reference.is_none());
    let index = builtin_bars(&"^GSPC".parse().unwrap()).unwrap().bars;
    let cases = old.past(&index, Some(old.about().last_seen_day), usize::MAX).unwrap();
    let (then, now) = (&old.about().evaluation, Evaluation::of(&cases, &[], String::new()));
    assert_eq!((then.forecasts, then.first_day), (now.forecasts, now.first_day));
    for field in Field::ALL {
        for (horizon, then) in &then.fields[&field] {
            let now = &now.fields[&field][horizon];
            // The network computes in single precision, and its kernel adds up in another order than that of then.
            assert_relative_eq!(now.rmse, then.rmse, max_relative = 1e-5);
            assert_relative_eq!(now.crps.unwrap(), then.crps.unwrap(), max_relative = 1e-5);
        }
    }
    let again = Forecaster::from_bytes("again", &old.to_bytes().unwrap(), Device::Cpu).unwrap();
    let bars = bars("MSFT", "2018-01-01", "2020-12-31");
    assert_eq!(again.forecast(&bars).unwrap(), old.forecast(&bars).unwrap());
    let parent = Parent { forecaster: old, id: VersionId { ticker: "^GSPC".parse().unwrap(), version: 1 } };
    let own = child(&bars, &parent, Strategy::Freeze).forecaster;
    assert_eq!(own.about().parent.as_ref().map(|parent| parent.version.as_str()), Some("^GSPC@1"));
    assert_eq!(own.forecast(&bars).unwrap().intervals.len(), 3);
}
