//! What cannot be is an error with a name, and no panic: parts that do not fit, trainings that go astray, nothing to compare.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};
use stockops_core::dataset::{Dataset, DatasetConfig, SplitConfig};
use stockops_core::forecaster::About;
use stockops_core::model::StateDict;
use stockops_core::pipeline::{
    ChildConfig, MonitorConfig, ParentConfig, Trained, drift, publish, shipped_parent, train_child, train_parent,
};
use stockops_core::source::builtin_bars;
use stockops_core::training::{TrainConfig, Watch};
use stockops_core::{
    Bars, Device, Error, Forecaster, MemoryRecord, MemoryRegistry, ModelConfig, Result, Strategy, TransferTrainer,
};

fn bars(ticker: &str, count: usize) -> Bars {
    builtin_bars(&ticker.parse().unwrap()).unwrap().bars.last(count)
}

fn samples(ticker: &str, context: usize, horizon: usize) -> Dataset {
    let split = SplitConfig { context, horizon, ..SplitConfig::default() };
    Dataset::new(&bars(ticker, 300), &DatasetConfig { split, ..DatasetConfig::default() }).unwrap()
}

fn scratch(bars: &Bars, train: TrainConfig) -> Result<Trained> {
    let config = ChildConfig { strategy: Strategy::Scratch, train: Some(train), ..ChildConfig::default() };
    train_child(bars, None, &config, &mut Watch::silent())
}

#[test]
fn a_network_and_samples_of_another_shape_are_refused() {
    let model = ModelConfig { hidden: 4, layers: 1, horizon: 5, ..ModelConfig::default() };
    let trainer = TransferTrainer { model: model.clone(), device: Device::Cpu };
    let train = TrainConfig { epochs: 1, ..TrainConfig::default() };
    let of = |data: &[Dataset]| trainer.parent(data, &train, &mut Watch::silent()).map(|_| ()).unwrap_err().to_string();
    let wanted = "context, horizon and columns of the samples of IBM: expected shape [60, 5, 7], got [60, 10, 7]";
    assert_eq!(of(&[samples("IBM", 60, 10)]), wanted);
    let wanted = "context, horizon and columns of the samples of MSFT: expected shape [60, 5, 7], got [30, 5, 7]";
    assert_eq!(of(&[samples("IBM", 60, 5), samples("MSFT", 30, 5)]), wanted);
    assert!(of(&[]).starts_with("training (windows) needs at least 1 bars"));

    let parent = model.init(Device::Cpu, 1).unwrap();
    for strategy in Strategy::ALL.into_iter().filter(|strategy| strategy.needs_parent()) {
        let made = trainer.child(Some(&parent), &samples("IBM", 60, 21), strategy, &train, &mut Watch::silent());
        assert_eq!(made.map(|_| ()).unwrap_err().kind(), "shape", "{strategy}");
    }
}

/// The shipped parent with its metadata changed.
fn bundle(change: impl FnOnce(&mut Value)) -> Result<Forecaster> {
    let bytes = shipped_parent(Device::Cpu).unwrap().to_bytes().unwrap();
    let (state, metadata) = StateDict::from_safetensors("parent", &bytes).unwrap();
    let mut about: Value = serde_json::from_str(&metadata["stockops"]).unwrap();
    // As bundles of before, which had no checksum of their own.
    about.as_object_mut().unwrap().remove("sha256").unwrap();
    change(&mut about);
    let metadata = HashMap::from([("stockops".to_string(), about.to_string())]);
    Forecaster::from_bytes("GOOG@3", &state.to_safetensors(metadata).unwrap(), Device::Cpu)
}

#[test]
fn a_bundle_whose_parts_do_not_fit_its_network_is_refused() {
    assert!(bundle(|_| ()).is_ok());
    let cut = |list: &mut Value| drop(list.as_array_mut().unwrap().pop());
    let message = |change: &dyn Fn(&mut Value)| {
        let error = bundle(|about| change(about)).unwrap_err();
        assert_eq!(error.kind(), "bundle");
        error.to_string()
    };
    let blend = "bundle GOOG@3: `blend` must be one entry a session that the network forecasts";
    for part in ["close", "range", "volume"] {
        assert!(message(&|about| cut(&mut about["blend"][part])).starts_with(blend), "{part}");
    }
    assert!(message(&|about| cut(&mut about["blend"]["har"]["range"])).starts_with(blend));
    let calibration = "bundle GOOG@3: `calibration` must be one entry a session that the network forecasts";
    for field in ["open", "close", "range"] {
        let text = message(&|about| cut(&mut about["calibration"]["shapes"][field]));
        assert!(text.starts_with(calibration), "{text}");
    }
    assert!(message(&|about| cut(&mut about["calibration"]["path"]["means"])).starts_with(calibration));
    assert!(message(&|about| cut(&mut about["calibration"]["errors"][3])).starts_with(calibration));
    for context in [0, u64::MAX] {
        let text = message(&|about| about["context"] = json!(context));
        assert!(text.starts_with("bundle GOOG@3: `context` must be from 1 to 1000000"), "{text}");
    }
}

