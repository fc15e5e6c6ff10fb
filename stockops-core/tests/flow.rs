//! The whole way, with small networks on real bars: parent, child, forecast, and what must never happen on it.

use ndarray::Array2;
use stockops_core::dataset::{Dataset, DatasetConfig, Part, SplitConfig};
use stockops_core::forecast::Field;
use stockops_core::pipeline::{
    ChildConfig, Parent, ParentConfig, Trained, predict, publish, train_child, train_parent,
};
use stockops_core::registry::{Alias, ModelRegistry, VersionId};
use stockops_core::report::charts;
use stockops_core::source::{builtin_bars, parent_pool};
use stockops_core::training::{CancelFlag, Event, TrainConfig, Watch};
use stockops_core::{
    Bar, Bars, Device, Error, Forecaster, MemoryRegistry, ModelConfig, NetworkSizes, Recipe, Strategy, Ticker,
};

fn bars(ticker: &str, from: &str, to: &str) -> Bars {
    let all = builtin_bars(&ticker.parse().unwrap()).unwrap().bars;
    all.between(Some(from.parse().unwrap()), Some(to.parse().unwrap()))
}

fn index() -> Bars {
    bars("^GSPC", "2000-01-01", "2003-12-31")
}

fn parent_config() -> ParentConfig {
    ParentConfig::from(Recipe {
        network: NetworkSizes { hidden: 8, layers: 2, ..NetworkSizes::default() },
        train: TrainConfig { epochs: 2, ..TrainConfig::default() },
        ..Recipe::default()
    })
}

fn small_parent() -> Parent {
    let trained = train_parent(&[index()], &parent_config(), &mut Watch::silent()).unwrap();
    Parent { forecaster: trained.forecaster, id: VersionId { ticker: "^GSPC".parse().unwrap(), version: 1 } }
}

fn child(bars: &Bars, parent: &Parent, config: &ChildConfig) -> Result<Trained, Error> {
    train_child(bars, Some(parent), config, &mut Watch::silent())
}

fn weights(forecaster: &Forecaster) -> Vec<(String, Vec<f32>)> {
    let state = forecaster.model().state().unwrap();
    state.0.into_iter().map(|tensor| (tensor.name, tensor.values)).collect()
}

#[test]
fn parent_child_registry_forecast() {
    let parent = small_parent();
    let stock = bars("IBM", "2004-01-01", "2008-12-31");
    let trained = child(&stock, &parent, &ChildConfig::default()).unwrap();
    let about = trained.forecaster.about();
    assert_eq!(about.parent.as_ref().unwrap().version, "^GSPC@1");
    // The parent's errors, and a state that has seen the outcomes of its own calibration days.
    assert_eq!(about.calibration.source, "^GSPC");
    assert!(about.calibration.start.outcomes() > 60 && about.calibration.last_day < about.evaluation.first_day);
    let transfer = about.transfer.as_ref().unwrap();
    assert_eq!(transfer.forecasts, about.evaluation.forecasts);
    assert_eq!((transfer.vs_zero_shot.len(), transfer.vs_scratch.len()), (3, 3));
    assert!(about.evaluation.first_day.unwrap() > parent.forecaster.about().last_seen_day);
    assert!(about.given_up.is_empty() && !about.leaked);

    let registry = MemoryRegistry::new();
    publish(&registry, &trained).unwrap();
    let forecast = predict(&registry, &stock, Device::Cpu).unwrap();
    assert_eq!(forecast.model_version.as_deref(), Some("IBM@1"));
    assert_eq!(forecast.strategy, stockops_core::Role::Child(Strategy::Freeze));
    assert_eq!(forecast.history.len(), 30);
    // 2008-12-31 was a Wednesday; New Year's Day is a holiday.
    let days: Vec<String> = forecast.next_business_days.iter().map(ToString::to_string).collect();
    assert!(days[0] == "2009-01-01" || days[0] == "2009-01-02", "{days:?}");
    for day in &forecast.predictions.full_forecast {
        assert!(day.low <= day.open.min(day.close) && day.high >= day.open.max(day.close) && day.volume >= 0.0);
    }
    let day = forecast.predictions.next_day;
    assert!((day.close / forecast.last_price - 1.0).abs() < 0.1, "decoded from the last close");
    let highs = forecast.predictions.full_forecast.iter().map(|day| day.high);
    assert_eq!(forecast.predictions.next_week.high, highs.fold(f64::MIN, f64::max));
    let (narrow, wide) = (forecast.intervals["80"][0], forecast.intervals["95"][0]);
    assert!(wide.close[0] <= narrow.close[0] && narrow.close[1] <= wide.close[1]);
    assert!(narrow.close[0] < day.close && day.close < narrow.close[1]);
}

