//! `Encoding`: bars to stationary rows, and rows back to bars that are possible.

use chrono::NaiveDate;
use ndarray::{Array2, ArrayView2, s};
use serde::{Deserialize, Serialize};

use super::past::{DayLogs, Logged, Past, RANGE_FLOOR, USUAL_DAYS, Usual, log_range};
use crate::error::{Error, Result};
use crate::features::{Feature, FeatureSet};
use crate::market::{Bar, Bars};

/// Fewest bars before the first row: the warm-up of RSI14, so that the default features lose no more.
const LEAST_LEVEL_DAYS: usize = 13;

/// Largest |log price move| and log range of a day that decoding gives: a factor of e^5, so that no output of a network
/// is ever infinite.
const MOVE_CEILING: f64 = 5.0;

/// How bars become the rows that a network sees, and how its rows become bars again.
///
/// With `R = ln(High/Low)` (at least 0.0002), `u = exp(mean of ln R)` and `v = mean of ln Volume` over the 20 days before
/// (fewer at the start of a history), [`Encoding::Stationary`] has, in the columns of the features of the same name:
///
/// | column | row | meaning |
/// | --- | --- | --- |
/// | Open | `ln(Open/Low) / R - 1/2` | where in the day's range it opened, -1/2 to 1/2 |
/// | High | `ln R - ln u` | how wide the day was against its usual width |
/// | Low | `ln(Close/Low) / R - 1/2` | where in the range it closed |
/// | Close | `ln(Close / last Close) / u` | the day's move in usual widths |
/// | Volume | `ln Volume - v` | against its usual volume; unknown (0) counts as usual |
/// | RSI | `(RSI - 50) / 50` | |
/// | MACD, ATR | `x / Close / u` | |
/// | EMA, SMA, Bollinger | `(x / Close - 1) / u` | |
/// | LogReturn, Overnight | `x / u` | |
/// | semivariance | `sqrt(x) / u` | |
/// | Range, volatilities | `ln x - ln u` | |
///
/// So a row says the same about an index at 4,000 and a stock at 12, which is what lets one network serve both, and a row
/// of zeros is the 20-day mean rule. Decoding runs from the last close, day by day, and gives
/// `Low <= min(Open, Close)`, `High >= max(Open, Close)` and `Volume >= 0` whatever the row says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Rows that do not depend on the price level.
    #[default]
    Stationary,
    /// Raw feature values, as the original system has them: for parity tests only.
    Levels,
}

/// Encoded rows of one series with the days that they stand on.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Day of each row.
    pub days: Vec<NaiveDate>,
    /// Shape (rows, features).
    pub values: Array2<f64>,
    /// Usual log width of a day, `u`, known at the close of each row: the unit of errors.
    pub unit: Vec<f64>,
    /// Bars before the first row: the warm-up of the indicators.
    pub skipped: usize,
}

impl Encoding {
    /// Bars before the first row: the look-back of the features, at least 13.
    pub fn warm_up(features: &FeatureSet) -> usize {
        features.lookback().max(LEAST_LEVEL_DAYS)
    }

    /// Encode all bars after the warm-up of `features`.
    ///
    /// Row t depends on bars up to t alone.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] where no row is left; [`Error::Config`] where one of Open, High, Low, Close and Volume is not
    /// among the features.
    pub fn encode(self, bars: &Bars, features: &FeatureSet) -> Result<Rows> {
        self.encode_last(bars, Logged::of(bars.as_slice()).whole(), features, bars.len())
    }

