//! Bars and golden files for this crate's own tests.

use std::ops::Range;
use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use crate::market::{Bar, Bars, Ticker};
#[cfg(feature = "learning")]
use crate::model::{Device, LSTMModel, ModelConfig, NamedTensor, StateDict};

/// A file of `tests/golden`.
pub(crate) fn golden(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file)
}

/// A JSON file of `tests/golden`.
pub(crate) fn golden_json(file: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(golden(file)).unwrap()).unwrap()
}

/// The hash of `tests/golden/golden.py`: values that both sides can make exactly.
pub(crate) fn hashed(number: u32, bound: f64, count: usize) -> Vec<f32> {
    let value = |i: u32| {
        let mut h = i.wrapping_mul(2_654_435_761).wrapping_add(number.wrapping_mul(40_503)).wrapping_add(12_345);
        h ^= h >> 16;
        h = h.wrapping_mul(0x7feb_352d);
        h ^= h >> 15;
        h = h.wrapping_mul(0x846c_a68b);
        h ^= h >> 16;
        ((f64::from(h >> 8) / f64::from(1 << 24) - 0.5) * 2.0 * bound) as f32
    };
    (0..count as u32).map(value).collect()
}

/// A network whose weights both sides can make.
#[cfg(feature = "learning")]
pub(crate) fn hashed_model(config: &ModelConfig) -> LSTMModel {
    let bound = 1.0 / (config.hidden as f64).sqrt();
    let named = |(number, (name, shape)): (usize, (String, Vec<usize>))| {
        let values = hashed(number as u32, bound, shape.iter().product());
        NamedTensor { name, shape, values }
    };
    let state = StateDict(config.names_and_shapes().into_iter().enumerate().map(named).collect());
    LSTMModel::from_state(&state, 0.0, Device::Cpu).unwrap()
}

/// Day `i` after the first of 2015.
pub(crate) fn day(i: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2015, 1, 1).unwrap() + Days::new(i)
}

/// Bars of a random walk with ranges and volumes above 0.
pub(crate) fn random_bars(count: Range<usize>) -> impl Strategy<Value = Bars> {
    let step = (-0.1f64..0.1, -0.05f64..0.05, 0.001f64..0.05, 0.001f64..0.05, 1.0f64..1e9);
    (1.0f64..1e4, prop::collection::vec(step, count)).prop_map(|(start, steps)| {
        let mut close = start;
        let bar = |(i, (gap, body, upper, lower, volume)): (usize, (f64, f64, f64, f64, f64))| {
            let open = close * gap.exp();
            close = open * body.exp();
            let (high, low) = (open.max(close) * upper.exp(), open.min(close) * (-lower).exp());
            Bar { date: day(i as u64), open, high, low, close, volume }
        };
        let bars = steps.into_iter().enumerate().map(bar).collect();
        Bars::new(Ticker::new("RANDOM").unwrap(), bars).unwrap()
    })
}
