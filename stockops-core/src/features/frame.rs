//! `Frame`: features of one ticker, row by row beside their bars.

use chrono::NaiveDate;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::FeatureSet;
use crate::error::{Error, Result};
use crate::market::{Bar, Bars, Ticker};

/// The features of one ticker: one row a session, one column a feature.
///
/// Invariants: at least one row; row `i` of the values belongs to bar `i`; every value is finite and depends on bars up
/// to its own row only. Made by [`FeatureSet::frame`].
///
/// # Example
///
/// ```
/// use stockops_core::{Bar, Bars, FeatureSet, Ticker};
///
/// let bar = |day: u32| {
///     let date = chrono::NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
///     let close = 100.0 + f64::from(day);
///     Bar { date, open: close, high: close + 1.0, low: close - 1.0, close, volume: 1e6 }
/// };
/// let bars = Bars::new(Ticker::new("GOOG")?, (1..=20).map(bar).collect())?;
/// let frame = FeatureSet::default().frame(&bars)?;
/// assert_eq!((frame.len(), frame.skipped()), (7, 13)); // RSI14 has its first value at row 13
/// assert_eq!(frame.values().dim(), (7, 7)); // (rows, features)
/// assert_eq!(frame.values()[[0, 3]], frame.bars()[0].close);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    bars: Bars,
    features: FeatureSet,
    /// Shape `(rows, features)`.
    values: Array2<f64>,
    skipped: usize,
}

impl FeatureSet {
    /// Compute the features of `bars`; warm-up rows are dropped, never filled backwards.
    ///
    /// # Errors
    ///
    /// - [`Error::TooShort`] where no row would be left.
    /// - [`Error::Bar`] where prices are so large that a feature is not finite.
    pub fn frame(&self, bars: &Bars) -> Result<Frame> {
        Frame::new(self, bars)
    }

    /// [`frame`](Self::frame) of many tickers on all cores, in the order given.
    ///
    /// A ticker that fails does not stop the others. A frame takes about `rows * (48 + 8 * features)` bytes, so for
    /// thousands of long histories give `all` in parts.
    pub fn frames(&self, all: &[Bars]) -> Vec<Result<Frame>> {
        all.par_iter().map(|bars| self.frame(bars)).collect()
    }
}

#[expect(clippy::len_without_is_empty, reason = "a frame is never empty")]
impl Frame {
    /// See [`FeatureSet::frame`].
    fn new(features: &FeatureSet, bars: &Bars) -> Result<Self> {
        let skipped = features.lookback();
        if bars.len() <= skipped {
            let what = format!("the feature frame of {}", bars.ticker());
            return Err(Error::TooShort { what, needed: skipped + 1, got: bars.len() });
        }
        let rows = bars.len() - skipped;
        let frame =
            Self { bars: bars.last(rows), features: features.clone(), values: fill(features, bars, skipped), skipped };
        frame.check_finite()?;
        Ok(frame)
    }

    /// Finite bars can still overflow: the sum of twenty closes of 1e308 is infinite.
    fn check_finite(&self) -> Result<()> {
        match self.values.indexed_iter().find(|(_, value)| !value.is_finite()) {
            None => Ok(()),
            Some(((row, column), value)) => Err(Error::Bar {
                ticker: self.ticker().to_string(),
                date: self.bars()[row].date,
                problem: format!("{} is {value}, not a finite number", self.features.as_slice()[column]),
            }),
        }
    }

    /// Whose features.
    pub fn ticker(&self) -> &Ticker {
        self.bars.ticker()
    }

    /// Which columns, in which order.
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// The bars of the rows, oldest first.
    pub fn bars(&self) -> &[Bar] {
        self.bars.as_slice()
    }

    /// The days of the rows, oldest first.
    pub fn dates(&self) -> impl ExactSizeIterator<Item = NaiveDate> + DoubleEndedIterator + '_ {
        self.bars.iter().map(|bar| bar.date)
    }

    /// The values, shape `(rows, features)`.
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// Number of rows, at least 1.
    pub fn len(&self) -> usize {
        self.bars.len()
    }

    /// Bars at the front that were dropped as warm-up, because some feature had no value yet.
    pub fn skipped(&self) -> usize {
        self.skipped
    }
}

/// Values of all rows after the first `skipped`, shape `(rows, features)`.
fn fill(features: &FeatureSet, bars: &Bars, skipped: usize) -> Array2<f64> {
    let mut values = Array2::zeros((bars.len() - skipped, features.len()));
    for (feature, mut column) in features.iter().zip(values.columns_mut()) {
        let mut step = feature.step();
        let series = bars.iter().map(|bar| step.push(bar).unwrap_or(f64::NAN));
        for (cell, value) in column.iter_mut().zip(series.skip(skipped)) {
            *cell = value;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(count: u64, price: f64) -> Bars {
        let day = |i| NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(i);
        let bar = |i| Bar { date: day(i), open: price, high: price, low: price, close: price, volume: 0.0 };
        Bars::new(Ticker::new("GOOG").unwrap(), (0..count).map(bar).collect()).unwrap()
    }

    #[test]
    fn one_bar_more_than_the_warm_up_is_enough_and_one_less_says_so() {
        let frame = FeatureSet::default().frame(&bars(14, 10.0)).unwrap();
        assert_eq!((frame.len(), frame.skipped(), frame.values().dim()), (1, 13, (1, 7)));
        assert_eq!(frame.dates().next(), Some("2024-01-14".parse().unwrap()));
        assert_eq!(frame.values().row(0).to_vec(), [10.0, 10.0, 10.0, 10.0, 0.0, 50.0, 0.0]);

        let message = FeatureSet::default().frame(&bars(13, 10.0)).unwrap_err().to_string();
        assert_eq!(message, "the feature frame of GOOG needs at least 14 bars, got 13; give a longer history");
        assert!(FeatureSet::default().frame(&bars(0, 10.0)).is_err());
    }

    #[test]
    fn prices_too_large_to_add_up_are_refused_by_name() {
        let features = FeatureSet::new(vec!["SMA2".parse().unwrap()]).unwrap();
        let message = features.frame(&bars(3, 1.5e308)).unwrap_err().to_string();
        let text = "GOOG 2024-01-02: SMA2 is inf, not a finite number; correct or remove this row";
        assert_eq!(message, text);
    }

    #[test]
    fn many_tickers_come_back_in_order_and_one_failure_stands_alone() {
        let all = [bars(20, 1.0), bars(3, 2.0), bars(30, 3.0)];
        let frames = FeatureSet::default().frames(&all);
        assert_eq!(frames[0].as_ref().unwrap().len(), 7);
        assert!(matches!(frames[1], Err(Error::TooShort { needed: 14, got: 3, .. })));
        assert_eq!(frames[2].as_ref().unwrap(), &FeatureSet::default().frame(&all[2]).unwrap());
    }
}