#[test]
fn the_forecasts_json_has_every_key_of_the_contract() {
    let forecast = small_parent().forecaster.forecast(&index()).unwrap();
    let json = serde_json::to_value(&forecast).unwrap();
    for key in ["ticker", "last_date", "future_window_days", "next_business_days", "predictions", "history"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    for key in ["date", "open", "high", "low", "close", "volume"] {
        assert!(json["predictions"]["next_day"].get(key).is_some(), "{key}");
        assert!(json["predictions"]["full_forecast"][4].get(key).is_some(), "{key}");
    }
    assert!(json["predictions"]["next_week"]["high"].is_number());
    assert!(json["history"][29]["close"].is_number());
    for key in ["open", "high", "low", "close", "volume", "range"] {
        assert_eq!(json["intervals"]["90"][4][key].as_array().unwrap().len(), 2, "{key}");
    }
    assert!(json["skill"]["close"]["h5"]["vs_best_rule"].is_number());
    assert_eq!(serde_json::from_value::<stockops_core::Forecast>(json).unwrap(), forecast);
}

#[test]
fn one_seed_gives_the_same_bytes_for_one_and_two_threads() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let parent = small_parent();
            let stock = bars("IBM", "2004-01-01", "2006-12-31");
            let config = ChildConfig { strategy: Strategy::FineTune, ..ChildConfig::default() };
            let trained = child(&stock, &parent, &config).unwrap();
            let forecast = serde_json::to_vec(&trained.forecaster.forecast(&stock).unwrap()).unwrap();
            (parent.forecaster.to_bytes().unwrap(), trained.forecaster.to_bytes().unwrap(), forecast)
        })
    };
    let (one, two) = (run(1), run(2));
    assert!(one.0 == two.0, "parent");
    assert!(one.1 == two.1, "child");
    assert!(one.2 == two.2, "forecast");
}

#[test]
fn another_seed_gives_other_weights() {
    let with = |seed| {
        let config = ParentConfig { seed: Some(seed), epochs: Some(1), ..parent_config() };
        weights(&train_parent(&[index()], &config, &mut Watch::silent()).unwrap().forecaster)
    };
    assert_ne!(with(1), with(2));
}

#[test]
fn frozen_weights_stay_bit_for_bit_and_only_the_head_learns() {
    let parent = small_parent();
    let stock = bars("IBM", "2004-01-01", "2008-12-31");
    let of = |strategy| {
        let config = ChildConfig { strategy, ..ChildConfig::default() };
        weights(&child(&stock, &parent, &config).unwrap().forecaster)
    };
    let (own, frozen, tuned) = (weights(&parent.forecaster), of(Strategy::Freeze), of(Strategy::FineTune));
    for ((name, before), (_, after)) in own.iter().zip(&frozen) {
        assert_eq!(before == after, name.starts_with("lstm."), "{name}");
    }
    assert!(own.iter().zip(&tuned).all(|(before, after)| before != after));
    assert_eq!(own, of(Strategy::ZeroShot));
}

#[test]
fn save_and_load_forecasts_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("parent.safetensors");
    let forecaster = small_parent().forecaster;
    forecaster.save(&path).unwrap();
    let loaded = Forecaster::load(&path, Device::Cpu).unwrap();
    assert_eq!(loaded.about(), forecaster.about());
    assert_eq!(loaded.forecast(&index()).unwrap(), forecaster.forecast(&index()).unwrap());
    assert!(loaded.to_bytes().unwrap() == forecaster.to_bytes().unwrap());
}

/// Every bar after `day` becomes another one.
fn with_another_future(bars: &Bars, day: &str) -> Bars {
    let day = day.parse().unwrap();
    let changed = bars.iter().map(|bar| {
        let Bar { open, high, low, close, volume, .. } = *bar;
        let more = |x: f64| x * 3.0;
        if bar.date <= day {
            *bar
        } else {
            Bar {
                open: more(open),
                high: more(high) * 1.5,
                low: low * 0.5,
                close: more(close),
                volume: volume * 9.0,
                ..*bar
            }
        }
    });
    Bars::new(bars.ticker().clone(), changed.collect()).unwrap()
}