    /// [`encode`](Self::encode), where the logs of `bars` are at hand, of the last `most` bars after the warm-up alone.
    pub(crate) fn encode_last(self, bars: &Bars, logged: Past<'_>, features: &FeatureSet, most: usize) -> Result<Rows> {
        Columns::of(features)?;
        let frame = features.frame(bars)?;
        let skipped = Self::warm_up(features);
        if bars.len() <= skipped {
            let what = format!("encoding {}", bars.ticker());
            return Err(Error::TooShort { what, needed: skipped + 1, got: bars.len() });
        }
        let skipped = skipped.max(bars.len().saturating_sub(most));
        let encoded = &bars.as_slice()[skipped..];
        let mut level = Level::after(logged.first(skipped));
        let mut values = frame.values().slice(s![skipped - frame.skipped().., ..]).to_owned();
        let mut unit = Vec::with_capacity(encoded.len());
        for (place, (bar, mut row)) in (skipped..).zip(encoded.iter().zip(values.rows_mut())) {
            if self == Self::Stationary {
                for (value, feature) in row.iter_mut().zip(features.iter()) {
                    *value = level.encode(bar, *feature, *value);
                }
            }
            level = Level::after(logged.first(place + 1));
            unit.push(level.unit);
        }
        Ok(Rows { days: encoded.iter().map(|bar| bar.date).collect(), values, unit, skipped })
    }

    /// Decode `rows`, shape (days, features), that follow `history`: one bar for each day of `days`.
    ///
    /// Undoes [`encode`](Self::encode) for bars with High > Low and Volume > 0; a day without range comes back 0.0002
    /// wide around its price, one without volume at the usual volume.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] without history, [`Error::Shape`] where `rows` is not (days, features).
    pub fn decode(
        self,
        history: &[Bar],
        features: &FeatureSet,
        days: &[NaiveDate],
        rows: ArrayView2<'_, f64>,
    ) -> Result<Vec<Bar>> {
        self.decode_after(Past::of(history), features, days, rows)
    }

    /// [`decode`](Self::decode) where the logs are at hand.
    pub(crate) fn decode_after(
        self,
        history: Past<'_>,
        features: &FeatureSet,
        days: &[NaiveDate],
        rows: ArrayView2<'_, f64>,
    ) -> Result<Vec<Bar>> {
        let columns = Columns::of(features)?;
        if rows.dim() != (days.len(), features.len()) {
            return Err(Error::shape("rows to decode", &[days.len(), features.len()], rows.shape()));
        }
        let Some(last) = history.bars().last() else {
            return Err(Error::TooShort { what: "decoding".into(), needed: 1, got: 0 });
        };
        let mut recent: Vec<DayLogs> = history.last(USUAL_DAYS).logs().collect();
        let mut last_close = last.close;
        let bar_of = |(date, row): (&NaiveDate, ndarray::ArrayView1<'_, f64>)| {
            let cells = columns.0.map(|column| row[column]);
            let bar = match self {
                Self::Stationary => {
                    let usual = Usual::of(recent[recent.len().saturating_sub(USUAL_DAYS)..].iter().copied());
                    Level::of(Some(last_close), usual).decode(*date, cells)
                }
                Self::Levels => repaired(*date, cells),
            };
            recent.push(DayLogs::of(&bar));
            last_close = bar.close;
            bar
        };
        Ok(days.iter().zip(rows.rows()).map(bar_of).collect())
    }
}

/// Where Open, High, Low, Close and Volume stand among the features.
struct Columns([usize; 5]);

impl Columns {
    fn of(features: &FeatureSet) -> Result<Self> {
        let mut columns = [0; 5];
        let wanted = [Feature::Open, Feature::High, Feature::Low, Feature::Close, Feature::Volume];
        for (column, feature) in columns.iter_mut().zip(wanted) {
            *column = features.position(feature).ok_or_else(|| Error::Config {
                field: "features",
                rule: "a set with Open, High, Low, Close and Volume",
                got: features.names().join(", "),
            })?;
        }
        Ok(Self(columns))
    }
}

/// What rows are measured against after some day.
struct Level {
    close: Option<f64>,
    /// Usual log width of a day, and its log.
    unit: f64,
    log_unit: f64,
    log_volume: Option<f64>,
}

impl Level {
    fn after(past: Past<'_>) -> Self {
        Self::of(past.bars().last().map(|bar| bar.close), past.usual())
    }

    fn of(close: Option<f64>, usual: Usual) -> Self {
        Self { close, unit: usual.range, log_unit: usual.range.ln(), log_volume: usual.log_volume }
    }

