//! Indicators against what TA-Lib and pandas answer for 600 bars of IBM; `golden/README.md` says how it was made.

use std::path::Path;

use serde_json::Value;
use stockops_core::features::{
    Period, RsiKind, Side, atr, bollinger, ema, garman_klass, macd, overnight, rogers_satchell, rsi, semivariance, sma,
    yang_zhang,
};
use stockops_core::{Bar, Bars, Feature, FeatureSet, Ticker};

struct Golden(Value);

impl Golden {
    fn read() -> Self {
        Self::file("indicators.json")
    }

    fn file(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
        Self(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    /// One indicator, NaN where the file has no value.
    fn values(&self, name: &str) -> Vec<f64> {
        numbers(&self.0[name])
    }

    fn bars(&self) -> Bars {
        let column = |name| numbers(&self.0["bars"][name]);
        let (open, high, low) = (column("open"), column("high"), column("low"));
        let (close, volume) = (column("close"), column("volume"));
        let days = self.0["bars"]["date"].as_array().unwrap();
        let bar = |i: usize| Bar {
            date: days[i].as_str().unwrap().parse().unwrap(),
            open: open[i],
            high: high[i],
            low: low[i],
            close: close[i],
            volume: volume[i],
        };
        Bars::new(Ticker::new("IBM").unwrap(), (0..days.len()).map(bar).collect()).unwrap()
    }
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

fn period(sessions: usize) -> Period {
    Period::new(sessions).unwrap()
}

/// Equal from row `from` on, to 1e-9 of the value: both sides round in a different order, 600 times at most. Values near
/// 0 (MACD crosses it) are differences of prices, so below 1e-3 the tolerance stays at 1e-12. Where the file has no
/// value, neither have we.
#[track_caller]
fn assert_equal_from(from: usize, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len());
    for (row, (&our, &their)) in ours.iter().zip(theirs).enumerate().skip(from) {
        let close = (our - their).abs() <= 1e-9 * their.abs().max(1e-3);
        assert!(close || our.is_nan() && their.is_nan(), "row {row}: {our} is not {their}");
    }
}

#[test]
fn wilder_rsi_is_that_of_talib() {
    let golden = Golden::read();
    let ours = rsi(&golden.bars().closes(), period(14), RsiKind::Wilder);
    assert_equal_from(0, &ours, &golden.values("talib_rsi14"));
}

#[test]
fn atr_is_that_of_talib() {
    let golden = Golden::read();
    assert_equal_from(0, &atr(golden.bars().as_slice(), period(14)), &golden.values("talib_atr14"));
}

#[test]
fn sma_is_that_of_talib() {
    let golden = Golden::read();
    assert_equal_from(0, &sma(&golden.bars().closes(), period(20)), &golden.values("talib_sma20"));
}

#[test]
fn bollinger_bands_are_those_of_talib() {
    let golden = Golden::read();
    let ours = bollinger(&golden.bars().closes(), period(20));
    for (name, ours) in [
        ("talib_bollinger_upper", ours.iter().map(|bands| bands.upper).collect::<Vec<_>>()),
        ("talib_bollinger_middle", ours.iter().map(|bands| bands.middle).collect()),
        ("talib_bollinger_lower", ours.iter().map(|bands| bands.lower).collect()),
    ] {
        assert_equal_from(0, &ours, &golden.values(name));
    }
}

/// TA-Lib starts its means from a simple mean and ours from the first close. The start fades with 19/21 a row for
/// EMA20, and with 25/27 for MACD's slow mean: from row 400 on less than 1e-11 of it is left.
#[test]
fn ema_and_macd_meet_those_of_talib_once_the_start_has_faded() {
    let golden = Golden::read();
    let closes = golden.bars().closes();
    assert_equal_from(400, &ema(&closes, period(20)), &golden.values("talib_ema20"));
    for (row, (our, their)) in macd(&closes).iter().zip(golden.values("talib_macd")).enumerate().skip(400) {
        // Absolute: the line crosses 0, and is a difference of means near 100.
        assert!((our - their).abs() < 1e-10, "row {row}: {our} is not {their}");
    }
}

#[test]
fn cutler_rsi_is_that_of_pandas() {
    let golden = Golden::read();
    let ours = rsi(&golden.bars().closes(), period(14), RsiKind::Cutler);
    assert_equal_from(0, &ours, &golden.values("pandas_cutler_rsi14"));
}

/// The file has values from row 1 on; ours wait for a full period.
#[test]
fn exponential_rsi_is_that_of_pandas_from_the_first_full_period_on() {
    let golden = Golden::read();
    let ours = rsi(&golden.bars().closes(), period(14), RsiKind::Ema);
    assert!(ours[..13].iter().all(|value| value.is_nan()));
    assert_equal_from(13, &ours, &golden.values("pandas_ema_rsi14"));
}

#[test]
fn ema_and_macd_are_those_of_pandas() {
    let golden = Golden::read();
    let closes = golden.bars().closes();
    assert_equal_from(0, &ema(&closes, period(20)), &golden.values("pandas_ema20"));
    assert_equal_from(0, &macd(&closes), &golden.values("pandas_macd"));
}

/// Log returns of some 1e-2 and their squares: 1e-9 of the value, and 1e-12 where it is near 0.
#[test]
fn volatilities_semivariances_and_gaps_are_those_of_ttrs_formulas() {
    let (bars, golden) = (Golden::read().bars(), Golden::file("volatility.json"));
    let (closes, bars) = (bars.closes(), bars.as_slice());
    for (name, ours) in [
        ("garman_klass20", garman_klass(bars, period(20))),
        ("rogers_satchell20", rogers_satchell(bars, period(20))),
        ("yang_zhang20", yang_zhang(bars, period(20))),
        ("overnight", overnight(bars)),
        ("semivariance20_down", semivariance(&closes, period(20), Side::Down)),
        ("semivariance20_up", semivariance(&closes, period(20), Side::Up)),
    ] {
        assert_equal_from(0, &ours, &golden.values(name));
    }
}

#[test]
fn the_frame_holds_the_columns_of_the_contract_beside_their_bars() {
    let golden = Golden::read();
    let bars = golden.bars();
    let frame = FeatureSet::default().frame(&bars).unwrap();
    assert_eq!((frame.len(), frame.skipped()), (587, 13));
    assert_eq!(frame.bars(), &bars.as_slice()[13..]);

    let column = |word: &str| {
        let feature: Feature = word.parse().unwrap();
        frame.values().column(frame.features().position(feature).unwrap()).to_vec()
    };
    assert_equal_from(0, &column("RSI14"), &golden.values("pandas_cutler_rsi14")[13..]);
    assert_equal_from(0, &column("MACD"), &golden.values("pandas_macd")[13..]);
    assert_eq!(column("Close"), bars.closes()[13..]);
    assert_eq!(column("Volume")[0], bars.as_slice()[13].volume);
}