#[test]
fn another_future_moves_nothing_of_the_past() {
    let to = "2003-03-31";
    let (real, other) = (index(), with_another_future(&index(), to));
    let split = SplitConfig { to: Some(to.parse().unwrap()), ..SplitConfig::default() };
    let samples = DatasetConfig { split, ..DatasetConfig::default() };
    let config = ParentConfig { to: samples.split.to, ..parent_config() };
    let data = |bars: &Bars| Dataset::new(bars, &samples).unwrap();
    let (a, b) = (data(&real), data(&other));
    assert_eq!(a.scaler(), b.scaler());
    for part in [Part::Train, Part::Validation, Part::Calibration] {
        let (a, b) = (a.windows(part), b.windows(part));
        assert!(!a.is_empty() && a.len() == b.len());
        for i in 0..a.len() {
            assert!(a.context(i) == b.context(i) && a.target(i) == b.target(i), "{part:?} {i}");
        }
    }
    let train =
        |bars: &Bars| train_parent(std::slice::from_ref(bars), &config, &mut Watch::silent()).unwrap().forecaster;
    let (a, b) = (train(&real), train(&other));
    assert_eq!(weights(&a), weights(&b));
    assert_eq!(a.about().calibration, b.about().calibration);
    assert_eq!(a.about().last_seen_day, b.about().last_seen_day);
    let past = |bars: &Bars| bars.between(None, Some(to.parse().unwrap()));
    let (a, b) = (a.forecast(&past(&real)).unwrap(), b.forecast(&past(&other)).unwrap());
    assert_eq!((a.predictions, a.intervals), (b.predictions, b.intervals));
    assert_ne!(a.skill, b.skill, "the test days are others");
}

#[test]
fn a_child_of_a_hundred_bars_works_and_says_what_it_cannot_hold_out() {
    let parent = small_parent();
    let stock = bars("IBM", "2004-01-01", "2008-12-31").last(100);
    let trained = child(&stock, &parent, &ChildConfig::default()).unwrap();
    let about = trained.forecaster.about();
    assert_eq!(about.given_up, [Part::Validation, Part::Calibration, Part::Test]);
    assert_eq!((about.calibration.source.as_str(), about.calibration.start.outcomes()), ("^GSPC", 0));
    assert!(about.evaluation.skill.is_none());
    let forecast = trained.forecaster.forecast(&stock).unwrap();
    assert_eq!(forecast.skill, None);
    let notes = [
        "the history of IBM is too short, so no days are held out and no skill can be stated",
        "intervals have the shape of the errors of ^GSPC and the volatility and spread of IBM",
    ];
    assert_eq!(forecast.notes[..2], notes);

    let zero_shot = ChildConfig { strategy: Strategy::ZeroShot, ..ChildConfig::default() };
    let trained = child(&stock, &parent, &zero_shot).unwrap();
    let scratch = ChildConfig { strategy: Strategy::Scratch, ..ChildConfig::default() };
    let alone = train_child(&stock, None, &scratch, &mut Watch::silent()).unwrap().forecaster.forecast(&stock).unwrap();
    assert!(alone.intervals.is_empty(), "nothing to calibrate on");
    assert!(alone.notes.contains(&"no intervals are stated: the history is too short to calibrate them".to_string()));
    // 100 bars less 13 of warm-up, 60 of context and 4 of horizon: nothing was learned from any of them.
    assert_eq!(trained.forecaster.about().evaluation.forecasts, 23);
}

#[test]
fn too_few_bars_are_refused_with_what_is_needed() {
    let parent = small_parent();
    let stock = bars("IBM", "2004-01-01", "2008-12-31");
    let text = child(&stock.last(77), &parent, &ChildConfig::default()).unwrap_err().to_string();
    assert_eq!(text, "training on IBM needs at least 78 bars, got 77; give a longer history");
    assert!(child(&stock.last(78), &parent, &ChildConfig::default()).is_ok());
    let text = parent.forecaster.forecast(&stock.last(72)).unwrap_err().to_string();
    assert_eq!(text, "a forecast of IBM needs at least 73 bars, got 72; give a longer history");
    assert!(parent.forecaster.forecast(&stock.last(73)).is_ok());
}

