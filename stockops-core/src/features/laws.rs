//! Laws that every feature obeys, over random bars.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::market::{Bar, Bars, Ticker};

/// One feature of each kind, with short and long periods.
const WORDS: &str = "Open High Low Close Volume RSI14 RSI5_wilder RSI7_ema MACD EMA20 SMA9 ATR6 BB10_upper BB3_lower \
                     GK8 RS4 YZ9 SV6_down SV6_up Overnight LogReturn Range";

fn every_feature() -> Vec<Feature> {
    WORDS.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// Bars that walk from a start price by a gap and a move a day, with tails and volume; days without a move are frequent.
fn any_bars(rows: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Bar>> {
    let change = || prop_oneof![1 => Just(0.0), 3 => -0.2..0.2_f64];
    let day = (change(), change(), 0.0..0.1_f64, 0.0..0.1_f64, 0.0..1e9_f64);
    (1.0..1000.0_f64, prop::collection::vec(day, rows)).prop_map(|(mut price, days)| {
        let mut bars = Vec::new();
        for (gap, change, above, below, volume) in days {
            let open = price * (1.0 + gap);
            let close = open * (1.0 + change);
            let (high, low) = (open.max(close) * (1.0 + above), open.min(close) * (1.0 - below));
            bars.push(Bar { date: NaiveDate::default(), open, high, low, close, volume });
            price = close;
        }
        dated(bars)
    })
}

fn dated(mut bars: Vec<Bar>) -> Vec<Bar> {
    for (bar, i) in bars.iter_mut().zip(0..) {
        bar.date = NaiveDate::default() + Days::new(i);
    }
    bars
}

fn closes(bars: &[Bar]) -> Vec<f64> {
    bars.iter().map(|bar| bar.close).collect()
}

/// The function over the whole slice that `feature` names.
fn batch(feature: Feature, bars: &[Bar]) -> Vec<f64> {
    match feature {
        Feature::Open => bars.iter().map(|bar| bar.open).collect(),
        Feature::High => bars.iter().map(|bar| bar.high).collect(),
        Feature::Low => bars.iter().map(|bar| bar.low).collect(),
        Feature::Close => closes(bars),
        Feature::Volume => bars.iter().map(|bar| bar.volume).collect(),
        Feature::Rsi { period, kind } => rsi(&closes(bars), period, kind),
        Feature::Macd => macd(&closes(bars)),
        Feature::Ema(period) => ema(&closes(bars), period),
        Feature::Sma(period) => sma(&closes(bars), period),
        Feature::Atr(period) => atr(bars, period),
        Feature::BollingerUpper(period) => bollinger(&closes(bars), period).iter().map(|bands| bands.upper).collect(),
        Feature::BollingerLower(period) => bollinger(&closes(bars), period).iter().map(|bands| bands.lower).collect(),
        Feature::GarmanKlass(period) => garman_klass(bars, period),
        Feature::RogersSatchell(period) => rogers_satchell(bars, period),
        Feature::YangZhang(period) => yang_zhang(bars, period),
        Feature::Semivariance { period, side } => semivariance(&closes(bars), period, side),
        Feature::Overnight => overnight(bars),
        Feature::LogReturn => log_return(&closes(bars)),
        Feature::Range => range(bars),
    }
}

/// Bits, so that NaN equals NaN and 0 differs from -0.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// A slow second writing of Cutler's RSI, straight from the contract.
fn plain_cutler(closes: &[f64], row: usize) -> f64 {
    let change = |i: usize| if i == 0 { 0.0 } else { closes[i] - closes[i - 1] };
    let window = (row + 1 - 14)..=row;
    let gain: f64 = window.clone().map(|i| change(i).max(0.0)).sum::<f64>() / 14.0;
    let loss: f64 = window.map(|i| (-change(i)).max(0.0)).sum::<f64>() / 14.0;
    match (gain == 0.0, loss == 0.0) {
        (true, true) => 50.0,
        (false, true) => 100.0,
        _ => 100.0 - 100.0 / (1.0 + gain / loss),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn batch_step_and_frame_agree_bit_for_bit(bars in any_bars(21..90)) {
        let features = FeatureSet::new(every_feature()).unwrap();
        let frame = features.frame(&Bars::new(Ticker::new("X").unwrap(), bars.clone()).unwrap()).unwrap();
        for (feature, column) in features.iter().zip(frame.values().columns()) {
            let mut step = feature.step();
            let steps: Vec<f64> = bars.iter().map(|bar| step.push(bar).unwrap_or(f64::NAN)).collect();
            prop_assert_eq!(bits(&batch(*feature, &bars)), bits(&steps), "{}", feature);
            prop_assert_eq!(bits(&column.to_vec()), bits(&steps[frame.skipped()..]), "{}", feature);
        }
    }

    /// A feature at day t must not change when the days after t do.
    #[test]
    fn another_future_moves_no_past_value(past in any_bars(1..60), future in any_bars(1..30), other in any_bars(1..30)) {
        let rows = past.len();
        let with = |future: Vec<Bar>| dated(past.iter().copied().chain(future).collect());
        let (one, two) = (with(future), with(other));
        for feature in every_feature() {
            let alone = bits(&batch(feature, &past));
            prop_assert_eq!(&bits(&batch(feature, &one)[..rows]), &alone, "{}", feature);
            prop_assert_eq!(&bits(&batch(feature, &two)[..rows]), &alone, "{}", feature);
        }
    }

    #[test]
    fn exactly_the_first_lookback_rows_have_no_value(bars in any_bars(1..60)) {
        for feature in every_feature() {
            let missing: Vec<bool> = batch(feature, &bars).iter().map(|value| value.is_nan()).collect();
            let expected: Vec<bool> = (0..bars.len()).map(|row| row < feature.lookback()).collect();
            prop_assert_eq!(missing, expected, "{}", feature);
        }
    }

    /// Features of a window are the same wherever the history began, so a short history serves as well as a long one.
    #[test]
    fn window_features_depend_on_their_window_alone(bars in any_bars(30..90), cut in 0..15_usize) {
        // One row more than the look-back of RSI14: its first difference needs a close before it.
        let settled = 14;
        for word in ["RSI14", "SMA9", "BB10_upper", "GK8", "RS4", "YZ9", "SV6_up", "Overnight", "LogReturn", "Range"] {
            let feature: Feature = word.parse().unwrap();
            let (long, short) = (batch(feature, &bars), batch(feature, &bars[cut..]));
            prop_assert_eq!(bits(&long[cut + settled..]), bits(&short[settled..]), "{}", word);
        }
    }

    #[test]
    fn rsi_stays_within_0_and_100(bars in any_bars(20..80)) {
        for word in ["RSI14", "RSI1", "RSI5_wilder", "RSI7_ema"] {
            let values = batch(word.parse().unwrap(), &bars);
            prop_assert!(values.iter().all(|value| value.is_nan() || (0.0..=100.0).contains(value)), "{}", word);
        }
    }

    #[test]
    fn rsi_has_no_unit(bars in any_bars(20..80), factor in 0.001..1000.0_f64) {
        let scaled = |factor: f64| closes(&bars).iter().map(|close| close * factor).collect::<Vec<_>>();
        for kind in [RsiKind::Cutler, RsiKind::Wilder, RsiKind::Ema] {
            let values = rsi(&closes(&bars), Period::RSI, kind);
            // A power of two scales without rounding.
            prop_assert_eq!(bits(&rsi(&scaled(8.0), Period::RSI, kind)), bits(&values));
            // Elsewhere a difference of two rounded prices is off by 1e-13, against differences of the order of 1.
            for (value, other) in values.iter().zip(rsi(&scaled(factor), Period::RSI, kind)) {
                prop_assert!(value.is_nan() && other.is_nan() || (value - other).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn cutler_is_the_contract_written_plainly(bars in any_bars(14..60)) {
        let closes = closes(&bars);
        let values = rsi(&closes, Period::RSI, RsiKind::Cutler);
        for (row, value) in values.iter().enumerate().skip(13) {
            // Both are within a few ulp of 100.
            prop_assert!((value - plain_cutler(&closes, row)).abs() < 1e-11, "row {}", row);
        }
    }

    #[test]
    fn a_constant_series_has_macd_0_and_is_its_own_ema(close in 0.01..1e6_f64, rows in 1..200_usize) {
        let closes = vec![close; rows];
        prop_assert_eq!(macd(&closes), vec![0.0; rows]);
        prop_assert_eq!(ema(&closes, Period::RSI), closes);
    }

    /// Prices on a logarithmic scale turned upside down: the same distances, falls for rises.
    #[test]
    fn volatilities_are_the_same_upside_down_and_semivariances_change_sides(bars in any_bars(20..60)) {
        let turned: Vec<Bar> = bars
            .iter()
            .map(|b| Bar { open: 1.0 / b.open, high: 1.0 / b.low, low: 1.0 / b.high, close: 1.0 / b.close, ..*b })
            .collect();
        for (word, other) in [("GK8", "GK8"), ("RS4", "RS4"), ("YZ9", "YZ9"), ("SV6_down", "SV6_up")] {
            let (one, two) = (batch(word.parse().unwrap(), &bars), batch(other.parse().unwrap(), &turned));
            for (a, b) in one.iter().zip(&two) {
                // Terms of the order of 0.01 that cancel lose 1e-16 of it, and a root of 1e-18 is 1e-9.
                prop_assert!(a.is_nan() && b.is_nan() || (a - b).abs() < 1e-8, "{}: {} {}", word, a, b);
            }
        }
    }

    #[test]
    fn volatilities_are_never_below_0(bars in any_bars(20..60)) {
        for word in ["GK1", "RS1", "YZ1", "YZ2", "SV1_down", "SV1_up"] {
            let feature: Feature = word.parse().unwrap();
            let values = batch(feature, &bars);
            prop_assert!(values[feature.lookback()..].iter().all(|value| *value >= 0.0), "{}: {:?}", word, values);
        }
    }

    #[test]
    fn the_sides_of_the_variance_add_up_and_so_do_night_and_day(bars in any_bars(8..60)) {
        let period = Period::new(7).unwrap();
        let returns = log_return(&closes(&bars));
        let sides = [Side::Down, Side::Up].map(|side| semivariance(&closes(&bars), period, side));
        let nights = overnight(&bars);
        for row in 7..bars.len() {
            let squares = returns[row - 6..=row].iter().map(|r| r * r).sum::<f64>() / 7.0;
            prop_assert!((sides[0][row] + sides[1][row] - squares).abs() < 1e-14);
            let day = (bars[row].close / bars[row].open).ln();
            prop_assert!((nights[row] + day - returns[row]).abs() < 1e-14);
        }
    }

    #[test]
    fn bands_hold_their_mean_between_them(bars in any_bars(10..60)) {
        let period = Period::new(10).unwrap();
        let means = sma(&closes(&bars), period);
        for (bands, mean) in bollinger(&closes(&bars), period).into_iter().zip(means).skip(9) {
            prop_assert!(bands.lower <= bands.middle && bands.middle <= bands.upper);
            prop_assert_eq!(bands.middle, mean);
        }
    }
}