#[test]
fn parts_that_do_not_fit_make_no_forecaster() {
    let parent = shipped_parent(Device::Cpu).unwrap();
    let model = ModelConfig { horizon: 10, ..parent.model().config().clone() }.init(Device::Cpu, 1).unwrap();
    let error = Forecaster::new(model, parent.about().clone()).unwrap_err();
    assert!(matches!(error, Error::Config { field: "blend", .. }), "{error}");
    let about = About { context: 0, ..parent.about().clone() };
    assert!(matches!(Forecaster::new(parent.model().clone(), about), Err(Error::Config { field: "context", .. })));
}

#[test]
fn weights_of_columns_are_read_from_bundles_of_before() {
    let list = json!([0.5, 2.0, 0.5, 0.5, 1.5, 0.2, 0.2]);
    let read = bundle(|about| about["training"]["column_weights"] = list).unwrap();
    assert_eq!(read.about(), shipped_parent(Device::Cpu).unwrap().about());
    let read = bundle(|about| about["training"]["column_weights"] = json!([])).unwrap();
    assert_eq!(read.about().training.as_ref().unwrap().column_weights, Default::default());
    assert!(bundle(|about| about["training"]["column_weights"] = json!(["a"])).is_err());
}

#[test]
fn intervals_that_were_not_calibrated_are_an_error_with_a_name() {
    let short = bars("IBM", 100);
    let train = TrainConfig { epochs: 1, ..TrainConfig::default() };
    let forecast = scratch(&short, train).unwrap().forecaster.forecast(&short).unwrap();
    let text = forecast.interval(90).unwrap_err().to_string();
    assert_eq!(text, "no interval named 90 %; the history is too short to calibrate any");
}

#[test]
fn a_training_that_diverges_says_in_which_epoch() {
    let spoilt = TrainConfig { lr: 1e39, epochs: 3, ..TrainConfig::default() };
    // With days to validate on, and without.
    for count in [400, 100] {
        let error = scratch(&bars("IBM", count), spoilt.clone()).unwrap_err();
        assert!(matches!(error, Error::Diverged { epoch: 1 }), "{error}");
        assert!(error.is_input() && error.to_string().starts_with("training diverged in epoch 1: "), "{error}");
    }
}

#[test]
fn a_forecaster_without_bars_is_not_held_against_a_champion_in_silence() {
    let stock = bars("IBM", 400);
    let trained = scratch(&stock, TrainConfig { epochs: 1, ..TrainConfig::default() }).unwrap();
    let read = Trained { bars: Bars::new(stock.ticker().clone(), vec![]).unwrap(), ..trained.clone() };
    let registry = MemoryRegistry::new();
    assert_eq!(publish(&registry, &read).unwrap().version, 1, "the first of its ticker has nobody to be held against");
    let error = publish(&registry, &read).unwrap_err();
    let wanted = "`bars` must be given, to hold the new version against the champion on, got none, and IBM@1 forecasts";
    assert_eq!(error.to_string(), wanted);
    assert_eq!(publish(&registry, &trained).unwrap().version, 2);
}

#[test]
fn a_report_without_a_time_has_that_of_the_clock() {
    let registry = MemoryRegistry::new();
    let time = |now| {
        let config = MonitorConfig { now, ..MonitorConfig::default() };
        let report = drift(&registry, &MemoryRecord::new(), &bars("MSFT", 300), &config).unwrap();
        serde_json::to_value(report).unwrap()["timestamp"].as_str().unwrap().to_string()
    };
    assert!(time(None).as_str() > "2026", "{}", time(None));
    assert!(time("2021-04-01T12:00:00Z".parse().ok()).starts_with("2021-04-01T12:00:00"));
}

#[test]
fn a_ticker_is_pooled_once() {
    let twice = [bars("^GSPC", 600), bars("IBM", 600), bars("IBM", 700)];
    let error = train_parent(&twice, &ParentConfig::default(), &mut Watch::silent()).unwrap_err();
    assert_eq!(error.to_string(), "`series` must be of tickers that differ, got IBM twice");
}

/// The flags of the command are its own: other faces have other words for them.
#[test]
fn no_words_of_the_library_speak_of_flags() {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() && !path.ends_with("tests") {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let flag =
                |line: &&str| line.split("--").skip(1).any(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
            found.extend(code.filter(flag).map(|line| format!("{}: {}", path.display(), line.trim())));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