#[test]
fn a_parent_that_saw_the_test_is_refused_or_marked() {
    let parent = small_parent();
    let stock = bars("IBM", "2001-01-01", "2003-10-31");
    let error = child(&stock, &parent, &ChildConfig::default()).map(|_| ()).unwrap_err();
    assert!(matches!(error, Error::Leak { needed: 60, .. }), "{error}");
    let trained = child(&stock, &parent, &ChildConfig { allow_parent_leak: true, ..ChildConfig::default() }).unwrap();
    assert!(trained.forecaster.about().leaked);
    let notes = trained.forecaster.forecast(&stock).unwrap().notes;
    assert!(notes.iter().any(|note| note.starts_with("leaked: ")), "{notes:?}");
    let version = publish(&MemoryRegistry::new(), &trained).unwrap();
    assert!(version.unproven);
}

#[test]
fn history_keeps_the_last_bars_before_the_same_test() {
    let parent = small_parent();
    let stock = bars("IBM", "2004-01-01", "2008-12-31");
    let whole = child(&stock, &parent, &ChildConfig::default()).unwrap();
    let short = child(&stock, &parent, &ChildConfig { history: Some(150), ..ChildConfig::default() }).unwrap();
    let judged = |trained: &Trained| {
        let evaluation = &trained.forecaster.about().evaluation;
        (evaluation.first_day, evaluation.last_day, evaluation.forecasts)
    };
    assert_eq!(judged(&whole), judged(&short));
    assert!(short.forecaster.about().training_windows < 100);
    let none = ChildConfig { history: Some(77), ..ChildConfig::default() };
    let text = child(&stock, &parent, &none).unwrap_err().to_string();
    assert_eq!(text, "training on IBM with this history needs at least 78 bars, got 77; give a longer history");
}

#[test]
fn a_child_never_learns_after_its_last_day() {
    let parent = small_parent();
    let stock = bars("IBM", "2001-01-01", "2008-12-31");
    let to = "2003-01-31".parse().ok();
    let trained = child(&stock, &parent, &ChildConfig { to, ..ChildConfig::default() }).unwrap();
    let about = trained.forecaster.about();
    // The child's own last day is before the parent's, which is what the bundle states.
    assert_eq!(about.last_seen_day, parent.forecaster.about().last_seen_day);
    assert!(about.evaluation.first_day.unwrap() > about.last_seen_day);
    let early = bars("IBM", "2001-01-01", "2003-01-31");
    let dataset = Dataset::with_scaler(&early, &DatasetConfig::default(), about.scaler.clone()).unwrap();
    assert!(about.training_windows < dataset.windows_after(None).len());
}

#[test]
fn a_pooled_parent_is_trained_on_all_its_tickers() {
    let pool = [index(), bars("IBM", "2000-01-01", "2003-12-31")];
    let trained = train_parent(&pool, &parent_config(), &mut Watch::silent()).unwrap();
    let about = trained.forecaster.about();
    assert_eq!(about.trained_on, ["^GSPC", "IBM"].map(|ticker| ticker.parse::<Ticker>().unwrap()));
    let alone = train_parent(&pool[..1], &parent_config(), &mut Watch::silent()).unwrap();
    assert!(about.training_windows > alone.forecaster.about().training_windows);
}

#[test]
fn a_stopped_training_is_cancelled_within_a_batch() {
    let cancel = CancelFlag::default();
    let mut batches = 0;
    let handle = cancel.clone();
    let listener = |event: Event<'_>| {
        if let Event::Batch { batch, .. } = event {
            batches = batch;
            if batch == 2 {
                handle.cancel();
            }
        }
    };
    let mut watch = Watch::new(listener).with_cancel(cancel);
    let error = train_parent(&[index()], &parent_config(), &mut watch).unwrap_err();
    assert!(matches!(error, Error::Cancelled));
    drop(watch);
    assert_eq!(batches, 2);
}