    fn encode(&self, bar: &Bar, feature: Feature, value: f64) -> f64 {
        let unit = self.unit;
        match feature {
            Feature::Open => position(bar, bar.open),
            Feature::High => log_range(bar).ln() - self.log_unit,
            Feature::Low => position(bar, bar.close),
            Feature::Close => self.close.map_or(0.0, |last| (bar.close / last).ln() / unit),
            Feature::Volume if bar.volume > 0.0 => self.log_volume.map_or(0.0, |usual| bar.volume.ln() - usual),
            Feature::Volume => 0.0,
            Feature::Rsi { .. } => (value - 50.0) / 50.0,
            Feature::Macd | Feature::Atr(_) => value / bar.close / unit,
            Feature::Ema(_) | Feature::Sma(_) | Feature::BollingerUpper(_) | Feature::BollingerLower(_) => {
                (value / bar.close - 1.0) / unit
            }
            Feature::Semivariance { .. } => value.sqrt() / unit,
            Feature::LogReturn | Feature::Overnight => value / unit,
            Feature::GarmanKlass(_) | Feature::RogersSatchell(_) | Feature::YangZhang(_) | Feature::Range => {
                value.max(RANGE_FLOOR).ln() - self.log_unit
            }
        }
    }

    /// The bar that `cells` (open, high, low, close, volume) stand for.
    fn decode(&self, date: NaiveDate, [open, high, low, close, volume]: [f64; 5]) -> Bar {
        let finite = |cell: f64| if cell.is_nan() { 0.0 } else { cell };
        let range = (finite(high) + self.log_unit).exp().clamp(RANGE_FLOOR, MOVE_CEILING);
        let log_close = self.close.unwrap_or(1.0).ln() + (finite(close) * self.unit).clamp(-MOVE_CEILING, MOVE_CEILING);
        let usual_volume = self.log_volume.map(|usual| (usual + finite(volume)).clamp(-700.0, 700.0).exp());
        bar_within(date, log_close, range, [open, low], usual_volume.unwrap_or(0.0))
    }
}

/// Where `price` lies in the day's log range, from -1/2 to 1/2; 0 where there is no range.
pub(crate) fn position(bar: &Bar, price: f64) -> f64 {
    let range = (bar.high / bar.low).ln();
    if range > 0.0 { ((price / bar.low).ln() / range).clamp(0.0, 1.0) - 0.5 } else { 0.0 }
}

/// The bar that closes at `log_close` after a day of log width `range`, with open and close at these places in it, from
/// -1/2 to 1/2.
pub(crate) fn bar_within(date: NaiveDate, log_close: f64, range: f64, [open, close]: [f64; 2], volume: f64) -> Bar {
    let inside = |place: f64| if place.is_nan() { 0.5 } else { (place + 0.5).clamp(0.0, 1.0) };
    let log_low = log_close - inside(close) * range;
    let cells = [log_low + inside(open) * range, log_low + range, log_low, log_close].map(f64::exp);
    repaired(date, [cells[0], cells[1], cells[2], cells[3], volume])
}