#[test]
fn broken_bundles_are_refused_by_name() {
    let bytes = small_parent().forecaster.to_bytes().unwrap();
    let message = |bytes: &[u8]| Forecaster::from_bytes("GOOG@3", bytes, Device::Cpu).unwrap_err().to_string();
    let truncated = message(&bytes[..bytes.len() - 7]);
    assert!(truncated.starts_with("bundle GOOG@3: not a whole safetensors file: "), "{truncated}");
    assert!(message(b"").starts_with("bundle GOOG@3: not a whole safetensors file: "));

    let model =
        ModelConfig { hidden: 4, layers: 1, features: 6, ..ModelConfig::default() }.init(Device::Cpu, 1).unwrap();
    let weights_only = model.state().unwrap().to_safetensors(Default::default()).unwrap();
    assert_eq!(
        message(&weights_only),
        "bundle GOOG@3: it has weights but no stockops metadata; train it again or choose another version"
    );
    // The metadata of one network on the weights of another.
    let (_, metadata) = stockops_core::model::StateDict::from_safetensors("a", &bytes).unwrap();
    let mixed = |metadata| model.state().unwrap().to_safetensors(metadata).unwrap();
    assert!(message(&mixed(metadata.clone())).contains("its own checksum differs"));
    // As bundles of before, which had no checksum.
    let mut about: serde_json::Value = serde_json::from_str(&metadata["stockops"]).unwrap();
    about.as_object_mut().unwrap().remove("sha256").unwrap();
    let text = message(&mixed(std::collections::HashMap::from([("stockops".to_string(), about.to_string())])));
    assert!(text.contains("features of a forecaster: expected shape [7, 7], got [6, 7]"), "{text}");
}

#[test]
fn one_batch_can_be_learned_by_heart() {
    let model = ModelConfig { hidden: 32, layers: 1, dropout: 0.0, ..ModelConfig::default() };
    let config = DatasetConfig::default();
    let few = index().last(100);
    let dataset = Dataset::new(&few, &config).unwrap();
    let trainer = stockops_core::TransferTrainer { model, device: Device::Cpu };
    let train = TrainConfig { epochs: 400, lr: 1e-2, weight_decay: 0.0, ..TrainConfig::default() };
    let (_, history) = trainer.parent(&[dataset], &train, &mut Watch::silent()).unwrap();
    let (first, last) = (history.epochs[0].train_loss, history.epochs[399].train_loss);
    assert!(last < 0.05 * first, "{first} to {last}");
}

#[test]
fn windows_of_another_shape_are_refused() {
    let model = ModelConfig { hidden: 4, layers: 1, ..ModelConfig::default() }.init(Device::Cpu, 1).unwrap();
    let window = Array2::zeros((60, 6));
    let text = model.predict(&[window.view()]).unwrap_err().to_string();
    assert_eq!(text, "a window: expected shape [60, 7], got [60, 6]");
}

#[test]
fn the_shipped_parent_is_what_its_readme_says() {
    let parent = stockops_core::pipeline::shipped_parent(Device::Cpu).unwrap();
    let about = parent.about();
    // One layer of 64: four gates of 64 from 7 columns and 64 states with two biases, and 35 outputs.
    assert_eq!(parent.model().parameter_count(), 4 * 64 * (7 + 64 + 2) + 35 * 65);
    assert_eq!(about.last_seen_day.to_string(), "2016-12-30");
    assert_eq!((about.role, about.training.as_ref().unwrap().seed), (stockops_core::Role::Parent, 42));
    assert!(about.evaluation.first_day.unwrap() > about.last_seen_day);
    // Trained on the bars beside it, without the effects of days: a dataset of these has the same scaler.
    let split = SplitConfig { to: "2016-12-31".parse().ok(), ..SplitConfig::default() };
    let pool: Vec<Bars> = parent_pool().unwrap().into_iter().map(|one| about.days.ordinary(&one.bars)).collect();
    let datasets = Dataset::pooled(&pool, &DatasetConfig { split, ..DatasetConfig::default() }).unwrap();
    assert_eq!(datasets[0].scaler(), &about.scaler);
    assert_eq!(about.trained_on, pool.iter().map(|bars| bars.ticker().clone()).collect::<Vec<_>>());
}

/// The gate: a challenger that knows as much takes over, one that is worse is kept with the reason.
#[test]
fn a_later_version_has_to_be_as_good_as_the_champion() {
    let parent = small_parent();
    let stock = bars("IBM", "2004-01-01", "2012-12-31");
    let registry = MemoryRegistry::new();
    let good = child(&stock, &parent, &ChildConfig::default()).unwrap();
    assert_eq!(publish(&registry, &good).unwrap().version, 1);
    assert_eq!(registry.champion(&good.bars.ticker().clone()).unwrap().unwrap().version, 1);

    let again = publish(&registry, &good).unwrap();
    assert!(again.is(Alias::Champion), "{:?}", again.reason);
    assert!(
        again.metrics["gate"].as_str().unwrap().starts_with("both forecast the same on "),
        "{}",
        again.metrics["gate"]
    );

    // The same network, said to know fewer of the last days: equal is not enough.
    let ends = |day: &str| ChildConfig { to: day.parse().ok(), strategy: Strategy::ZeroShot, ..ChildConfig::default() };
    let other = MemoryRegistry::new();
    publish(&other, &child(&stock, &parent, &ends("2011-06-30")).unwrap()).unwrap();
    let older = publish(&other, &child(&stock, &parent, &ends("2010-06-30")).unwrap()).unwrap();
    assert!(older.is(Alias::Challenger) && !older.is(Alias::Champion));
    assert!(older.reason.as_deref().unwrap().ends_with("equal is not enough"), "{:?}", older.reason);

    // Sixty days of history and one epoch at a rate that spoils the head.
    let train = TrainConfig { lr: 0.5, epochs: 3, ..TrainConfig::default() };
    let spoilt = ChildConfig { history: Some(90), train: Some(train), ..ChildConfig::default() };
    let spoilt = publish(&registry, &child(&stock, &parent, &spoilt).unwrap()).unwrap();
    assert!(spoilt.is(Alias::Challenger) && !spoilt.is(Alias::Champion), "{:?}", spoilt.metrics["gate"]);
    let reason = spoilt.reason.unwrap();
    assert!(
        reason.contains("challenger: its loss is ") && reason.contains("worse by more than a standard error"),
        "{reason}"
    );
    assert_eq!(registry.rollback(stock.ticker()).unwrap().version, 1);
}

#[test]
fn samples_are_possible_and_spread_as_the_intervals_say() {
    let stock = bars("IBM", "2004-01-01", "2008-12-31");
    let forecast = small_parent().forecaster.forecast(&stock).unwrap();
    let paths = forecast.sample(2000, 7).unwrap();
    assert_eq!(paths, forecast.sample(2000, 7).unwrap());
    assert_ne!(paths, forecast.sample(2000, 8).unwrap());
    let mut closes: Vec<f64> = paths.iter().map(|path| path[0].close).collect();
    for path in &paths {
        assert_eq!(path.iter().map(|bar| bar.date).collect::<Vec<_>>(), forecast.next_business_days);
        assert!(path.iter().all(|bar| bar.problem().is_none()));
    }
    closes.sort_by(f64::total_cmp);
    let [low, high] = forecast.intervals["80"][0].close;
    let inside = closes.iter().filter(|close| (low..=high).contains(*close)).count();
    // Drawn from 95 past forecasts, of which the calibrated interval holds 80 % and the adapted one somewhat more or less.
    assert!((1400..1800).contains(&inside), "{inside}");
    let path = forecast.intervals["90"][4].path;
    assert!(path[0] <= forecast.intervals["90"][4].close[0] && path[1] >= forecast.intervals["90"][4].close[1]);
    let json: stockops_core::Forecast = serde_json::from_value(serde_json::to_value(&forecast).unwrap()).unwrap();
    let text = json.sample(10, 1).unwrap_err().to_string();
    assert!(text.starts_with("no record of past errors named IBM; ask a forecast as"), "{text}");
    assert!(forecast.sample(0, 1).is_err());
}

#[test]
fn a_replay_says_what_was_said_on_the_day() {
    let forecaster = small_parent().forecaster;
    let stock = bars("IBM", "2004-01-01", "2006-12-31");
    let cases = forecaster.past(&stock, None, usize::MAX).unwrap();
    let case = &cases[300];
    let known = stock.between(None, case.history.last().map(|bar| bar.date));
    let forecast = forecaster.forecast(&known).unwrap();
    let day = forecast.predictions.full_forecast[4];
    // The calendar may give another date than the bars have; the numbers are the same.
    assert_eq!([day.open, day.high, day.low, day.close, day.volume], {
        let bar = case.predicted[4];
        [bar.open, bar.high, bar.low, bar.close, bar.volume]
    });
}