/// A possible bar from any numbers: High and Low take in Open and Close, prices stay above 0, Volume at or above 0.
fn repaired(date: NaiveDate, [open, high, low, close, volume]: [f64; 5]) -> Bar {
    let price = |x: f64| if x.is_finite() { x.max(f64::MIN_POSITIVE) } else { f64::MIN_POSITIVE };
    let (open, close) = (price(open), price(close));
    let volume = if volume.is_finite() { volume.max(0.0) } else { 0.0 };
    Bar { date, open, high: price(high).max(open).max(close), low: price(low).min(open).min(close), close, volume }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use crate::dataset::{usual_log_volume, usual_range};
    use crate::market::Ticker;
    use crate::testing::{day, random_bars};

    fn encode(bars: &Bars) -> Rows {
        Encoding::Stationary.encode(bars, &FeatureSet::default()).unwrap()
    }

    fn decode(history: &[Bar], days: &[NaiveDate], values: ArrayView2<'_, f64>) -> Vec<Bar> {
        Encoding::Stationary.decode(history, &FeatureSet::default(), days, values).unwrap()
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(bars in random_bars(40..60)) {
            let rows = encode(&bars);
            let back = decode(&bars.as_slice()[..rows.skipped], &rows.days, rows.values.view());
            prop_assert_eq!(back.len(), rows.days.len());
            for (got, wanted) in back.iter().zip(&bars.as_slice()[rows.skipped..]) {
                prop_assert_eq!(got.date, wanted.date);
                // Errors of exp and ln add up over the days, a few ulp each.
                for (a, b) in [(got.open, wanted.open), (got.high, wanted.high), (got.low, wanted.low), (got.close, wanted.close), (got.volume, wanted.volume)] {
                    prop_assert!((a / b - 1.0).abs() < 1e-10, "{got:?} {wanted:?}");
                }
            }
        }

        #[test]
        fn any_numbers_decode_to_possible_bars(bars in random_bars(30..31), cells in prop::collection::vec(prop::num::f64::ANY, 35)) {
            let days: Vec<_> = (100..105).map(day).collect();
            let rows = Array2::from_shape_vec((5, 7), cells).unwrap();
            for encoding in [Encoding::Stationary, Encoding::Levels] {
                let decoded = encoding.decode(bars.as_slice(), &FeatureSet::default(), &days, rows.view()).unwrap();
                prop_assert!(Bars::new(bars.ticker().clone(), decoded).is_ok());
            }
        }

        #[test]
        fn the_future_moves_no_row_of_the_past(bars in random_bars(60..61), cut in 20usize..59) {
            let (all, past) = (encode(&bars), encode(&bars.between(None, Some(bars.as_slice()[cut - 1].date))));
            prop_assert_eq!(all.values.slice(s![..past.days.len(), ..]), past.values);
            prop_assert_eq!(&all.unit[..past.unit.len()], &past.unit[..]);
        }

        #[test]
        fn rows_do_not_depend_on_the_price_level(bars in random_bars(30..31), factor in 0.01f64..100.0) {
            let scaled = bars.iter().map(|b| Bar { open: b.open * factor, high: b.high * factor, low: b.low * factor, close: b.close * factor, ..*b });
            let scaled = Bars::new(bars.ticker().clone(), scaled.collect()).unwrap();
            let (a, b) = (encode(&bars), encode(&scaled));
            for (a, b) in a.values.iter().zip(&b.values) {
                // MACD is a difference of like numbers, divided by a range that may be small.
                prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
            }
        }
    }

    #[test]
    fn a_day_without_range_or_volume_has_its_stated_floor() {
        let flat = |i| Bar { date: day(i), open: 10.0, high: 10.0, low: 10.0, close: 10.0, volume: 0.0 };
        let mut days: Vec<Bar> = (0..20).map(|i| Bar { high: 10.2, low: 9.9, volume: 500.0, ..flat(i) }).collect();
        days.push(flat(20));
        let bars = Bars::new(Ticker::new("HALT").unwrap(), days).unwrap();
        let rows = encode(&bars);
        assert!(rows.values.iter().all(|value| value.is_finite()));
        let last = rows.days.len() - 1;
        let back = decode(&bars.as_slice()[..20], &rows.days[last..], rows.values.slice(s![last.., ..]))[0];
        assert_relative_eq!(back.high / back.low, 2e-4_f64.exp(), epsilon = 1e-12);
        assert_relative_eq!(back.close, 10.0, epsilon = 1e-12);
        assert_relative_eq!(back.volume, 500.0, epsilon = 1e-9);
    }

    #[test]
    fn a_row_of_zeros_is_the_usual_day() {
        let bar = |i| Bar { date: day(i), open: 10.0, high: 11.0, low: 10.0, close: 10.5, volume: 300.0 };
        let bars: Vec<Bar> = (0..30).map(bar).collect();
        let next = decode(&bars, &[day(30)], Array2::zeros((1, 7)).view())[0];
        assert_relative_eq!(next.close, 10.5, epsilon = 1e-12);
        assert_relative_eq!(next.high / next.low, 1.1, epsilon = 1e-12);
        assert_relative_eq!(next.volume, 300.0, epsilon = 1e-9);
    }

    #[test]
    fn without_a_bar_after_the_warm_up_there_is_no_row() {
        let bar = |i| Bar { date: day(i), open: 10.0, high: 11.0, low: 10.0, close: 10.5, volume: 300.0 };
        let bars = |count: u64| Bars::new(Ticker::new("X").unwrap(), (0..count).map(bar).collect()).unwrap();
        let words = ["Open", "High", "Low", "Close", "Volume"];
        let features = FeatureSet::new(words.map(|word| word.parse().unwrap()).to_vec()).unwrap();
        let encoded = |count: u64| Encoding::Stationary.encode(&bars(count), &features);
        assert_eq!(encoded(14).unwrap().days, [day(13)]);
        let text = encoded(13).unwrap_err().to_string();
        assert_eq!(text, "encoding X needs at least 14 bars, got 13; give a longer history");
    }

    #[test]
    fn a_feature_set_without_prices_is_refused() {
        let bars = Bars::new(Ticker::new("X").unwrap(), vec![]).unwrap();
        let features = FeatureSet::new(vec![Feature::Close, Feature::Macd]).unwrap();
        let text = Encoding::Stationary.encode(&bars, &features).unwrap_err().to_string();
        assert_eq!(text, "`features` must be a set with Open, High, Low, Close and Volume, got Close, MACD");
    }

    #[test]
    fn what_is_usual_is_the_mean_of_the_logs_of_20_days_that_are_known() {
        let bar = |i: u64| {
            let wide = if i < 10 { 0.5 } else { 0.01 * (1 + i % 2) as f64 };
            let volume = if i == 20 { 0.0 } else { 1.0 + (i % 2) as f64 };
            Bar { date: day(i), open: 10.0, high: 10.0 * f64::exp(wide), low: 10.0, close: 10.0, volume }
        };
        let bars: Vec<Bar> = (0..30).map(bar).collect();
        assert_relative_eq!(usual_range(&bars), (0.01f64 * 0.02).sqrt(), epsilon = 1e-12);
        assert_eq!(usual_range(&[]), RANGE_FLOOR);
        // Of the last 20 volumes nine are 1, ten are 2 and one is unknown.
        assert_relative_eq!(usual_log_volume(&bars).unwrap(), 10.0 * 2f64.ln() / 19.0, epsilon = 1e-12);
        assert_eq!(usual_log_volume(&bars[20..21]), None);
    }

    /// One row by hand: indicators are relative to price and usual width, prices to the day's own range.
    #[test]
    fn a_row_is_what_the_table_says() {
        let bar = |i: u64| Bar { date: day(i), open: 100.0, high: 102.0, low: 99.0, close: 101.0, volume: 1000.0 };
        let mut days: Vec<Bar> = (0..30).map(bar).collect();
        days.push(Bar { open: 103.0, high: 106.0, low: 102.0, close: 104.0, volume: 3000.0, ..bar(30) });
        let bars = Bars::new(Ticker::new("X").unwrap(), days).unwrap();
        let words = ["Open", "High", "Low", "Close", "Volume", "RSI14", "MACD", "ATR14", "SMA20", "LogReturn", "Range"];
        let features = FeatureSet::new(words.map(|word| word.parse().unwrap()).to_vec()).unwrap();
        let raw = features.frame(&bars).unwrap();
        let raw = raw.values().row(raw.values().nrows() - 1).to_vec();
        let rows = Encoding::Stationary.encode(&bars, &features).unwrap();
        let row = rows.values.row(rows.values.nrows() - 1);
        let (unit, range) = ((102.0f64 / 99.0).ln(), (106.0f64 / 102.0).ln());
        let wanted = [
            (103.0f64 / 102.0).ln() / range - 0.5,
            range.ln() - unit.ln(),
            (104.0f64 / 102.0).ln() / range - 0.5,
            (104.0f64 / 101.0).ln() / unit,
            3f64.ln(),
            (raw[5] - 50.0) / 50.0,
            raw[6] / 104.0 / unit,
            raw[7] / 104.0 / unit,
            (raw[8] / 104.0 - 1.0) / unit,
            raw[9] / unit,
            raw[10].ln() - unit.ln(),
        ];
        for (word, (own, wanted)) in words.iter().zip(row.iter().zip(wanted)) {
            assert!((own - wanted).abs() < 1e-9, "{word}: {own} {wanted}");
        }
        assert_eq!(
            Encoding::Levels.encode(&bars, &features).unwrap().values.row(rows.values.nrows() - 1).to_vec(),
            raw
        );
    }
}