/// A currency: no volume on any day.
#[test]
fn without_volume_everything_else_is_forecast_and_judged() {
    let currency = |bars: &Bars| {
        let bars = bars.iter().map(|bar| Bar { volume: 0.0, ..*bar }).collect();
        Bars::new("EURUSD=X".parse().unwrap(), bars).unwrap()
    };
    let parent = Parent {
        forecaster: train_parent(&[currency(&index())], &parent_config(), &mut Watch::silent()).unwrap().forecaster,
        id: VersionId { ticker: "EURUSD=X".parse().unwrap(), version: 1 },
    };
    let later = currency(&bars("^GSPC", "2004-01-01", "2008-12-31"));
    let trained = child(&later, &parent, &ChildConfig::default()).unwrap().forecaster;
    // A stock's parent, which has a rule for volume, serves a currency too.
    let of_stocks = child(&later, &small_parent(), &ChildConfig::default()).unwrap().forecaster;
    for forecaster in [&parent.forecaster, &trained, &of_stocks] {
        let blend = serde_json::to_value(&forecaster.about().blend).unwrap();
        assert!(blend["har"]["range"][0].is_array() && blend["forecasts"].as_u64().unwrap() > 0, "{blend}");
        let skill = forecaster.about().evaluation.skill.as_ref().unwrap();
        assert!(skill.contains_key(&Field::Range) && !skill.contains_key(&Field::Volume));
        let forecast = forecaster.forecast(&later).unwrap();
        assert!(
            forecast.notes.contains(&"no volume of EURUSD=X is known: it is stated as 0, without intervals".into())
        );
        let (days, outlook) = (&forecast.predictions.full_forecast, forecast.outlook.as_ref().unwrap());
        assert!(outlook.range > 0.0 && days.iter().all(|day| day.high > day.low && day.volume == 0.0));
        for day in &forecast.intervals["90"] {
            assert!(day.range[0] < day.range[1] && day.close[0] < day.close[1] && day.path[0] <= day.close[0]);
            assert_eq!(day.volume, [0.0, 0.0]);
        }
        assert!(forecast.sample(10, 1).unwrap().iter().flatten().all(|bar| bar.problem().is_none()));
    }
    let blend = serde_json::to_value(&parent.forecaster.about().blend).unwrap();
    assert_eq!(
        (blend["har"]["range"][0].as_array().unwrap().len(), &blend["har"]["volume"]),
        (10, &serde_json::json!([]))
    );
}

/// One horizon, more than nine, and more than a month of training days holds: from training to the tables and the gate.
#[test]
fn horizons_of_1_10_and_21_go_the_whole_way() {
    let (index, stock) = (index(), bars("IBM", "2004-01-01", "2012-12-31"));
    let registry = MemoryRegistry::new();
    for horizon in [10, 1, 21] {
        let config = ParentConfig::from(Recipe { horizon, ..parent_config().recipe });
        let trained = train_parent(std::slice::from_ref(&index), &config, &mut Watch::silent()).unwrap();
        let parent =
            Parent { forecaster: trained.forecaster, id: VersionId { ticker: index.ticker().clone(), version: 1 } };
        let config = ChildConfig { strategy: Strategy::ZeroShot, no_comparison: true, ..ChildConfig::default() };
        let child = child(&stock, &parent, &config).unwrap();
        for forecaster in [&parent.forecaster, &child.forecaster] {
            for rows in forecaster.about().evaluation.skill.as_ref().unwrap().values() {
                let horizons: Vec<usize> = rows.keys().map(|horizon| horizon.sessions()).collect();
                assert_eq!(horizons, (1..=horizon).collect::<Vec<_>>());
            }
        }
        let close = &child.forecaster.about().evaluation.fields[&Field::Close];
        assert!(close.last_key_value().unwrap().1.path.is_some(), "the path is judged at the last horizon");
        let forecast = child.forecaster.forecast(&stock).unwrap();
        assert_eq!((forecast.predictions.full_forecast.len(), forecast.intervals["90"].len()), (horizon, horizon));
        let charts = charts(&child.forecaster, &stock).unwrap();
        let skill = charts.iter().find(|(name, _)| name == "skill.svg").unwrap();
        assert!(skill.1.contains(&if horizon == 1 { "1 day".into() } else { format!("{horizon} days") }));
        // The champion of the first round has another horizon than the challengers after it.
        let version = publish(&registry, &child).unwrap();
        if horizon != 10 {
            assert!(
                version.metrics["gate"].as_str().unwrap().contains(" days that neither saw"),
                "{}",
                version.metrics["gate"]
            );
        }
    }
}
